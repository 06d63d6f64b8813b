"""Where a stream's schema comes from when it is a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from data.errors import Invalid, NotFound


def document(path: Path) -> dict[str, Any]:
    """The JSON document in a schema file: NotFound where there is none, Invalid where it is no JSON object."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NotFound(f"There is no schema file '{path}'.", "Name the stream's schema, or put it there.") from error
    except (OSError, ValueError, RecursionError) as error:
        raise Invalid(f"The schema file '{path}' can't be read: {error}.", "It must be one JSON document.") from error
    if not isinstance(found, dict):
        raise Invalid(f"The schema file '{path}' holds no JSON object.", "It must be a schema.")
    return found
