"""The query of a frame: its tables joined along their keys, each number over the rows that it is of."""

from __future__ import annotations

from dataclasses import replace

from agents.paths import Join, Path, paths
from agents.reader.apart import apart
from agents.reader.frame import Frame, Group, Measure, Number, Ratio, Test, measures_of
from agents.reader.joins import joined, pointer
from agents.reader.marked import Marked
from agents.reader.nouns import moment, owner
from agents.reader.previous import beside
from agents.reader.select import select
from agents.reader.written import Written, measured


def query(frame: Frame, marked: Marked) -> str | None:
    """The query; None where no join of the tables has all that is asked for."""
    if frame.before:
        path = joined(replace(frame, bounds=[], groups=[]), marked, frame.before.table)
        return beside(Written(frame, marked, path)) if path else None
    base = _base(frame, marked)
    if base is None:
        return None
    plain = _plain(frame)
    if plain is None:
        return None
    if not _about(plain, marked, base) or _several(plain, base):
        return apart(frame, marked)
    if plain.zero:
        return _with_zero(plain, marked, base)
    path = joined(plain, marked, base)
    return select(Written(plain, marked, path)) if path else None


def _several(frame: Frame, base: str) -> bool:
    """Whether numbers that are added up are of other tables than the base."""
    every = [m for n in (*frame.numbers, *(b.number for b in frame.bounds)) for m in measures_of(n)]
    return any(m.table != base and m.function in ("count", "sum") for m in every)


def _about(frame: Frame, marked: Marked, base: str) -> bool:
    """Whether rows of the base can tell of all tables that are named, and nothing is counted by itself."""
    reached = {
        t.full_name for path in paths(marked.catalog) if path.base.full_name == base for t in path.scope.values()
    }
    among = {
        t.full_name
        for one in (*frame.among, *(a for n in frame.numbers for m in measures_of(n) for a in m.among))
        for p in paths(marked.catalog, 1)
        if p.base.full_name == one.table
        for t in p.scope.values()
    }
    key = (f"{base}.{marked.table(base).key}",)
    alone = any(m.function == "distinct" and m.column == key for n in frame.numbers for m in measures_of(n))
    apart = {m.table for n in frame.numbers for m in measures_of(n) if m.function not in ("min", "max", "distinct")} - {
        base
    }
    apart |= {m.table for b in frame.bounds for m in measures_of(b.number)} - {base}
    grouped = any(group.table == base and not group.column and not group.unit for group in frame.groups)
    return frame.tables <= reached | among and not (alone or grouped or apart)


def _base(frame: Frame, marked: Marked) -> str | None:
    """The table whose rows are counted or listed."""
    measured = [m.table for number in (*frame.numbers, *(b.number for b in frame.bounds)) for m in measures_of(number)]
    if measured and all(m.function == "distinct" for n in frame.numbers for m in measures_of(n)) and not frame.bounds:
        measured += [owner(group.column) if group.column else group.table for group in frame.groups if not group.unit]
        if event := _event({name for name in measured if name}, frame, marked):
            return event
    if measured:
        return max(measured, key=lambda name: _depth(name, measured, marked))
    return frame.subject or None


def _event(tables: set[str], frame: Frame, marked: Marked) -> str:
    """The one table whose rows point at all of several that don't lead to each other: what cards paid at merchants."""
    reached = {name: {t.full_name for p in paths(marked.catalog) if p.base.full_name == name for t in p.scope.values()}
               for name in (table.full_name for table in marked.catalog.tables)}  # fmt: skip
    if len(tables) < 2 or any(tables <= reached[name] for name in tables):
        return ""
    able = [name for name, found in reached.items() if tables <= found]
    near = [name for name in able if all(marked.link(name, table) for table in tables)] or able
    named = [name for name in near if name in frame.tables] or near
    return named[0] if len(named) == 1 else ""


def _depth(name: str, among: list[str], marked: Marked) -> int:
    """How many of the other tables rows of a table point at."""
    reached = {
        table.full_name
        for path in paths(marked.catalog)
        if path.base.full_name == name
        for table in path.scope.values()
    }
    return sum(other in reached for other in set(among))


def _plain(frame: Frame) -> Frame | None:
    """The frame with what all of its numbers ask of rows asked of all rows. None where two numbers can't be told."""
    every = [measure for number in frame.numbers for measure in measures_of(number)]
    columns = [test.column for measure in every for test in {t.column: t for t in measure.tests}.values()]
    apart = {c for c in columns if len({m.tests for m in every if any(t.column == c for t in m.tests)}) > 1}
    ratio = any(isinstance(number, Ratio) and number.bottom for number in frame.numbers)
    shared = [
        t for m in every for t in m.tests if _alike(t, every) or (t.column not in apart and not (ratio or frame.each))
    ]

    def bare(measure: Measure) -> Measure:
        return replace(measure, tests=tuple(t for t in measure.tests if t not in shared))

    def stripped(number: Number) -> Number:
        if isinstance(number, Measure):
            return bare(number)
        return replace(number, top=bare(number.top), bottom=bare(number.bottom) if number.bottom else None)

    numbers = [stripped(number) for number in frame.numbers]
    if len(set(numbers)) < len(numbers):
        return None
    bounds = []
    for bound in frame.bounds:
        told = list(measures_of(bound.number))
        tests = [t for t in told[0].tests if all(t in m.tests for m in told)]
        shared += [] if numbers else tests
        bounds.append(replace(bound, number=stripped(bound.number)))
    tests = [*frame.tests, *shared]
    return replace(frame, numbers=numbers, bounds=bounds, tests=list(dict.fromkeys(tests)))


def _alike(test: Test, every: list[Measure]) -> bool:
    """Whether all numbers ask the same of the column of a test."""
    return len({tuple(t for t in m.tests if t.column == test.column) for m in every}) == 1


def _with_zero(frame: Frame, marked: Marked, base: str) -> str | None:
    """Things with their numbers, those that have no row of it too."""
    things = [g.table for g in frame.groups if g.table and not g.column and not g.unit]
    owners = [owner(g.column) for g in frame.groups if g.column]
    name = next(iter((*things, *(sorted(frame.tables - {base})), *owners)), frame.subject)
    if not name or name == base or len(frame.numbers) != 1 or not isinstance(frame.numbers[0], Measure):
        return None
    thing, rows = marked.table(name), marked.table(base)
    link = pointer(base, name, marked)
    if link is None or rows.key is None:
        return None
    path = Path(thing, (Join(thing.name, link.to_column, rows.name, rows, link.column),))
    own = [test for test in frame.tests if not test.column or owner(test.column, (name,)) != name]
    measure = frame.numbers[0]
    counted = (
        Measure("count", base, (f"{base}.{rows.key}",))
        if measure.function == "count" and not measure.column
        else measure
    )
    number = replace(counted, tests=(*measure.tests, *(_timed(test, marked, base) for test in own)))
    made = Written(replace(frame, numbers=[number], tests=[t for t in frame.tests if t not in own]), marked, path)
    groups = frame.groups or [Group(table=name)]
    text = select(replace(made, frame=replace(made.frame, groups=groups, bounds=[])))
    said = measured(number, made)
    if text is None or said is None:
        return None
    text = text.replace(" JOIN ", " LEFT JOIN ", 1)
    return text.replace(said, f"coalesce({said}, 0)", 1) if measure.function == "sum" else text


def _timed(test: Test, marked: Marked, base: str) -> Test:
    return test if test.column else replace(test, column=moment(marked, base))
