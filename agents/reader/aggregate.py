"""Numbers of the rows that are put together, one row of them for each group."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agents.reader.cells import cells
from agents.reader.frame import Frame, Group, Measure, Number, Ratio, measures_of
from agents.reader.items import Items
from agents.reader.named import columns, title
from agents.reader.nouns import is_measure, owner
from agents.reader.query import query
from agents.reader.wanted import Cell, Made

_EXACT = re.compile(
    r"fractions? of (?:an? )?(?:day|hour)|decimal|fractional|86 ?,?400|3600|don't round|exact (?:days|hours)"
)
_SECONDS = {"day": 86400.0, "hour": 3600.0, "minute": 60.0, "week": 604800.0}
_INTERPOLATED = re.compile(r"\bexact\b|interpolated")


def aggregated(items: Items) -> Made | None:
    """The query of the numbers; None where a column can't be told, or something that is asked would be lost."""
    frame, told = items.frame, cells(items)
    if told is None or not items.numbers or _of_rows(items, told) or _lost(items, frame):
        return None
    frame.columns = []
    _grouped(frame, items, told)
    frame.numbers = [_as_told(one, items.text) for one in items.numbers]
    alone = not frame.groups and any(isinstance(one, Ratio) and one.bottom is None for one in frame.numbers)
    if alone or _shared(frame):
        return None
    sql = query(frame, items.marked)
    return Made(sql, tuple(told), len(items.numbers)) if sql else None


def _as_told(number: Number, text: str) -> Number:
    """A number with its fractions, where the task asks for them or its unit is less than a day."""
    if _EXACT.search(text) or (isinstance(number, Measure) and number.unit != "day"):
        number = _exact(number)
    return _interpolated(number) if _INTERPOLATED.search(text) else number


def _lost(items: Items, frame: Frame) -> bool:
    """Whether the task asks something of the rows of a number that no column asks."""
    numbers = (*items.numbers, *(bound.number for bound in frame.bounds))
    used = [{*m.tests, *frame.tests} for number in numbers for m in measures_of(number)]
    told = [m.tests for one in items.body for m in measures_of(one) if m.tests]
    return any(not any(set(tests) <= own for own in used) for tests in told)


def _of_rows(items: Items, cells: Sequence[Cell]) -> bool:
    """Whether a column is the key of the rows that the numbers are of: these would be of a single row each."""
    tables = {m.table for one in items.numbers for m in measures_of(one)}
    keys = {f"{name}.{items.marked.table(name).key}" for name in tables}
    named = [columns(want, items) for want, cell in zip(items.wanted, cells, strict=True) if cell.is_key]
    return not items.frame.groups and any(keys & set(targets) for targets in named)


def _exact(number: Number) -> Number:
    """A time in a unit with its fractions."""
    if isinstance(number, Ratio) or not number.until or number.unit not in _SECONDS:
        return number
    return replace(number, per=_SECONDS[number.unit], unit="second")


def _interpolated(number: Number) -> Number:
    """A median between two values with all of its digits."""
    return (
        replace(number, function="quantile") if isinstance(number, Measure) and number.function == "median" else number
    )


def _shared(frame: Frame) -> bool:
    """Whether tables are to be put together by what they have in common without pointing at each other."""
    tables = {m.table for one in frame.numbers for m in measures_of(one)}
    return any(len({owner((one,)) for one in group.column} & tables) > 1 for group in frame.groups)


def _grouped(frame: Frame, items: Items, cells: Sequence[Cell]) -> None:
    """What rows are put together by, where only the columns tell it; and the columns of things."""
    bare = not frame.groups
    subject = items.marked.table(frame.subject) if frame.subject else None
    own = {f"{frame.subject}.{name}" for name in (subject.key, subject.label) if name} if subject else set()
    counted = {m.table for one in items.numbers for m in measures_of(one)}
    if (
        bare
        and frame.subject not in counted
        and any(own & set(columns(want, items) or title(want, items)) for want in items.wanted)
    ):
        frame.groups.append(Group(table=frame.subject))
        bare = False
    for want, cell in zip(items.wanted, cells, strict=True):
        targets = cell.column or columns(want, items)
        if cell.is_key and not targets and (named := title(want, items)):
            frame.shown.append(named)
            if bare and not frame.groups:
                frame.groups.append(Group(named))
        if not cell.is_key or not targets or is_measure(targets, items.marked):
            continue
        known = any(set(targets) & set(group.column) for group in frame.groups)
        if bare and not known:
            frame.groups.append(Group(targets))
        elif not known:
            frame.shown.append(targets)
