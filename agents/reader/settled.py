"""The numbers of a task once all of it is read: whose they are, what they are of, and in which unit."""

from __future__ import annotations

from dataclasses import replace

from agents.reader.frame import Classes, Frame, Group, Measure, Number, Ratio, measures_of
from agents.reader.joins import links
from agents.reader.marked import Marked
from agents.reader.nouns import amount, divisor
from data.naming import single, words


def told_in(number: Number, per: float, marked: Marked) -> Number:
    """The number in another unit of time, where it is one."""
    if (
        isinstance(number, Ratio)
        or not number.column
        or marked.column(number.column[0])[1].unit not in ("s", "min", "h")
    ):
        return number
    return number if number.function in ("count", "distinct") else replace(number, per=per)


def in_their_units(frame: Frame, marked: Marked) -> None:
    """Tell the numbers in the unit of time, or as the fractions, that are asked for."""
    if frame.per != 1:
        frame.numbers = [told_in(number, frame.per, marked) for number in frame.numbers]
    if frame.fraction:
        frame.numbers = [replace(n, percent=False) if isinstance(n, Ratio) else n for n in frame.numbers]


def classed(classes: Classes, frame: Frame, marked: Marked) -> bool:
    """Group by classes of the column that they are of: the one that is named, else the amount of what is counted."""
    tables = list(dict.fromkeys(m.table for number in frame.numbers for m in measures_of(number)))
    tables = tables or [frame.subject]
    if not tables[0]:
        return False
    named = [
        f"{table}.{column.name}"
        for table in tables
        for column in marked.table(table).columns
        if classes.by and words(column.name)[0] in {single(word) for word in words(classes.by)}
    ]
    column = (named[0],) if named else amount(marked, marked.table(tables[0]))
    per = divisor(classes.unit, column, marked) if classes.unit and column else 1
    frame.groups.insert(0, Group(column, classes=replace(classes, per=per)))
    return bool(column) and bool(per)


def parted(frame: Frame) -> bool:
    """Give the part of a share what is asked of it alone; False where no share takes it."""
    if not (frame.parts or frame.part_among):
        return True
    open_ = [
        n for n in frame.numbers if isinstance(n, Ratio) and not n.top.column and not (n.bottom and n.bottom.tests)
    ]
    if len(open_) != 1:
        return False
    whole = open_[0].top
    top = replace(whole, tests=(*whole.tests, *frame.parts), among=tuple(frame.part_among))
    made = replace(open_[0], top=top, bottom=whole)
    frame.numbers = [made if number is open_[0] else number for number in frame.numbers]
    return True


def beside(frame: Frame, marked: Marked) -> None:
    """`artists from France with their number of tracks`: the first are what the others are counted for."""
    if not frame.numbers:
        return
    things = {frame.subject, *(group.table for group in frame.groups if not group.column and not group.unit)} - {""}
    counted = [n for n in frame.numbers if n in [Measure("count", thing) for thing in things]]
    first = counted[0] if counted else frame.numbers[0]
    others = [number for number in frame.numbers if number is not first]
    if others and counted and isinstance(first, Measure) and Group(table=first.table) in frame.groups:
        frame.numbers = others
        return
    if frame.groups or not others or not isinstance(first, Measure) or first.function != "count" or first.column:
        return
    if all(links(m.table, first.table, marked) for one in others for m in measures_of(one)):
        frame.numbers, frame.tests = list(others), [*frame.tests, *first.tests]
        frame.groups = [Group(table=first.table)]


def of_things(frame: Frame, marked: Marked) -> None:
    """Numbers that are told of things of which something is asked are those of each thing."""
    every = [m for number in frame.numbers for m in measures_of(number)]
    if not frame.among or not every or frame.groups or any(m.table == frame.subject for m in every):
        return
    if all(links(m.table, frame.subject, marked) for m in every):
        frame.groups = [Group(table=frame.subject)]


def settle(frame: Frame) -> None:
    """A number that is shown and bounded is one: what its bound asks of the rows holds for both."""
    known = {(m.function, m.column): m for bound in frame.bounds if isinstance(m := bound.number, Measure)}
    frame.numbers = [
        known.get((one.function, one.column), one) if isinstance(one, Measure) and not one.tests else one
        for one in frame.numbers
    ]
