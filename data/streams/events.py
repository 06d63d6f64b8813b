"""Events out of a file: JSON lines as they stand, or the rows of a CSV or Parquet file as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson

from data.errors import Invalid, NotFound
from data.values import plain

if TYPE_CHECKING:
    import pyarrow as pa

LONGEST = 16 * 1024 * 1024
"""Bytes of the longest line: a file without line ends must not fill the memory."""
ROWS = 4_096
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Event:
    """An event's bytes, what they say (None when they are no JSON object), and its line or row, from 1."""

    value: bytes
    said: Mapping[str, Any] | None
    number: int


def of_file(path: Path) -> Iterator[Event]:
    """A file's events, read as they are asked for; its kind is told by its ending."""
    if not path.is_file():
        raise NotFound(f"There is no file '{path}'.", "Give the path of a file, or - for the standard input.")
    match path.suffix.lower():
        case ".parquet":
            yield from _of_rows(_parquet(path))
        case ".csv":
            yield from _of_rows(_csv(path))
        case _:
            with path.open("rb") as lines:
                yield from of_lines(lines, str(path))


def of_lines(lines: BinaryIO, name: str) -> Iterator[Event]:
    """One event a line; empty lines are none. Invalid for a line that is longer than LONGEST."""
    number = 0
    while line := lines.readline(LONGEST + 1):
        number += 1
        if len(line) > LONGEST:
            raise Invalid(
                f"{name}:{number}: the line is longer than {LONGEST:,} bytes.", "Is it JSON, one event a line?"
            )
        value = line.removeprefix(BOM if number == 1 else b"").strip()
        if value:
            yield Event(value, _said(value), number)


def _said(value: bytes) -> Mapping[str, Any] | None:
    try:
        said = orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
    return said if isinstance(said, dict) else None


def _of_rows(batches: Iterable[pa.RecordBatch]) -> Iterator[Event]:
    number = 0
    for batch in batches:
        for row in batch.to_pylist():
            number += 1
            said = {name: _moment(value) for name, value in row.items()}
            yield Event(orjson.dumps(said), said, number)


def _moment(value: Any) -> Any:
    """A value as JSON; a moment without a zone is UTC, as those of the lakehouse are."""
    return plain(value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value)


def _parquet(path: Path) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(ROWS)
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, error) from None


def _csv(path: Path) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa
    from pyarrow import csv

    try:
        with csv.open_csv(path) as reader:
            yield from reader
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> Invalid:
    return Invalid(f"'{path}' can't be read: {str(error).splitlines()[0]}", "Is its ending that of its kind?")
