"""A view's features for many questions at once: pieces of the history and of the questions meet in arrays."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from data.features.answers import Answers
from data.features.compute import features
from data.features.entities import Entities
from data.features.events import CODE, Events, Points, ints
from data.features.places import order
from data.features.plan import TIME, Plan, key_columns
from data.features.scan import Scan

if TYPE_CHECKING:
    import duckdb

ROW, AT = "_row", "_at"
"""Columns of questions beside the keys: a number from 0 on, and the moment in microseconds."""

PIECE = 250_000
"""Events that are read at once, as far as they are not of one value of the first key."""

POINTS = 25_000
"""Questions that are answered at once: arrays of so many stay in a core's cache."""

THREADS = 4
"""At most: each holds a piece."""

FEW = 0.5
"""The share of a piece's events up to which those that nobody asks for are left out first, as that takes its time."""


@dataclass(frozen=True)
class Asked:
    """A relation of questions in the workspace: `_row`, `_at` and the keys of the plan, of which none is null."""

    relation: str
    rows: int
    """How many numbers there are: questions whose keys or moment are null have one too."""


@dataclass(frozen=True)
class Piece:
    """First keys in [start, end), where None is no bound, and the points that ask for them."""

    start: Any
    end: Any
    points: slice


class Questions:
    """What is asked, in the order of entity and moment."""

    def __init__(self, work: duckdb.DuckDBPyConnection, plan: Plan, asked: Asked) -> None:
        import pyarrow.compute as pc

        columns = f"{key_columns(plan.keys)}, {AT}, {ROW}"
        table = work.execute(f"SELECT {columns} FROM {asked.relation}").to_arrow_table()
        keys = [table.column(key.name) for key in plan.keys]
        self.between = [value.as_py() for value in pc.min_max(keys[0]).values()]
        """The least and the greatest first key."""
        self.entities = Entities(keys)
        code, at = self.entities.codes(keys), ints(table.column(AT))
        by = order(code, at)
        self.points, self.rows = Points(code[by], at[by]), ints(table.column(ROW))[by]

    def pieces(self, scan: Scan) -> Iterator[Piece]:
        """Pieces of a history in which there may be events of whom is asked for."""
        cuts = scan.cuts(PIECE)
        places = np.searchsorted(self.points.code, [self.entities.before(cut) for cut in cuts])
        starts, ends = [None, *cuts], [*cuts, None]
        for start, end, begin, stop in zip(starts, ends, [0, *places], [*places, len(self.points)], strict=True):
            if stop > begin and scan.meets(start, end):
                yield Piece(start, end, slice(int(begin), int(stop)))


def fetch(work: duckdb.DuckDBPyConnection, scan: Scan, asked: Asked) -> Answers:
    """The outputs of a plan by `_row`, from its history; null for entities without events."""
    import pyarrow as pa

    answers, questions = Answers(scan.plan.outputs, asked.rows), Questions(work, scan.plan, asked)
    if not len(questions.points):
        return answers
    scan = scan.within(*questions.between)

    def answer(piece: Piece) -> None:
        for events, some in _parts(scan, questions, piece):
            points = Points(questions.points.code[some], questions.points.at[some])
            answers.put(questions.rows[some], features(scan.plan, events, points))

    with ThreadPoolExecutor(min(THREADS, os.cpu_count() or 1)) as pool:
        for _ in pool.map(answer, questions.pieces(scan)):
            pass
    # Otherwise what the threads have freed stays with the process.
    pa.default_memory_pool().release_unused()
    return answers


def _parts(scan: Scan, questions: Questions, piece: Piece) -> Iterator[tuple[Events, slice]]:
    """The events of a piece, and which points ask for them, some entities at a time."""
    codes, begin, stop = questions.points.code, piece.points.start, piece.points.stop
    known = _events(scan, questions, piece)
    for at in range(begin, stop, POINTS):
        some = slice(at, min(stop, at + POINTS))
        yield known.part(*np.searchsorted(known.code, (codes[at], codes[some.stop - 1] + 1))), some


def _events(scan: Scan, questions: Questions, piece: Piece) -> Events:
    """The events of the row groups of a piece, without those that can't matter to its points where they are many."""
    table = scan.read(piece.start, piece.end)
    code = questions.entities.codes([table.column(key.name) for key in scan.plan.keys])
    asked, at = questions.points.code[piece.points], questions.points.at[piece.points]
    time = ints(table.column(TIME))
    needed = (code >= asked[0]) & (code <= asked[-1])
    needed &= (time > at.min() - scan.plan.horizon) & (time <= at.max())
    table = table.append_column(CODE, [code])
    return Events.of(table.filter(needed) if needed.mean() <= FEW else table, scan.plan)
