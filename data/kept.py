"""The plain data of large YAML files, kept as JSON under a hash of their text: it reads ten times as fast."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from data import markup

ENDING = ".json"


def load(folder: Path, text: str) -> Any:
    """What `markup.load` gives for the text. A folder that can't be written only costs time."""
    file = folder / f"{hashlib.sha256(text.encode()).hexdigest()}{ENDING}"
    with suppress(OSError, ValueError):
        return json.loads(file.read_bytes())
    data = markup.load(text)
    with suppress(OSError, TypeError, ValueError):
        _keep(file, data)
    return data


def _keep(file: Path, data: Any) -> None:
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    if json.loads(text) != data:
        return  # keys that are numbers, or dates, would come back as text
    file.parent.mkdir(mode=0o700, exist_ok=True)
    for old in file.parent.glob(f"*{ENDING}"):
        old.unlink(missing_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=file.parent, delete=False) as draft:
        draft.write(text)
    os.replace(draft.name, file)
