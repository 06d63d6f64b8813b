"""A view's features for many questions at once: pieces of the history and of the questions meet in arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data.features.compute import features
from data.features.events import CODE, Events, Ints, Points, Values, ints
from data.features.pieces import events, expose, number, pieces, typed
from data.features.plan import KNOWN, TIME, Output, Plan, key_columns

if TYPE_CHECKING:
    import duckdb

ROW, AT = "_row", "_at"
"""Columns of questions beside the keys: a number from 0 on, and the moment in microseconds."""

PIECE = 500_000
"""Events that are held at once, as far as they are not of one value of the first key."""


@dataclass(frozen=True)
class Asked:
    """A table of questions in the workspace: `_row`, `_at` and the keys of the plan, of which none is null."""

    table: str
    rows: int
    """How many numbers there are: questions whose keys or moment are null have one too."""


def fetch(work: duckdb.DuckDBPyConnection, plan: Plan, files: Sequence[Path], asked: Asked) -> list[Values]:
    """The outputs of a plan by `_row`, from the files of its history; null for entities without events."""
    found = [_empty(output, asked.rows) for output in plan.outputs]
    key = f'"{plan.keys[0].name}"'
    first, last, low, high = work.execute(
        f"SELECT min({AT}), max({AT}), min({key}), max({key}) FROM {asked.table}"
    ).fetchall()[0]
    if first is None or not files:
        return found
    within = f"{key} BETWEEN {typed(low, plan)} AND {typed(high, plan)}"
    expose(work, files, f"{TIME} > {first - plan.horizon} AND {TIME} <= {last} AND {KNOWN} <= {last} AND {within}")
    for where in pieces(work, plan, PIECE):
        rows, known, points = _piece(work, plan, asked, where)
        for column, values in zip(found, features(plan, known, points), strict=True):
            column.data[rows] = values.data
            column.valid[rows] = values.valid
    return found


def _empty(output: Output, rows: int) -> Values:
    types: dict[str, Any] = {"DOUBLE": np.float64, "VARCHAR": object}
    return Values(np.zeros(rows, dtype=types.get(output.type, np.int64)), np.zeros(rows, dtype=bool))


def _piece(work: duckdb.DuckDBPyConnection, plan: Plan, asked: Asked, where: str) -> tuple[Ints, Events, Points]:
    """Questions and events of one piece. Entities that nobody asks for are left out."""
    number(work, plan, asked.table, where)
    questions = work.execute(
        f"SELECT {CODE}, {AT}, {ROW} FROM {asked.table} JOIN entities USING ({key_columns(plan.keys)}) "
        f"WHERE {where} ORDER BY {CODE}, {AT}"
    ).to_arrow_table()
    points = Points(ints(questions.column(CODE)), ints(questions.column(AT)))
    return ints(questions.column(ROW)), events(work, plan, where), points
