"""The number of a phrase over the rows of a period: what is left of the phrase without it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from agents.reader import body
from agents.reader.bearing import BEARING
from agents.reader.frame import Frame, Measure, Number, Targets, Test
from agents.reader.items import Items
from agents.reader.marked import IDLE, MARK, Marked
from agents.reader.named import full
from agents.reader.nouns import amount, is_measure, noun, owner, rows
from agents.reader.numbers import numbers
from agents.reader.periods import periods
from data.naming import words

_DONE = re.compile(r" (?:that|who|which) (?:were |was |have |has |have been |has been )?(?P<w><w\d+>)$")
_SUM = re.compile(
    r"(?:the )?(?:total |sum of )?(?:total|sum|amount|mrr|gmv|tpv|dollars|usd|revenue|turnover|sales|spend|spent"
    r"|volume|value|money)(?: amount| value| usd)?"
)
_LOOSE = frozenset(
    ("new", "usd", "eur", "gross", "net", "charged", "dollar", "unit", "units", "far", "ever", "whatever", "total")
)
"""Words beside a number that ask nothing of it."""

Reader = Callable[[str, Items], Iterator[Number | None]]
"""Yields the number that a phrase is, None for a phrase of its kind that is none; nothing for one of another kind."""


def dated(text: str, items: Items) -> Iterator[Number | None]:
    """A number of the rows that a period, or what was done, tells: `revenue in 2025`."""
    bare, tests = _undone(text, items)
    frame = Frame(tests=tests)
    bare = periods(bare, frame, items.marked).strip()
    told = tuple(_nearby(test, items) for test in frame.tests)
    if told and not bare:
        base = body.first(items) or body.only_sum(items) or rows(items.subject)
        yield replace(base, tests=(*base.tests, *told))
    else:
        yield from (made for read in _READERS for made in read(bare, items))
        yield _named(bare, told, items)


def _undone(text: str, items: Items) -> tuple[str, list[Test]]:
    """A phrase without what was done to its rows, and that: `users who were verified`."""
    done = _DONE.search(text)
    if done is None:
        return text, []
    table, column = items.marked.column(items.marked.hint(done["w"]).targets[0])
    tests = [] if column.name == table.time else [Test((f"{table.full_name}.{column.name}",), " IS NOT NULL")]
    return text[: done.start()], tests


def _nearby(test: Test, items: Items) -> Test:
    """A test of a period, of any moment where that of its column is of tables that the task does not name."""
    known = {target.rpartition(".")[0] for target in test.column} & items.near
    return test if not test.column or known else replace(test, column=())


def _values(text: str, items: Items) -> Iterator[Number | None]:
    """The rows of some values: `captured or refunded`."""
    if re.fullmatch(r"(?:<[vf]\d+> ?(?:or |and |, )?)+", text) and (tests := noun(text, items.marked).tests):
        known = items.tables
        yield body.counted_in(tests, items) if owner(tests[0].column, known) in known else None


def _asks(text: str, items: Items) -> Iterator[Number | None]:
    """A yes or no, which is no number: `has refunds`."""
    if re.match(r"(?:has|is|was|have|are) ", text):
        yield None


def _filled_in(text: str, items: Items) -> Iterator[Number | None]:
    """The rows that have a value in a column: `tipped`, `tipped payments`."""
    if had := _filled(text, items.marked):
        table = owner(had, items.near)
        yield rows(table, (Test(had, " IS NOT NULL"),)) if table in items.tables else None


def _filled(text: str, marked: Marked) -> Targets:
    """The column of which rows have a value."""
    found = re.fullmatch(r"(?:number of )?(?P<c><c\d+>)(?: <t\d+>)?", text)
    hint = marked.hint(found["c"]) if found else None
    if hint is None or not hint.span.lower().endswith("ed") or not is_measure(hint.targets, marked):
        return ()
    said = hint.span.lower()
    return hint.targets if all(said not in words(target.rpartition(".")[2]) for target in hint.targets) else ()


def _all(text: str, items: Items) -> Iterator[Number | None]:
    """All rows, beside columns of those in a state."""
    if re.fullmatch(r"(?:the )?(?:total|all|overall)", text) and body.states(items):
        yield rows(items.subject)


def _sum(text: str, items: Items) -> Iterator[Number | None]:
    """The amounts of the rows; where these have none, of those that a column before it counts."""
    if not _SUM.fullmatch(text):
        return
    size = amount(items.marked, items.marked.table(items.subject)) if items.subject else ()
    told = [one for one in items.numbers if isinstance(one, Measure)]
    other = next((one for one in reversed(told) if one.table != items.subject), None)
    if not size and other and (paid := amount(items.marked, items.marked.table(other.table))):
        yield Measure("sum", other.table, paid, other.tests)
        return
    last = items.numbers[-1] if items.numbers and text in ("sum", "the sum") else None
    tests = last.tests if isinstance(last, Measure) and last.table == items.subject else ()
    yield Measure("sum", items.subject, size, tests) if size else None


def _named(text: str, tests: tuple[Test, ...], items: Items) -> Number | None:
    """The only number that a phrase names, over rows with tests."""
    found, rest = numbers(text, items.marked, items.subject)
    over = [word for word in re.findall(r"<\w+>|[a-z]\w*", rest) if word not in IDLE and word not in _LOOSE]
    if len(found) != 1 or any(word.startswith("<") or word in BEARING for word in over):
        return None
    made = _of_state(found[0], text, items.marked)
    return replace(made, tests=(*made.tests, *tests)) if tests and isinstance(made, Measure) else made


def _of_state(made: Number, text: str, marked: Marked) -> Number:
    """`captured amount`: the amount of what is captured, where several tables have one."""
    if not isinstance(made, Measure) or not made.column or len(made.tests) != 1 or not made.tests[0].column:
        return made
    table, name = owner(made.tests[0].column, {made.table}), made.column[0].rpartition(".")[2]
    own = f"{table}.{name}"
    every = {target for mark in MARK.finditer(text) if mark[1] == "c" for target in full(mark.group(), marked)}
    return replace(made, table=table, column=(own,)) if table != made.table and own in every else made


_READERS: tuple[Reader, ...] = (_values, _asks, _filled_in, _all, _sum)
"""Those of what is left of it."""
