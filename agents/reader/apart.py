"""Numbers of different tables beside or over each other: each is made for itself along the keys, so that no row counts
twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from agents.paths import Join, Path
from agents.reader.frame import Frame, Measure, Ratio, Test, measures_of
from agents.reader.joins import joined, links
from agents.reader.marked import Marked
from agents.reader.nouns import moment, owner
from agents.reader.select import select
from agents.reader.written import Written, measured, tested, where

WHOLE = {"count": "sum", "sum": "sum", "min": "min", "max": "max"}
"""How a number of parts becomes that of all."""


@dataclass(frozen=True)
class Part:
    """A table whose rows point at those of the base: its numbers, by the key that points, as a sub-query."""

    table: str
    key: str
    """The column of the base that is pointed at."""
    query: str
    numbers: tuple[tuple[Measure, str], ...]

    @property
    def alias(self) -> str:
        return f"{self.table.rpartition('.')[2]}_by"


def apart(frame: Frame, marked: Marked) -> str | None:
    """The query of numbers of several tables; None where one of them does not lead to the others."""
    every = [m for number in (*frame.numbers, *(b.number for b in frame.bounds)) for m in measures_of(number)]
    tables = list(dict.fromkeys(measure.table for measure in every))
    things = [group.table for group in frame.groups if group.table and not group.column and not group.unit]
    if frame.within or frame.ranked or any(m.among for m in every):
        return None
    for base in dict.fromkeys((*tables, *things, frame.subject)):
        others = [table for table in tables if table != base]
        if base and others and all(_leads(table, base, marked) for table in others):
            return _query(base, others, frame, every, marked)
    return None


def _leads(table: str, base: str, marked: Marked) -> bool:
    return links(table, base, marked) is not None


def _query(base: str, others: list[str], frame: Frame, every: list[Measure], marked: Marked) -> str | None:
    own = [test for test in frame.tests if test.column and owner(test.column, (*others, base)) not in others]
    parts = [_part(table, base, frame, every, marked) for table in others]
    if None in parts:
        return None
    shared = replace(frame, tests=own, numbers=[], bounds=[], order="", limit=0, tables=set())
    path = joined(shared, marked, base)
    if path is None:
        return None
    made = Written(replace(frame, tests=own), marked, _Joined.of(path, [part for part in parts if part]))
    given = dict(_given(base, frame, every, [part for part in parts if part], made))
    if len(given) < len(set(every)):
        return None
    return select(replace(made, given=given))


def _part(table: str, base: str, frame: Frame, every: list[Measure], marked: Marked) -> Part | None:
    found = links(table, base, marked)
    assert found is not None
    path, last, column, key = found
    made = Written(frame, marked, path)
    tests = [test for test in frame.tests if not test.column or owner(test.column, (table, base)) == table]
    said = [tested(test if test.column else Test(moment(marked, table), test.said), made) for test in tests]
    own = path.column(last, column)
    mine = list(dict.fromkeys(measure for measure in every if measure.table == table))
    kept = list(dict.fromkeys(part for measure in mine for part in _parts(measure)))
    numbers = [measured(measure, made) for measure in kept]
    if None in said or None in numbers or any(measure.function not in WHOLE for measure in kept):
        return None
    short = table.rpartition(".")[2]
    names = [f"{short}_{measure.function}_{at}" for at, measure in enumerate(kept, 1)]
    shown = ", ".join(f"{number} AS {name}" for number, name in zip(numbers, names, strict=True))
    clause = where([*(test for test in said if test), f"{own} IS NOT NULL"])
    query = f"SELECT {own} AS {short}_key, {shown} {path.clause}{clause} GROUP BY {own}"
    return Part(table, key, query, tuple(zip(kept, names, strict=True)))


def _parts(measure: Measure) -> tuple[Measure, ...]:
    """The measures of parts that a measure of the whole is made of: of a mean, the sum and how many there are."""
    if measure.function != "avg" or not measure.column or measure.until:
        return (measure,)
    return replace(measure, function="sum"), replace(measure, function="count")


def _given(
    base: str, frame: Frame, every: list[Measure], parts: list[Part], made: Written
) -> Iterator[tuple[Measure, str]]:
    """Each number as the query over the parts writes it. What holds for a period holds for each table's own."""
    timed = tuple(Test(moment(made.marked, base), test.said) for test in frame.tests if not test.column)
    for measure in every:
        if measure.table == base and (text := measured(replace(measure, tests=(*measure.tests, *timed)), made)):
            yield measure, text
    bases = {number.bottom for number in frame.numbers if isinstance(number, Ratio)}
    for part in parts:
        for measure, name in part.numbers:
            text = f"{WHOLE[measure.function]}({name})"
            none = measure not in bases and (measure.function == "count" or (frame.zero and measure.function == "sum"))
            yield measure, f"coalesce({text}, 0)" if none else text
        told = dict(part.numbers)
        for measure in every:
            if measure.table == part.table and measure not in told and (both := _parts(measure))[0] in told:
                top, bottom = (told[one] for one in both)
                yield measure, f"1.0 * sum({top}) / sum({bottom})"


@dataclass(frozen=True)
class _Joined(Path):
    """A path whose base has the parts beside it."""

    parts: tuple[Part, ...] = ()

    @classmethod
    def of(cls, path: Path, parts: list[Part]) -> _Joined:
        return cls(path.base, path.joins, tuple(parts))

    @property
    def clause(self) -> str:
        base = self.base.name
        beside = "".join(
            f" LEFT JOIN ({part.query}) AS {part.alias} ON {Path(self.base, (_ANY,)).column(base, part.key)} = "
            f"{part.alias}.{part.table.rpartition('.')[2]}_key"
            for part in self.parts
        )
        plain = Path(self.base, self.joins).clause
        start = Path(self.base).clause
        return f"{start}{beside}{plain.removeprefix(start)}"


_ANY = Join("", "", "", None, "")  # type: ignore[arg-type]
