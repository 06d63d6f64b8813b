"""A view's values as a Delta table: one row for each moment at which something new became known of an entity."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from data.errors import Busy
from data.features.fetch import AT, ROW, Asked, fetch
from data.features.history import ROW_GROUP, History, writing
from data.features.plan import KNOWN, TIME, Plan, key_columns
from data.features.results import array
from data.features.workspace import workspace
from data.sources.base import literal
from data.sources.delta import latest_version
from data.sources.growth import added_files

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

SLICE = 250_000
"""Moments whose values are held at once."""

ASKED = "asked"


@dataclass(frozen=True)
class Position:
    """How far a table of values is: the version of the history, and the moment (microseconds)."""

    version: int
    until: int


class ValueTable:
    """The table of one view, in one definition: `lake/features/values/VIEW-DIGEST` in the home."""

    def __init__(self, history: History, digest: str, home: Path) -> None:
        self.history, self.plan, self.home = history, history.plan, home
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
        with workspace(self.home) as work:
            rows, replaced, anew = self._ask(work, files, before, target)
            if not rows and not anew:
                return 0
            batches = self._batches(work, files, rows, progress)
            self._write(batches, before, target, replaced=replaced, anew=anew)
        return rows

    def _ask(
        self, work: duckdb.DuckDBPyConnection, files: Sequence[Path], before: Position | None, target: Position
    ) -> tuple[int, bool, bool]:
        """Number the moments whose values are needed; how many these are, whether some have values already, and
        whether all are made anew."""
        added = None if before is None else added_files(self.history.folder, before.version, target.version)
        keys = key_columns(self.plan.keys)
        work.execute(
            f"CREATE TABLE moments AS SELECT {keys}, {KNOWN} AS {AT}, count(*) AS n FROM {_read(self.plan, files)} "
            f"WHERE {KNOWN} <= {target.until} GROUP BY ALL"
        )
        if before is None or added is None:
            work.execute(f"CREATE TABLE {ASKED} AS {_numbered(keys, 'moments')}")
        else:
            self._ask_new(work, added, before)
        rows = work.execute(f"SELECT count(*) FROM {ASKED}").fetchall()[0][0]
        return rows, added is not None and self._known(work, added, before), added is None

    def _ask_new(self, work: duckdb.DuckDBPyConnection, added: Sequence[Path], before: Position) -> None:
        keys = key_columns(self.plan.keys)
        fresh = (
            f"SELECT {keys}, min({KNOWN}) AS first, max({TIME}) + {self.plan.horizon} AS last "
            f"FROM {_read(self.plan, added)} GROUP BY {keys}"
        )
        empty = f"SELECT {keys}, {AT} AS first, {AT} AS last FROM moments LIMIT 0"
        changed = (
            f"SELECT moments.* FROM moments LEFT JOIN ({fresh if added else empty}) AS fresh USING ({keys}) "
            f"WHERE {AT} > {before.until} OR ({AT} >= first AND {AT} < last)"
        )
        work.execute(f"CREATE TABLE {ASKED} AS {_numbered(keys, f'({changed})')}")

    def _known(self, work: duckdb.DuckDBPyConnection, added: Sequence[Path], before: Position | None) -> bool:
        """Whether a moment that is asked about was there before: not all of its events are new."""
        assert before is not None
        keys = key_columns(self.plan.keys)
        fresh = f"SELECT {keys}, {KNOWN} AS {AT}, count(*) AS fresh FROM {_read(self.plan, added)} GROUP BY ALL"
        joined = f"LEFT JOIN ({fresh}) AS fresh USING ({keys}, {AT})" if added else "CROSS JOIN (SELECT 0 AS fresh)"
        sql = (
            f"SELECT 1 FROM {ASKED} JOIN moments USING ({keys}, {AT}) {joined} "
            f"WHERE {AT} <= {before.until} AND n > coalesce(fresh, 0) LIMIT 1"
        )
        return bool(work.execute(sql).fetchall())

    def _batches(
        self, work: duckdb.DuckDBPyConnection, files: Sequence[Path], rows: int, progress: Callable[[int], None]
    ) -> pa.RecordBatchReader:
        import pyarrow as pa

        keys = key_columns(self.plan.keys)
        head = work.execute(f"SELECT {keys}, make_timestamp({AT}) AS {AT} FROM {ASKED} LIMIT 0").to_arrow_table().schema
        fields = [pa.field(o.name, array(o, [], []).type) for o in self.plan.outputs]
        schema = pa.schema([*head, *fields])

        def made() -> Iterator[pa.RecordBatch]:
            for start in range(0, rows, SLICE):
                yield from self._slice(work, files, start, min(rows, start + SLICE), schema).to_batches(ROW_GROUP)
                progress(min(rows, start + SLICE))

        return pa.RecordBatchReader.from_batches(schema, made())

    def _slice(
        self, work: duckdb.DuckDBPyConnection, files: Sequence[Path], start: int, end: int, schema: pa.Schema
    ) -> pa.Table:
        import pyarrow as pa

        keys = key_columns(self.plan.keys)
        work.execute(
            f"CREATE OR REPLACE TEMP TABLE slice AS SELECT {keys}, {AT}, {ROW} - {start} AS {ROW} FROM {ASKED} "
            f"WHERE {ROW} >= {start} AND {ROW} < {end}"
        )
        found = fetch(work, self.plan, files, Asked("slice", end - start))
        head = work.execute(f"SELECT {keys}, make_timestamp({AT}) AS {AT} FROM slice ORDER BY {ROW}").to_arrow_table()
        columns = [array(o, values.data, values.valid) for o, values in zip(self.plan.outputs, found, strict=True)]
        return pa.Table.from_arrays([*head.combine_chunks().columns, *columns], schema=schema)

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
                write_deltalake(table or self.folder, rows, mode=mode, commit_properties=properties, **writing())
        except CommitFailedError:
            raise self._overtaken() from None

    def _overtaken(self) -> Busy:
        return Busy(f"Somebody else writes the values of '{self.plan.view.name}' at this moment.", "Run it again.")


def _read(plan: Plan, files: Sequence[Path]) -> str:
    if not files:
        columns = ", ".join(f'CAST(NULL AS {key.type}) AS "{key.name}"' for key in plan.keys)
        return f"(SELECT {columns}, 0::BIGINT AS {TIME}, 0::BIGINT AS {KNOWN} WHERE FALSE)"
    return f"read_parquet([{', '.join(literal(str(file)) for file in files)}])"


def _numbered(keys: str, source: str) -> str:
    return f"SELECT {keys}, {AT}, row_number() OVER (ORDER BY {keys}, {AT}) - 1 AS {ROW} FROM {source}"
