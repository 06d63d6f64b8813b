"""Two parts of the rows against each other: of two periods, or with two values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from agents.ask.rerank.cues import is_marked
from agents.ask.sketch.draft import Draft
from agents.ask.sketch.where import Test
from agents.columns import ends

if TYPE_CHECKING:
    from retrieval.hints import Hint

_GREW = re.compile(r"\b(?:gr[eo]w|grown|growth|increas|chang|ris|rose|fell|fall|drop|declin|develop)\w*", re.IGNORECASE)
_RATIO = re.compile(r"\bratios?\b|\bhow many times\b|\bdivided by\b", re.IGNORECASE)
_PERCENT = re.compile(r"%|\bper ?cent\b|\bpercentage\b|\brate\b", re.IGNORECASE)
_FROM_TO = re.compile(r"\b(?:from|between) (\d{4}) (?:to|and) (\d{4})\b", re.IGNORECASE)
_THAN = re.compile(
    r"\b(?:(?P<more>more|higher|greater|larger|bigger|longer|better|heavier|busier|dearer|oftener)"
    r"|(?P<less>less|fewer|lower|smaller|shorter|lighter|quieter|cheaper)|(?P<worse>worse))\b.*\bthan\b(?! \d{1,3}\b)",
    re.IGNORECASE,
)
_MINUS = re.compile(r"\bminus\b", re.IGNORECASE)


def contrasts(draft: Draft) -> Iterator[str]:
    """The difference of both, or their ratio."""
    question = draft.brief.context.question
    ratio = bool(_RATIO.search(question))
    if draft.groups or not (ratio or draft.asks("difference") or _in_order(question)):
        return
    for first, last, left in _pairs(draft):
        for number in draft.numbers:
            one, other = draft.of(number, first), draft.of(number, last)
            if ratio:
                shown = f"1.0 * {one} / {other}"
            elif _GREW.search(question) and _PERCENT.search(question):
                shown = f"100.0 * ({one} - {other}) / {other}"
            else:
                shown = f"{one} - {other}"
            yield f"{draft.ground.path.clause} SELECT {shown}{draft.where.clause(but=left)}"


def overtakes(draft: Draft) -> Iterator[str]:
    """Things of which there is more, or less, in one period than in another, or of one value than of another."""
    sign = _sign(draft)
    if not sign or not draft.asks("things") or draft.groups:
        return
    things = [] if draft.of_base else [draft.thing(draft.asked)]
    things += [(draft.ground.sql(place), "ALL") for place in draft.shown if draft.sorts(place)]
    named = ["count(*)" if number == draft.counted else number for number in draft.numbers]
    numbers = dict.fromkeys((*named, *(draft.aggregate("sum", place) for place in draft.measures)))
    for first, last, left in _pairs(draft):
        for number in numbers:
            one, other = (_none_as_zero(draft.of(number, test)) for test in (first, last))
            test = f" HAVING {one} {sign} {other}"
            for shown, by in filter(all, things):
                yield f"{draft.ground.path.clause} SELECT {shown}{draft.where.clause(but=left)} GROUP BY {by}{test}"


def _none_as_zero(number: str) -> str:
    """What has no rows in a period comes to nothing: its sum is less than any."""
    return f"coalesce({number}, 0)" if number.startswith("sum(") else number


def _sign(draft: Draft) -> str:
    """Which way the first is to differ from the second, "" where the question says none."""
    question = draft.brief.context.question
    if not (said := _THAN.search(question)):
        return ""
    return "<" if said["less"] or (said["worse"] and is_marked(question)) else ">"


def _in_order(question: str) -> bool:
    """Whether what is said first is that from which the other is taken away."""
    return bool(_THAN.search(question) or _MINUS.search(question))


def _pairs(draft: Draft) -> Iterator[tuple[Test, Test, tuple[Test, ...]]]:
    """Two tests, that from which the other is taken away first, and the conditions in whose place they come."""
    periods = [part for hint in draft.brief.hints("time") if all(hint.literals) for part in _years(hint)]
    if (time := draft.where.time) and len(periods) == 2:
        if not _in_order(draft.brief.context.question):
            periods.sort(key=lambda hint: hint.literals, reverse=True)
        tests = [
            Test(time, " AND ".join(f"{draft.ground.sql(time)}{end}" for end in ends(time.column, h))) for h in periods
        ]
        yield tests[0], tests[1], tuple(test for test in draft.where.tests if test.place == time)
    for test in draft.where.parts:
        if (several := draft.where.several.get(test.place)) and len(several) == 2:
            column = draft.ground.sql(test.place)
            one, other = (Test(test.place, f"{column} = {text}") for text in several)
            yield one, other, (test,)


def _years(hint: Hint) -> Iterator[Hint]:
    """The first and the last year of 'from 2022 to 2024'; any other period as it is."""
    said = _FROM_TO.search(hint.span)
    for year in said.groups() if said else ():
        yield replace(hint, literals=(f"{year}-01-01", f"{int(year) + 1}-01-01"))
    if not said:
        yield hint
