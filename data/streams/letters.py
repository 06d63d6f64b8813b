"""Reading the dead letters: how many there are, and which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from data.sources.base import literal
from data.sources.delta import latest_version
from data.streams.deadletters import FOLDER

PREVIEW = 200
"""Bytes of a value that are shown."""
SETTINGS = {"memory_limit": "512MB", "threads": "2", "preserve_insertion_order": "false"}


@dataclass(frozen=True)
class Letter:
    """A dead letter as it is shown. `value` is the beginning of its bytes as text, None for a tombstone."""

    stream: str
    topic: str
    partition: int
    offset: int
    kind: str
    reason: str
    dead_at: datetime
    replayed_at: datetime | None
    bytes: int
    value: str | None


def outstanding(home: Path) -> Mapping[str, int]:
    """For each stream how many dead letters have not been replayed."""
    rows = _query(home, "SELECT stream, count(*) FROM letters WHERE replayed_at IS NULL GROUP BY stream", [])
    return dict(rows)


def pending(home: Path, stream: str) -> Sequence[int]:
    """The numbers of replays that did not come to their end."""
    sql = "SELECT DISTINCT replay FROM letters WHERE stream = $1 AND replay IS NOT NULL AND replayed_at IS NULL"
    return sorted(number for (number,) in _query(home, sql, [stream]))


def greatest(home: Path, stream: str) -> int:
    """The greatest number that a replay of the stream has had; 0 before the first."""
    found = _query(home, "SELECT coalesce(max(replay), 0) FROM letters WHERE stream = $1", [stream])
    return int(found[0][0]) if found else 0


def listed(home: Path, stream: str | None, kind: str | None, limit: int, *, replayed: bool = False) -> Sequence[Letter]:
    """The newest dead letters; with `replayed` those too that have landed since."""
    sql = f"""
        SELECT stream, topic, partition, "offset", kind, reason, epoch_us(dead_at), epoch_us(replayed_at),
               octet_length(value), value[1:{PREVIEW}]
        FROM letters
        WHERE ($1 IS NULL OR stream = $1) AND ($2 IS NULL OR kind = $2) AND ($3 OR replayed_at IS NULL)
        ORDER BY dead_at DESC, topic, partition, "offset" DESC LIMIT $4"""
    return [_letter(row) for row in _query(home, sql, [stream, kind, replayed, limit])]


def _letter(row: tuple[Any, ...]) -> Letter:
    stream, topic, partition, offset, kind, reason, dead_at, replayed_at, size, value = row
    text = None if value is None else bytes(value).decode("utf-8", "replace")
    at, again = _moment(dead_at), None if replayed_at is None else _moment(replayed_at)
    return Letter(stream, topic, partition, offset, kind, reason, at, again, size or 0, text)


def _moment(microseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


def _query(home: Path, sql: str, parameters: Sequence[object]) -> Sequence[tuple[Any, ...]]:
    """Rows of a query that sees the dead letters as `letters`; none where there are no dead letters."""
    import duckdb
    from deltalake import DeltaTable

    path = home / FOLDER
    if latest_version(path / "_delta_log") is None or not (files := DeltaTable(path).file_uris()):
        return []
    places = ", ".join(literal(file) for file in files)
    with duckdb.connect(config=SETTINGS) as connection:
        connection.execute(f"CREATE TEMP VIEW letters AS FROM read_parquet([{places}])")
        rows: Sequence[tuple[Any, ...]] = connection.execute(sql, list(parameters)).fetchall()
    return rows
