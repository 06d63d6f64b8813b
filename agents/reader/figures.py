"""The number that a phrase of a wanted column is, all of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from agents.reader import body
from agents.reader.bearing import BEARING
from agents.reader.counted import counted
from agents.reader.frame import Frame, Measure, Number, Targets, Test
from agents.reader.items import Items
from agents.reader.lengths import LENGTH, length
from agents.reader.marked import IDLE, MARK, Marked, table_of
from agents.reader.named import full
from agents.reader.nouns import amount, divisor, is_measure, noun, owner, rows
from agents.reader.numbers import numbers
from agents.reader.periods import at_weekends, periods
from data.naming import single, words

_ROWS = re.compile(r"(?:the )?(?:count|n|cnt|num|number|rows|how (?:many|often)|occurrences|frequency)")
_THERE = re.compile(
    r"(?:how many|the number)(?: of them)?(?: (?:there|we|have|had))*(?: (?:are|were|was|have been|made|there"
    r"|done|issued"
    r"|in (?:all|total)|altogether|all in all))+"
)
_USED = re.compile(
    r"(?:how many|number of)(?: different| distinct| unique)? (?P<t><t\d+>)(?: that)?(?: (?:were|was|are|had"
    r" been|ever))*"
    r" (?:<w\d+>|used|active|involved|affected|traded|concerned|seen)"
)
_IN_UNIT = re.compile(r"(?P<of>.+?) \(? ?(?:in |as )?(?P<unit>seconds|minutes|hours)(?: played| listened)? ?\)?")
_DID = re.compile(r"(?:number of |how many )?(?:of them )?(?:were |was |are |got )?(?P<w><w\d+>)")
_DONE = re.compile(r" (?:that|who|which) (?:were |was |have |has |have been |has been )?(?P<w><w\d+>)$")
_LACKS = re.compile(
    r"(?:number of |count of |how many )?(?:the )?(?P<t>(?:<[vf]\d+> )*<t\d+>) "
    r"(?P<how>without|with no|with|lacking|that have|having) (?:an? |any )?(?P<c><[cw]\d+>)"
)
_OF_ROWS = r"(?:number of )?(?:<v\d+> )*<t\d+>|(?:total |average )?<c\d+>|count"
_WEEK = re.compile(
    rf"(?:week(?:end|day)s? (?P<a>{_OF_ROWS})|(?P<b>{_OF_ROWS}) (?:on |at |during )?(?:the )?week(?:end|day)s?"
    rf"|(?P<c>total|average|number of|avg) week(?:end|day)s?)"
)
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


def number(text: str, items: Items) -> Number | None:
    """The number that a phrase is, all of it."""
    return next((made for read in _READERS for made in read(text, items)), None)


def _in_unit(text: str, items: Items) -> Iterator[Number | None]:
    """A length of time in another unit than that of its column: `average duration in minutes`."""
    told = _IN_UNIT.fullmatch(text)
    if told and "<c" in told["of"]:
        made = number(told["of"], items)
        size = made.column if isinstance(made, Measure) else ()
        per = divisor(told["unit"], size, items.marked) if size else 0
        yield replace(made, per=per) if isinstance(made, Measure) and per else None


def _of_rows(text: str, items: Items) -> Iterator[Number | None]:
    """How many rows there are."""
    if _ROWS.fullmatch(text) or (_THERE.fullmatch(text) and items.subject):
        yield rows(items.subject)


def _used(text: str, items: Items) -> Iterator[Number | None]:
    """How many things the rows are of: `how many cards were used` of payments."""
    told = _USED.fullmatch(text)
    table = table_of(items.marked.hint(told["t"])) if told else ""
    link = items.marked.link(items.subject, table) if told and items.subject else None
    if link is not None:
        yield body.known(Measure("distinct", link.table, (f"{link.table}.{link.column}",)), items)


def _alone(text: str, items: Items) -> Iterator[Number | None]:
    """A function by itself, of the only number that the task names: `mean` of the fees."""
    function = body.CALLED.get(text) or ("sum" if text in ("sum", "total") else "")
    able = {one for one in items.frame.columns if is_measure(one, items.marked)}
    if function and len(able) == 1 and not items.body:
        column = able.pop()
        yield Measure(function, owner(column, items.near), column)  # type: ignore[arg-type]


def _apart(text: str, items: Items) -> Iterator[Number | None]:
    """The rows in a state that is told apart from those of other columns."""
    if some := counted(text, [want.marks for want in items.wanted], items.marked, items.tables | {items.subject}):
        yield body.counted_in(some, items) if owner(some[0].column, items.near) in items.tables else None


def _length(text: str, items: Items) -> Iterator[Number | None]:
    """The time between two moments: `average days`."""
    if told := LENGTH.fullmatch(text):
        yield length(told["f"] or "", single(told["unit"]), items)


def _did(text: str, items: Items) -> Iterator[Number | None]:
    """The rows to which something was done: `refunded`."""
    if verb := _DID.fullmatch(text):
        targets = items.marked.hint(verb["w"]).targets
        table, column = items.marked.column(targets[0])
        began = column.name == table.time
        yield rows(table.full_name) if began else Measure("count", owner(targets, items.near), targets)


def _lacks(text: str, items: Items) -> Iterator[Number | None]:
    """The rows that have, or lack, something: `users without a phone number`."""
    if told := _LACKS.fullmatch(text):
        one = noun(told["t"], items.marked)
        yield rows(one.table, (*one.tests, *lacking(text, items.marked)))


def lacking(text: str, marked: Marked) -> tuple[Test, ...]:
    """What rows are to have, or not to have: `users without a phone number`."""
    found = _LACKS.search(text)
    if found is None:
        return ()
    present = found["how"] in ("with", "that have", "having")
    return (Test(marked.hint(found["c"]).targets, f" IS {'NOT ' if present else ''}NULL"),)


def _at_weekends(text: str, items: Items) -> Iterator[Number | None]:
    """A number on weekends, or on the other days: `weekend revenue`."""
    if week := _WEEK.fullmatch(text):
        made = number(week["a"] or week["b"] or week["c"], items)
        _, begins, ends = week.group().partition("week")
        yield replace(made, tests=(*made.tests, at_weekends(begins + ends))) if isinstance(made, Measure) else None


def _dated(text: str, items: Items) -> Iterator[Number | None]:
    """A number of the rows that a period, or what was done, tells: `revenue in 2025`."""
    bare, tests = _undone(text, items)
    frame = Frame(tests=tests)
    bare = periods(bare, frame, items.marked).strip()
    told = tuple(_nearby(test, items) for test in frame.tests)
    if told and not bare:
        base = body.first(items) or body.only_sum(items) or rows(items.subject)
        yield replace(base, tests=(*base.tests, *told))
    else:
        yield from (made for read in _BARE for made in read(bare, items))
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


_READERS: tuple[Reader, ...] = (
    _in_unit, _of_rows, _used, _alone, _apart, _length, _did, _lacks, _at_weekends, _dated
)  # fmt: skip
_BARE: tuple[Reader, ...] = (_values, _asks, _filled_in, _all, _sum)
"""Those of a phrase without its periods."""
