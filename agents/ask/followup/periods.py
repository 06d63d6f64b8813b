"""Periods that a remark tells by the one before: 'and in April?', 'the month before', 'Q3 instead'."""

from __future__ import annotations

import re
from datetime import date, timedelta

from retrieval.hints import Hint
from retrieval.moments import MONTHS, month_number, next_month

_MONTH = re.compile(
    rf"\b(?:(?:in|for|during|of|to)\s+)?(?P<name>{'|'.join(MONTHS)}|{'|'.join(m[:3] for m in MONTHS)}|sept)\b"
)
_QUARTER = re.compile(
    r"\b(?:(?:in|for|during|of|the)\s+)*(?:q(?P<n>[1-4])|(?P<word>first|second|third|fourth) quarter)\b", re.I
)
_WORDS = ("first", "second", "third", "fourth")
_SHIFT = re.compile(
    r"\b(?:(?:in|for|during)\s+)?(?:the\s+)?(?:(?P<back>previous|preceding|prior)|(?P<ahead>next|following|subsequent))\s+"
    r"(?P<unit>year|quarter|month|week|day|period)\b"
    r"|\b(?:(?:in|for|during)\s+)?(?:the|a|one)\s+(?P<unit2>year|quarter|month|week|day)\s+"
    r"(?:(?P<back2>before|earlier|prior)|(?P<ahead2>after|later))(?:\s+(?:that|it))?\b",
    re.I,
)
_MAY = re.compile(r"\bmay\b(?!\s+(?:i|you|we|be|have)\b)")
_MONTHS = {"year": 12, "quarter": 3, "month": 1}
Days = tuple[date, date]


def spoken(hint: Hint) -> str:
    """The period in words that mean the same without the question before."""
    since, until = (date.fromisoformat(text) for text in hint.literals)
    if since.day == until.day == 1:
        months = (until.year - since.year) * 12 + until.month - since.month
        if months == 1:
            return f"in {MONTHS[since.month - 1].capitalize()} {since.year}"
        if months == 3 and since.month % 3 == 1:
            return f"in Q{since.month // 3 + 1} {since.year}"
        if months == 12 and since.month == 1:
            return f"in {since.year}"
    return f"from {since} to {until - timedelta(days=1)}"


def relative(text: str, before: Days | None) -> Hint | None:
    """The period that the remark means, given the one that the question before was about."""
    if before is None:
        return None
    if shift := _SHIFT.search(text):
        unit = (shift["unit"] or shift["unit2"]).lower()
        return _hint(text, shift, _moved(before, unit, -1 if shift["back"] or shift["back2"] else 1))
    if quarter := _QUARTER.search(text):
        number = int(quarter["n"]) if quarter["n"] else _WORDS.index(quarter["word"].lower()) + 1
        first = date(before[0].year, 3 * number - 2, 1)
        return _hint(text, quarter, (first, next_month(first, 3)))
    if (month := _MONTH.search(text.lower())) and (month["name"] != "may" or _MAY.search(text.lower())):
        first = date(before[0].year, month_number(month["name"]), 1)
        return _hint(text, month, (first, next_month(first)))
    return None


def _moved(period: Days, unit: str, steps: int) -> Days:
    since, until = period
    if unit in _MONTHS:
        start = next_month(since, steps * _MONTHS[unit])
        whole = next_month(start, _MONTHS[unit])
        # A month's predecessor is a month; 'the year before' a month is the same month a year earlier.
        length = (until.year - since.year) * 12 + until.month - since.month
        return (start, next_month(start, length)) if since.day == until.day == 1 and length > 0 else (start, whole)
    days = {"week": 7, "day": 1}.get(unit, (until - since).days) * steps
    return since + timedelta(days=days), until + timedelta(days=days)


def _hint(text: str, match: re.Match[str], days: Days) -> Hint:
    return Hint(text[match.start() : match.end()], "time", literals=(str(days[0]), str(days[1])), start=match.start())
