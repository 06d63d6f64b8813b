"""A file of examples: JSON Lines, the first line saying what they were made from; `.gz` is compressed."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from data.errors import Invalid

STAMP = "stamp"


def write(file: Path, stamp: str, examples: Iterable[Mapping[str, str]]) -> None:
    """Write all beside the file's place and move it there."""
    rows = ({STAMP: stamp}, *examples)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    written = file.with_name(f"{file.name}.part")
    written.write_bytes(gzip.compress(text, mtime=0) if file.suffix == ".gz" else text)
    os.replace(written, file)


def read(file: Path) -> tuple[str, list[dict[str, str]]]:
    """The stamp, empty where there is none, and the examples. Invalid names the line that is no example."""
    try:
        raw = file.read_bytes()
        lines = (gzip.decompress(raw) if file.suffix == ".gz" else raw).decode().split("\n")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise Invalid(f"The examples {str(file)!r} can't be read: {error}.", "Give a file of JSON Lines.") from error
    rows = [_row(file, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    stamp = rows.pop(0)[STAMP] if rows and STAMP in rows[0] else ""
    return stamp, rows


def _row(file: Path, number: int, line: str) -> dict[str, str]:
    try:
        row = json.loads(line)
    except ValueError:
        row = None
    if not isinstance(row, dict):
        raise Invalid(f"{file}:{number} is no JSON object: {line[:60]!r}.", "A line is an example or the stamp.")
    return row
