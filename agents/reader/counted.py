"""Columns that are how many of the rows have something: `how many have no e-mail`, `how many were won or lost`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.reader.conditions import denied
from agents.reader.frame import Test
from agents.reader.marked import MARK, Marked
from agents.reader.nouns import noun

HOW_MANY = r"(?:the )?(?:how many|number|count)(?: of)?(?: (?:them|these|those))?(?: (?:that|which|who))?"
_HAVE = r"(?:do |does |did )?(?:have|has|had|got|carry|come with|with|are|were|is|was|still have)"
_NO = (
    r"(?:no|without|lacking|missing|not any|(?:an? |the )?(?:missing|empty|null|blank|unknown)|n't have|not have"
    r"|lack|lacks|miss)"
)
_COLUMNS = r"(?P<all>(?:(?:an? |any |the )?<[cwt]\d+>(?: <t\d+>)?(?: ?(?:,|and|or|nor|no|an|a|neither)+ ?)?)+)"
_LACK = re.compile(rf"(?:{HOW_MANY} )?(?:{_HAVE} )?{_NO} (?:an? |any )?{_COLUMNS}(?: at all)?")
_HAS = re.compile(rf"{HOW_MANY} (?:do |does |did )?(?:have|has|had|carry|come with|got) {_COLUMNS}")
_STATE = re.compile(
    rf"{HOW_MANY} (?:of which )?(?:(?:were|are|was|is|got|have|been|had|has|ended|ended up|still|we|they|as) )*"
    rf"(?P<no>not )?(?P<all><[vf]\d+>(?: ?(?:,|and|or)+ ?<[vf]\d+>)*)"
)
_NEITHER = re.compile(rf"(?:{HOW_MANY} )?(?:{_HAVE} )?(?:neither(?: of (?:them|the two|both))?|none of (?:them|these))")
_BOTH = re.compile(rf"(?:{HOW_MANY} )?(?:{_HAVE} )?both(?: of them)?")


def counted(text: str, others: Sequence[str], marked: Marked, tables: frozenset[str] = frozenset()) -> tuple[Test, ...]:
    """What is asked of the rows that a column counts; `others` are the columns before it, `tables` those whose rows
    may be meant. None of it where it is no such count."""
    if found := _LACK.fullmatch(text):
        return _each(found["all"], " IS NULL", marked, tables)
    if found := _HAS.fullmatch(text):
        return _each(found["all"], " IS NOT NULL", marked, tables)
    if found := _STATE.fullmatch(text):
        tests = noun(found["all"], marked).tests
        return tuple(denied(test) for test in tests) if found["no"] else tests
    if _NEITHER.fullmatch(text):
        return _of_others(_LACK, others, " IS NULL", marked)
    if _BOTH.fullmatch(text):
        return _of_others(_HAS, others, " IS NOT NULL", marked)
    return ()


def _each(said: str, is_: str, marked: Marked, tables: frozenset[str] = frozenset()) -> tuple[Test, ...]:
    """The test of each column; of a thing, that of the only key by which rows point at it."""
    tests: list[Test] = []
    columns = bool(re.search("<[cw]", said))
    for mark in MARK.finditer(said):
        if columns and mark[1] == "t":
            continue
        targets = marked.hint(mark.group()).targets
        if mark[1] == "t":
            links = [r for r in marked.catalog.relationships if r.to_table == targets[0] and r.table in tables]
            if len(links) != 1:
                return ()
            targets = (f"{links[0].table}.{links[0].column}",)
        tests.append(Test(targets, is_))
    return tuple(tests)


def _of_others(pattern: re.Pattern[str], others: Sequence[str], is_: str, marked: Marked) -> tuple[Test, ...]:
    """What two other columns ask, both of it."""
    found = [match for other in others if (match := pattern.fullmatch(other))]
    return tuple(test for match in found for test in _each(match["all"], is_, marked)) if len(found) == 2 else ()
