"""A history cut into pieces of whole entities, so that what is held does not grow with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data.features.events import CODE, Bools, Events, Ints
from data.features.plan import KNOWN, TIME, Plan, key_columns
from data.sources.base import literal

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

RUN = "_run"
"""The column that numbers rows of one entity which follow each other."""

SAMPLE = 10_000
"""Events whose keys are looked at to find where to cut."""


def expose(work: duckdb.DuckDBPyConnection, files: Sequence[Path], where: str = "TRUE") -> None:
    """The events of some files as the view `history`."""
    listed = ", ".join(literal(str(file)) for file in files)
    work.execute(f"CREATE OR REPLACE TEMP VIEW history AS SELECT * FROM read_parquet([{listed}]) WHERE {where}")


def pieces(work: duckdb.DuckDBPyConnection, plan: Plan, size: int) -> Iterator[str]:
    """Conditions that cut `history` into pieces of about `size` events by its first key."""
    key = f'"{plan.keys[0].name}"'
    total = work.execute("SELECT count(*) FROM history").fetchall()[0][0]
    cuts: Sequence[Any] = ()
    if total > size:
        sample = work.execute(f"SELECT {key} FROM history USING SAMPLE reservoir({SAMPLE} ROWS) REPEATABLE (7)")
        found = sorted(row[0] for row in sample.fetchall())
        count = -(-total // size)
        cuts = sorted({found[len(found) * i // count] for i in range(1, count)})
    yield from between(cuts, plan)


def between(cuts: Sequence[Any], plan: Plan) -> Iterator[str]:
    """Conditions for what lies before, between and after some values of the first key, which are in order."""
    key = f'"{plan.keys[0].name}"'
    ends = [f"{key} < {typed(cut, plan)}" for cut in cuts]
    starts = [f"{key} >= {typed(cut, plan)}" for cut in cuts]
    for start, end in zip(["TRUE", *starts], [*ends, "TRUE"], strict=True):
        yield f"{start} AND {end}"


def typed(value: Any, plan: Plan) -> str:
    """A value of the first key as it stands in SQL."""
    return f"CAST({literal(str(value))} AS {plan.keys[0].type})"


def number(work: duckdb.DuckDBPyConnection, plan: Plan, source: str, where: str) -> None:
    """Number the entities of a piece, as they stand in `source`, in the table `entities`."""
    keys = key_columns(plan.keys)
    work.execute(
        f"CREATE OR REPLACE TEMP TABLE entities AS SELECT {keys}, row_number() OVER (ORDER BY {keys}) - 1 AS {CODE} "
        f"FROM (SELECT DISTINCT {keys} FROM {source} WHERE {where})"
    )


def events(work: duckdb.DuckDBPyConnection, plan: Plan, where: str) -> Events:
    """The events of `history` of the entities that were numbered."""
    import pyarrow as pa

    known = () if plan.immediate else (KNOWN,)
    columns = ", ".join((TIME, *known, *(column.name for column in plan.stored)))
    sql = f"SELECT {key_columns(plan.keys)}, {columns} FROM history WHERE {where}"
    rows = work.execute(sql).to_arrow_table()
    codes = _codes(work, plan, rows)
    rows = rows.append_column(CODE, pa.array(codes))
    return Events.of(rows if (codes >= 0).all() else rows.filter(pa.array(codes >= 0)), plan)


def _codes(work: duckdb.DuckDBPyConnection, plan: Plan, rows: pa.Table) -> Ints:
    """The number of each row's entity, -1 for one that has none. In a history the rows of an entity follow each other,
    so the first of them is looked up."""
    if not rows.num_rows:
        return np.zeros(0, dtype=np.int64)
    names = [key.name for key in plan.keys]
    first = np.flatnonzero(np.append(True, _changes([rows.column(name) for name in names])))
    work.register("runs", rows.select(names).take(first).append_column(RUN, [np.arange(len(first))]))
    try:
        known = f"SELECT {RUN}, {CODE} FROM runs JOIN entities USING ({key_columns(plan.keys)})"
        found = work.execute(known).to_arrow_table()
    finally:
        work.unregister("runs")
    codes = np.full(len(first), -1, dtype=np.int64)
    codes[found.column(RUN).to_numpy()] = found.column(CODE).to_numpy()
    return np.repeat(codes, np.diff(np.append(first, rows.num_rows)))


def _changes(columns: Sequence[pa.ChunkedArray]) -> Bools:
    """Where a row differs from the one before it."""
    import pyarrow.compute as pc

    differs = [pc.not_equal(column.slice(1), column.slice(0, len(column) - 1)).to_numpy() for column in columns]
    found: Bools = np.logical_or.reduce(differs)
    return found
