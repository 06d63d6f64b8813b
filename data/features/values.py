"""A view's values as a Delta table: one row for each moment at which something new became known of an entity."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from data.errors import Busy
from data.features import datafiles
from data.features.fetch import AT, ROW, Asked, fetch
from data.features.history import History
from data.features.moments import ASKED, Moments, Since
from data.features.plan import key_columns
from data.features.results import array
from data.features.scan import Scan
from data.features.workspace import workspace
from data.sources.delta import latest_version
from data.sources.growth import added_files

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

SLICE = 50_000
"""Moments whose values are held at once."""


@dataclass(frozen=True)
class Position:
    """How far a table of values is: the version of the history, and the moment (microseconds)."""

    version: int
    until: int


class ValueTable:
    """The table of one view, in one definition: `lake/features/values/VIEW-DIGEST` in the home."""

    def __init__(self, history: History, digest: str, home: Path) -> None:
        self.history, self.plan, self.home = history, history.plan, home
        self._made = 0
        self.folder = home / "lake" / "features" / "values" / digest

    def advance(self, until: int, progress: Callable[[int], None] = lambda rows: None) -> int:
        """Add the values of all moments up to `until` that are not there, and put those right which late events
        changed, in one commit. Returns the rows that were written; Busy when another process was faster."""
        version = self.history.version
        before = self._position()
        if version is None or (before is not None and before.version == version and before.until >= until):
            return 0
        target = Position(version, max(until, before.until if before else until))
        files = self.history.files(version)
        added = None if before is None else added_files(self.history.folder, before.version, version)
        since = None if before is None or added is None else Since(before.until, added)
        with workspace(self.home) as work:
            moments = Moments(work, self.plan, files, target.until, since)
            rows, replaced = moments.look() if since else (0, False)
            if since and not rows:
                return 0
            batches = self._batches(work, Scan.of(files, self.plan), moments, progress)
            self._write(batches, before, target, replaced=replaced, anew=since is None)
        return self._made

    def _batches(
        self, work: duckdb.DuckDBPyConnection, scan: Scan, moments: Moments, progress: Callable[[int], None]
    ) -> pa.RecordBatchReader:
        import pyarrow as pa

        fields = [pa.field(o.name, array(o, [], []).type) for o in self.plan.outputs]
        schema = pa.schema([*moments.schema, *fields])
        self._made = 0

        def made() -> Iterator[pa.RecordBatch]:
            for rows in moments.pieces():
                for start in range(0, rows, SLICE):
                    end = min(rows, start + SLICE)
                    yield from self._slice(work, scan, start, end, schema).to_batches(datafiles.ROW_GROUP)
                    self._made += end - start
                    progress(self._made)

        return pa.RecordBatchReader.from_batches(schema, made())

    def _slice(self, work: duckdb.DuckDBPyConnection, scan: Scan, start: int, end: int, schema: pa.Schema) -> pa.Table:
        import pyarrow as pa

        keys = key_columns(self.plan.keys)
        work.execute(
            f"CREATE OR REPLACE TEMP TABLE slice AS SELECT {keys}, {AT}, {ROW} - {start} AS {ROW} FROM {ASKED} "
            f"WHERE {ROW} >= {start} AND {ROW} < {end}"
        )
        found = fetch(work, scan, Asked("slice", end - start))
        head = work.execute(f"SELECT {keys}, make_timestamp({AT}) AS {AT} FROM slice ORDER BY {ROW}").to_arrow_table()
        return pa.Table.from_arrays([*head.combine_chunks().columns, *found.columns(0, end - start)], schema=schema)

    def _position(self) -> Position | None:
        from deltalake import DeltaTable

        if latest_version(self.folder / "_delta_log") is None:
            return None
        table = DeltaTable(self.folder)
        version, until = (table.transaction_version(name) for name in self._applications)
        return None if version is None or until is None else Position(version, until)

    @property
    def _applications(self) -> tuple[str, str]:
        name = f"lakewright/features/{self.plan.view.name}"
        return f"{name}/values", f"{name}/until"

    def _write(
        self, rows: pa.RecordBatchReader, before: Position | None, target: Position, *, replaced: bool, anew: bool
    ) -> None:
        from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
        from deltalake.exceptions import CommitFailedError

        self.folder.mkdir(parents=True, exist_ok=True)
        table = DeltaTable(self.folder) if before is not None else None
        if before != self._position():
            raise self._overtaken()
        numbers = zip(self._applications, (target.version, target.until), strict=True)
        properties = CommitProperties(app_transactions=[Transaction(*number) for number in numbers])
        try:
            if table is not None and replaced:
                same = " AND ".join(f'old."{name}" = new."{name}"' for name in (*(k.name for k in self.plan.keys), AT))
                merged = table.merge(rows, same, source_alias="new", target_alias="old", commit_properties=properties)
                merged.when_matched_update_all().when_not_matched_insert_all().execute()
            else:
                mode: Literal["overwrite", "append"] = "overwrite" if anew else "append"
                write_deltalake(table or self.folder, rows, mode=mode, commit_properties=properties, **_writing())
        except CommitFailedError:
            raise self._overtaken() from None

    def _overtaken(self) -> Busy:
        return Busy(f"Somebody else writes the values of '{self.plan.view.name}' at this moment.", "Run it again.")


def _writing() -> dict[str, Any]:
    """How delta-rs writes the table: it holds several row groups of each column, and a file until it is whole."""
    from deltalake import WriterProperties

    properties = WriterProperties(compression="ZSTD", compression_level=1, max_row_group_size=datafiles.ROW_GROUP)
    return {"target_file_size": datafiles.FILE, "writer_properties": properties}
