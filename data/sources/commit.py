"""What a commit of a Delta log says about itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

WATERMARK = "lakewright.watermark"
"""The key in a commit's metadata under which a stream says, as ISO time, up to when the table is whole."""


def information(commit: Path) -> dict[str, Any] | None:
    """The facts of a commit's file, none where it has no readable ones; None where it is not in the log any more."""
    try:
        lines = commit.read_bytes().splitlines()
    except OSError:
        return None
    # It may be the first line or the last, by the writer.
    for line in lines:
        if b'"commitInfo"' in line and (facts := _facts(line)):
            return facts
    return {}


def _facts(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    facts = found.get("commitInfo") if isinstance(found, dict) else None
    return facts if isinstance(facts, dict) else {}


def moment(text: object) -> datetime | None:
    """A time in UTC, or None for what is no ISO time: anybody's writer may have put it there."""
    try:
        found = datetime.fromisoformat(str(text))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
