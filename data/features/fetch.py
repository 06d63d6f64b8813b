"""A view's features for many questions at once: pieces of the history and of the questions meet in arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data.features.compute import features
from data.features.events import CODE, Events, Ints, Points, Values, ints
from data.features.history import History
from data.features.plan import KNOWN, TIME, Output, Plan, key_columns
from data.sources.base import literal

if TYPE_CHECKING:
    import duckdb

ROW, AT = "_row", "_at"
"""Columns of questions beside the keys: a number from 0 on, and the moment in microseconds."""

PIECE = 1_000_000
"""Events that are held at once, as far as they are not of one value of the first key."""

SAMPLE = 10_000


@dataclass(frozen=True)
class Asked:
    """A table of questions in the workspace: `_row`, `_at` and the keys of the plan, of which none is null."""

    table: str
    rows: int
    """How many numbers there are: questions whose keys or moment are null have one too."""


def fetch(work: duckdb.DuckDBPyConnection, history: History, version: int, asked: Asked) -> list[Values]:
    """The outputs of a plan by `_row`, from one version of its history; null for entities without events."""
    plan = history.plan
    found = [_empty(output, asked.rows) for output in plan.outputs]
    first, last = work.execute(f"SELECT min({AT}), max({AT}) FROM {asked.table}").fetchall()[0]
    files = history.files(version)
    if first is None or not files:
        return found
    _view(work, files, first - plan.horizon, last)
    for where in _pieces(work, plan):
        rows, events, points = _piece(work, plan, asked, where)
        for column, values in zip(found, features(plan, events, points), strict=True):
            column.data[rows] = values.data
            column.valid[rows] = values.valid
    return found


def _empty(output: Output, rows: int) -> Values:
    types: dict[str, Any] = {"DOUBLE": np.float64, "VARCHAR": object}
    return Values(np.zeros(rows, dtype=types.get(output.type, np.int64)), np.zeros(rows, dtype=bool))


def _view(work: duckdb.DuckDBPyConnection, files: Sequence[Path], after: int, upto: int) -> None:
    """The events of a version that can matter between two moments, as `history`."""
    listed = ", ".join(literal(str(file)) for file in files)
    work.execute(
        f"CREATE OR REPLACE TEMP VIEW history AS SELECT * FROM read_parquet([{listed}]) "
        f"WHERE {TIME} > {after} AND {TIME} <= {upto} AND {KNOWN} <= {upto}"
    )


def _pieces(work: duckdb.DuckDBPyConnection, plan: Plan) -> Iterator[str]:
    """Conditions that cut the events into pieces of about PIECE by their first key."""
    key = f'"{plan.keys[0].name}"'
    total = work.execute("SELECT count(*) FROM history").fetchall()[0][0]
    cuts: Sequence[Any] = ()
    if total > PIECE:
        sample = work.execute(f"SELECT {key} FROM history USING SAMPLE reservoir({SAMPLE} ROWS) REPEATABLE (7)")
        found = sorted(row[0] for row in sample.fetchall())
        count = -(-total // PIECE)
        cuts = sorted({found[len(found) * i // count] for i in range(1, count)})
    ends = [f"{key} < {literal(str(cut))}::{plan.keys[0].type}" for cut in cuts]
    starts = [f"NOT {end}" for end in ends]
    for start, end in zip(["TRUE", *starts], [*ends, "TRUE"], strict=True):
        yield f"{start} AND {end}"


def _piece(work: duckdb.DuckDBPyConnection, plan: Plan, asked: Asked, where: str) -> tuple[Ints, Events, Points]:
    """Questions and events of one piece. Entities that nobody asks for are left out."""
    keys = key_columns(plan.keys)
    work.execute(
        f"CREATE OR REPLACE TEMP TABLE entities AS SELECT {keys}, row_number() OVER (ORDER BY {keys}) - 1 AS {CODE} "
        f"FROM (SELECT DISTINCT {keys} FROM {asked.table} WHERE {where})"
    )
    questions = work.execute(
        f"SELECT {CODE}, {AT}, {ROW} FROM {asked.table} JOIN entities USING ({keys}) WHERE {where} "
        f"ORDER BY {CODE}, {AT}"
    ).to_arrow_table()
    stored = "".join(f", {column.name}" for column in plan.stored)
    events = work.execute(
        f"SELECT {CODE}, {TIME}, {KNOWN}{stored} FROM history JOIN entities USING ({keys}) WHERE {where} "
        f"ORDER BY {order(plan)}"
    ).to_arrow_table()
    points = Points(ints(questions.column(CODE)), ints(questions.column(AT)))
    return ints(questions.column(ROW)), Events.of(events, plan.stored), points


def order(plan: Plan) -> str:
    """The order of events. Values only count where the last of equals is asked for."""
    last = any(output.function == "last" for output in plan.outputs)
    stored = [f"{column.name} NULLS FIRST" for column in plan.stored] if last else []
    return ", ".join((CODE, TIME, KNOWN, *stored))
