"""What the demo has put into a home: the hashes of the files that a person may edit afterwards."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

FILE = "demo.json"


def read(home: Path) -> dict[str, object]:
    """The home's receipt; empty where the demo has built nothing."""
    try:
        found = json.loads((home / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write(home: Path, receipt: Mapping[str, object]) -> None:
    """Keep the receipt in the home."""
    (home / FILE).write_text(json.dumps(receipt, indent=2) + "\n", encoding="utf-8")


def digest(file: Path) -> str:
    """The hash of what a file holds."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def untouched(home: Path, name: str) -> bool:
    """Whether a file of the home is as the demo wrote it."""
    return (home / name).is_file() and read(home).get(name) == digest(home / name)


def renew(home: Path, name: str) -> None:
    """The demo itself has changed a file that was untouched."""
    write(home, {**read(home), name: digest(home / name)})
