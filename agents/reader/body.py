"""The numbers that a task names besides its columns, as columns take them over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from agents.reader.frame import Measure, Number, Ratio, Targets, Test, measures_of
from agents.reader.items import MADE, Items
from agents.reader.marked import MARK
from agents.reader.named import columns
from agents.reader.nouns import is_measure, moment, noun, owner, rows
from agents.reader.wanted import Cell, Wanted

CALLED = {
    "median": "median", "std": "stddev", "stddev": "stddev", "stdev": "stddev", "sd": "stddev", "deviation": "stddev",
    "avg": "avg", "average": "avg", "mean": "avg", "min": "min", "minimum": "min", "smallest": "min", "max": "max",
    "maximum": "max", "largest": "max",
}  # fmt: skip
_ASKS_MORE = re.compile(r"\b(?:no|not|without|never|none|missing|lack\w*|have|has|had)\b")


def first(items: Items) -> Measure | None:
    """The first number of the body that is of rows."""
    return next((one for one in items.body if isinstance(one, Measure)), None)


def only_sum(items: Items) -> Measure | None:
    """The sum of the only column of amounts that the task names, where it asks for no number: `compare revenue`."""
    sizes = [one for one in dict.fromkeys(items.frame.columns) if one and is_measure(one, items.marked)]
    return Measure("sum", owner(sizes[0], items.near), sizes[0]) if len(sizes) == 1 else None


def untaken(want: Wanted, found: dict[int, Cell], items: Items) -> Cell | None:
    """The number of the body that no column has taken, where there is one."""
    if _asks_more(want, items):
        return None
    taken = {items.numbers[cell.number] for cell in found.values() if cell.number >= 0 and not cell.way}
    free = [one for one in items.body if one not in items.numbers or (len(items.body) == 1 and one not in taken)]
    called = next((CALLED[word] for word in want.words if word in CALLED), "")
    if called and (told := [one for one in free if _is(one, called)]):
        return items.kept(told[0]) if len(told) == 1 else None
    if called and free:
        return None
    open_ = [
        one for at, one in enumerate(items.wanted) if at not in found and not MADE.search(f"{one.name} {one.said}")
    ]
    return items.kept(free[0]) if len(free) == len(open_) and want in open_ else None


def _is(number: Number, function: str) -> bool:
    """Whether a number may be called by a function: it is one, or is made of others."""
    return not isinstance(number, Measure) or number.function in (function, "quantile")


def _asks_more(want: Wanted, items: Items) -> bool:
    """Whether a column that has no number of its own asks for other rows than the body's."""
    near = items.tables | {items.subject}
    marks = [m for m in MARK.finditer(want.marks) if m[1] in "vfwn"]
    owners = [{t.rpartition(".")[0] for t in items.marked.hint(m.group()).targets} for m in marks]
    return bool(_ASKS_MORE.search(want.marks)) or any(not own or own & near for own in owners)


def states(items: Items) -> set[Targets]:
    """The columns of which a value is counted in a column of its own."""
    alone = [want.marks for want in items.wanted if re.fullmatch(r"(?:number of )?<[vf]\d+>(?: <t\d+>)?", want.marks)]
    return {test.column for said in alone for test in noun(said, items.marked).tests}


def bare(items: Items) -> None:
    """Ask of the body's numbers no state that has a column of its own beside a rate or share: those are of all."""
    told = states(items)
    if told and any(re.search("rate|share|percent|pct|total", want.name, re.I) for want in items.wanted):
        items.body = [_without(one, told) if isinstance(one, Measure) else one for one in items.body]


def _without(number: Measure, told: set[Targets]) -> Measure:
    """A number of the rows in any state of some columns."""
    return replace(number, tests=tuple(test for test in number.tests if test.column not in told))


def counted_in(tests: tuple[Test, ...], items: Items) -> Number:
    """The rows in a state; the body's number over them, where it has one."""
    base = first(items)
    table = owner(tests[0].column, (items.subject, *items.near))
    if base and base.table == table and (base.function == "sum" or _spread(items)):
        kept = tuple(test for test in base.tests if test.column != tests[0].column)
        return replace(base, tests=(*kept, *tests))
    return rows(table, tests)


def _spread(items: Items) -> bool:
    """Whether the columns are the values of one column, for each of which the body's number is wanted."""
    alone = [want.marks for want in items.wanted if re.fullmatch(r"<[vf]\d+>", want.marks) and not want.said]
    rest = [want for want in items.wanted if want.marks not in alone and not columns(want, items)]
    return len(alone) > 1 and not rest and len(items.body) == 1


def known(made: Number, items: Items) -> Number:
    """The number with what the body asks of the rows of its own."""
    if not isinstance(made, Measure):
        return made
    made = _of_counted(made, items)
    if made.function == "count" and not made.column and not made.tests and (same := _apart(made, items)):
        return same
    if made.per != 1:
        return made
    alike = [one for one in _measures(items) if (one.function, one.column) == (made.function, made.column)]
    if alike and not made.tests and alike[0].table == made.table:
        return alike[0]
    told = {m.tests for one in items.body for m in _bases(one) if m.table == made.table}
    return of_own(made, next(iter(told)) if len(told) == 1 else ())


def of_own(made: Measure, told: tuple[Test, ...]) -> Measure:
    """A number over rows of which more is asked, unless it asks that of them itself."""
    own = {test.column for test in made.tests}
    return replace(made, tests=(*(test for test in told if test.column not in own), *made.tests))


def _measures(items: Items) -> list[Measure]:
    """The numbers of the body that are of rows, not made of others."""
    return [one for one in items.body if isinstance(one, Measure)]


def _bases(number: Number) -> Iterator[Measure]:
    """The measures that tell of which rows all is: of a share, the whole."""
    whole = isinstance(number, Ratio) and number.bottom and not number.minus and number.bottom.table == number.top.table
    if whole and isinstance(number, Ratio) and number.bottom:
        yield number.bottom
    else:
        yield from measures_of(number)


def _apart(made: Measure, items: Items) -> Measure | None:
    """The body's number of different things that are counted."""
    key = (f"{made.table}.{items.marked.table(made.table).key}",)
    return next(
        (one for one in _measures(items) if one.function == "distinct" and _same_thing(one.column, key, items)), None
    )


def _same_thing(column: Targets, key: Targets, items: Items) -> bool:
    """Whether a column is a key, or points at it."""
    links = items.marked.catalog.relationships
    return bool(set(column) & set(key)) or any(
        f"{link.table}.{link.column}" in column and f"{link.to_table}.{link.to_column}" in key for link in links
    )


def _of_counted(made: Measure, items: Items) -> Measure:
    """The first moment of a thing's rows, not of the thing, which has one: `when the first of them signed up`."""
    things = {group.table for group in items.frame.groups if group.table and not group.column and not group.unit}
    tables = {m.table for one in items.body for m in measures_of(one)} - things
    if made.function not in ("min", "max") or made.table not in things or len(tables) != 1:
        return made
    when = moment(items.marked, table := tables.pop())
    own = made.column == moment(items.marked, made.table)
    return replace(made, table=table, column=when) if when and own else made
