"""Columns that count rows which have rows of another table: `how many of those payments have a refund`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.reader.frame import Among, Measure, Number, Test
from agents.reader.marked import Marked
from agents.reader.nouns import noun

_ROWS = r"(?:<[vf]\d+> )*<t\d+>"
_HAVE = r"(?:(?:do|did|later|ever|also|actually) )*(?:have|has|had|got|get|received?|carry|saw|with)(?: ever)?(?: had)?"
_HOLDS = re.compile(
    rf"(?:the )?(?:how many|number|count)(?: of)? ?(?P<those>(?:those|these|them|the"
    rf"|such) ?)?(?P<of>{_ROWS} )?(?:(?:that|which|who) )?"
    rf"{_HAVE} (?:an? |any |at least one |one or more |some )?(?P<some>{_ROWS})"
)
_DONE = re.compile(
    rf"(?:(?:the )?(?:how many|number|count)(?: of)? ?)?(?P<those>(?:those|these|them|the"
    rf"|such) ?)?(?P<of>{_ROWS} )?(?:(?:that|which|who) )?"
    r"(?:(?:were|was|are|got|have been|later|ever|eventually) )*(?P<some><t\d+>)(?P<of2> <t\d+>)?"
)


def holding(text: str, before: Sequence[Number], subject: str, marked: Marked) -> Measure | None:
    """The number of rows; `before` are those of the columns before it, of which `those` are."""
    if lack := _LACKS.fullmatch(text):
        return _lacking(lack, subject, marked)
    found = _HOLDS.fullmatch(text) or _DONE.fullmatch(text)
    if found is None:
        return None
    some, of = noun(found["some"], marked), noun(found["of"] or found.groupdict().get("of2") or "", marked)
    if found.re is _DONE and not _is_done(found["some"], marked):
        return None
    last = next(
        (one for one in reversed(before) if isinstance(one, Measure) and one.function == "count" and not one.among),
        None,
    )
    table = of.table or (last.table if last else subject)
    if not some.table or not table or some.table == table or marked.link(some.table, table) is None:
        return None
    tests: tuple[Test, ...] = of.tests
    if last is not None and last.table == table and (found["those"] or (found.re is _HOLDS and not of.tests)):
        tests = tuple(dict.fromkeys((*last.tests, *tests)))
    return Measure("count", table, (), tests, among=(Among(some.table, True, some.tests),))


_LACKS = re.compile(
    rf"(?:the )?(?:how many|number|count)(?: of)? ?(?:of )?(?:those|these|them )?(?:{_ROWS} )?(?:(?:that|which"
    rf"|who) )?(?:(?:do|did) )?(?:have|has|had|with)? ?"
    r"(?:no|without(?: an?| any)?|lack(?:ing)?|not any) (?P<t><t\d+>)"
)


def _lacking(found: re.Match[str], subject: str, marked: Marked) -> Measure | None:
    """The number of rows that point at nothing, or at which nothing points."""
    table = noun(found["t"], marked).table
    if not subject or not table or table == subject:
        return None
    if link := marked.link(subject, table):
        return Measure("count", subject, (), (Test((f"{subject}.{link.column}",), " IS NULL"),))
    return Measure("count", subject, (), (), among=(Among(table, False),)) if marked.link(table, subject) else None


def _is_done(mark: str, marked: Marked) -> bool:
    """Whether a word tells what was done to rows, not which there are: `refunded`, `disputed`."""
    return marked.hint(mark).span.lower().endswith("ed")
