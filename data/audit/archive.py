"""The Delta table of the trail: append-only, and each batch in it once, whatever was killed when."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.audit.chain import Head, Row
from data.audit.record import arrow
from data.errors import Unavailable
from data.sources.base import literal
from data.sources.delta import latest_version

if TYPE_CHECKING:
    from deltalake import DeltaTable

    from data.audit.journal import Line

APP = "lakewright.audit"
"""The name of our transactions in the table's log; their version is the last record that they brought."""

CHUNK = 2_000
"""Rows that are read at a time."""

SMALL_FILES = 64
"""So many files are joined to larger ones."""

LARGE = 32 * 1024 * 1024
"""Bytes of a file that is not joined any more."""


class Archive:
    """The records that have left the journal."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def version(self) -> int | None:
        """The table's newest version, or None where there is no table."""
        return latest_version(self.path / "_delta_log")

    def append(self, lines: Sequence[Line]) -> int:
        """Add those of the lines that are not in the table yet; the last record that is in it afterwards."""
        import deltalake

        try:
            last = self.last()
            fresh = [line for line in lines if line[0] > last]
            if fresh:
                last = fresh[-1][0]
                self._write(fresh, last)
        except (deltalake.exceptions.DeltaError, OSError) as error:
            raise Unavailable(f"The audit table can't be written: {error}.", "Free the disk.") from None
        return last

    def last(self) -> int:
        """The place of the last record in the table; 0 without one."""
        if self.version is None:
            return 0
        last = self._table().transaction_version(APP)
        return self.end().seq if last is None else int(last)

    def end(self) -> Head:
        """Place and hash of the last record in the table."""
        rows = self._query("ORDER BY seq DESC LIMIT 1")
        return next((Head(int(row.seq), str(row.hash)) for row in rows), Head())

    def rows(self, after: int | None = None) -> Iterator[Row]:
        """The records in their order, all or those after a place, a few at a time."""
        yield from self._query(f"{'' if after is None else f'WHERE seq > {after:d} '}ORDER BY seq")

    def files(self, version: int | None = None) -> list[str]:
        """The table's files in a version, the newest by default."""
        return [] if self.version is None else _paths(self._table(version))

    def changed_at(self, version: int) -> datetime:
        """When a version was made."""
        return datetime.fromtimestamp((self.path / "_delta_log" / f"{version:020}.json").stat().st_mtime, UTC)

    def _write(self, lines: Sequence[Line], last: int) -> None:
        from deltalake import CommitProperties, Transaction, write_deltalake

        self.path.mkdir(parents=True, exist_ok=True)
        write_deltalake(
            str(self.path),
            arrow(lines),
            mode="append",
            schema_mode="merge",
            configuration={"delta.appendOnly": "true"},
            commit_properties=CommitProperties(app_transactions=[Transaction(APP, last)]),
        )
        table = self._table()
        if len(_paths(table)) >= SMALL_FILES:
            table.optimize.compact(target_size=LARGE)
        self._settle(table.version())

    def _settle(self, newest: int) -> None:
        """Have the newest commits on the disk, with the files that they name: the journal forgets them
        next."""
        log = self.path / "_delta_log"
        for version in range(max(0, newest - 1), newest + 1):
            commit = log / f"{version:020}.json"
            for line in commit.read_bytes().splitlines():  # bytes, as text has other ends of lines within strings
                added = json.loads(line).get("add")
                if added is not None:
                    _sync(self.path / added["path"])
            _sync(commit)
        for file in (*log.glob(f"{newest:020}.checkpoint*"), *log.glob("_last_checkpoint"), log, self.path):
            _sync(file)

    def _query(self, rest: str) -> Iterator[Row]:
        import duckdb

        files = ", ".join(literal(file) for file in self.files())
        if not files:
            return
        settings = {"memory_limit": "512MB", "threads": 1, "temp_directory": str(self.path.parent / "spill")}
        try:
            with duckdb.connect(config=settings) as connection:
                found = connection.execute(f"SELECT * FROM read_parquet([{files}], union_by_name = true) {rest}")
                names = [column[0] for column in found.description]
                while chunk := found.fetchmany(CHUNK):
                    yield from (_row(dict(zip(names, values, strict=True))) for values in chunk)
        except (duckdb.Error, OSError) as error:
            raise Unavailable(f"The audit table can't be read: {str(error).splitlines()[0]}.", "Restore it.") from None

    def _table(self, version: int | None = None) -> DeltaTable:
        from deltalake import DeltaTable

        return DeltaTable(str(self.path), version=version)


def _row(facts: dict[str, Any]) -> Row:
    seq, last, text = (facts.pop(name, None) for name in ("seq", "hash", "record"))
    return Row(seq, last, text, facts)


def _paths(table: DeltaTable) -> list[str]:
    return [uri.removeprefix("file://") for uri in table.file_uris()]


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
