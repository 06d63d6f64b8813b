"""A view's features for many questions at once: pieces of the history and of the questions meet in arrays."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data.features.compute import features
from data.features.events import CODE, Events, Ints, Points, Values, ints
from data.features.pieces import events, expose, number, pieces, typed
from data.features.places import order
from data.features.plan import TIME, Output, Plan, key_columns

if TYPE_CHECKING:
    import duckdb

ROW, AT = "_row", "_at"
"""Columns of questions beside the keys: a number from 0 on, and the moment in microseconds."""

PIECE = 250_000
"""Events that are read at once, as far as they are not of one value of the first key."""

POINTS = 25_000
"""Questions that are answered at once: arrays of so many stay in a core's cache."""

THREADS = 2
"""Pieces that are computed while the next one is read."""


@dataclass(frozen=True)
class Asked:
    """A table of questions in the workspace: `_row`, `_at` and the keys of the plan, of which none is null."""

    table: str
    rows: int
    """How many numbers there are: questions whose keys or moment are null have one too."""


def fetch(work: duckdb.DuckDBPyConnection, plan: Plan, files: Sequence[Path], asked: Asked) -> list[Values]:
    """The outputs of a plan by `_row`, from the files of its history; null for entities without events."""
    found = [_empty(output, asked.rows) for output in plan.outputs]
    number(work, plan, asked.table, "TRUE")
    rows, points = _points(work, plan, asked)
    if not len(points) or not files:
        return found

    def answer(events: Events, some: slice) -> None:
        made = features(plan, events, Points(points.code[some], points.at[some]))
        for column, values in zip(found, made, strict=True):
            column.data[rows[some]] = values.data
            column.valid[rows[some]] = values.valid

    with ThreadPoolExecutor(THREADS) as pool:
        waiting: deque[Future[None]] = deque()
        for events, some in _pieces(work, plan, files, points):
            waiting.append(pool.submit(answer, events, some))
            if len(waiting) > THREADS:
                waiting.popleft().result()
        for one in waiting:
            one.result()
    return found


def _empty(output: Output, rows: int) -> Values:
    types: dict[str, Any] = {"DOUBLE": np.float64, "VARCHAR": object}
    return Values(np.zeros(rows, dtype=types.get(output.type, np.int64)), np.zeros(rows, dtype=bool))


def _points(work: duckdb.DuckDBPyConnection, plan: Plan, asked: Asked) -> tuple[Ints, Points]:
    """The questions in order, and the `_row` of each."""
    table = work.execute(
        f"SELECT {CODE}, {AT}, {ROW} FROM {asked.table} JOIN entities USING ({key_columns(plan.keys)})"
    ).to_arrow_table()
    code, at, row = (ints(table.column(name)) for name in (CODE, AT, ROW))
    by = order(code, at)
    return row[by], Points(code[by], at[by])


def _pieces(
    work: duckdb.DuckDBPyConnection, plan: Plan, files: Sequence[Path], points: Points
) -> Iterator[tuple[Events, slice]]:
    """The events of some of the entities, and which points ask for them. Entities that nobody asks for are left out."""
    key = f'"{plan.keys[0].name}"'
    low, high = work.execute(f"SELECT min({key}), max({key}) FROM entities").fetchall()[0]
    expose(work, files, f"{key} BETWEEN {typed(low, plan)} AND {typed(high, plan)}")
    first, last = int(points.at.min()), int(points.at.max())
    when = f"{TIME} > {first - plan.horizon} AND {TIME} <= {last}"
    for where in pieces(work, plan, PIECE):
        begin, end = work.execute(f"SELECT min({CODE}), max({CODE}) + 1 FROM entities WHERE {where}").fetchall()[0]
        if begin is None:
            continue
        known = events(work, plan, f"{where} AND {when}")
        start, stop = np.searchsorted(points.code, (begin, end))
        for at in range(start, stop, POINTS):
            some = slice(at, min(stop, at + POINTS))
            codes = (points.code[some.start], points.code[some.stop - 1] + 1)
            yield known.part(*np.searchsorted(known.code, codes)), some
