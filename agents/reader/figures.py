"""The number that a phrase of a wanted column is, all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from agents.reader import body
from agents.reader.counted import counted
from agents.reader.dated import Reader, dated
from agents.reader.frame import Measure, Number, Test
from agents.reader.items import Items
from agents.reader.lengths import LENGTH, length
from agents.reader.marked import Marked, table_of
from agents.reader.nouns import divisor, is_measure, noun, owner, rows
from agents.reader.periods import at_weekends
from data.naming import single

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
_LACKS = re.compile(
    r"(?:number of |count of |how many )?(?:the )?(?P<t>(?:<[vf]\d+> )*<t\d+>) "
    r"(?P<how>without|with no|with|lacking|that have|having) (?:an? |any )?(?P<c><[cw]\d+>)"
)
_OF_ROWS = r"(?:number of )?(?:<v\d+> )*<t\d+>|(?:total |average )?<c\d+>|count"
_WEEK = re.compile(
    rf"(?:week(?:end|day)s? (?P<a>{_OF_ROWS})|(?P<b>{_OF_ROWS}) (?:on |at |during )?(?:the )?week(?:end|day)s?"
    rf"|(?P<c>total|average|number of|avg) week(?:end|day)s?)"
)


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


_READERS: tuple[Reader, ...] = (
    _in_unit, _of_rows, _used, _alone, _apart, _length, _did, _lacks, _at_weekends, dated
)  # fmt: skip
