"""Stretches of time in the words of forms: 'in the last calendar year', 'past 90 days', 'in 2024'."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

UNITS = {"day": "days", "week": "weeks", "month": "months", "year": "years"}
_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
NUMBERS = {word: number for number, word in enumerate(_WORDS, start=1)}
MONTHS = [name.lower() for name in calendar.month_name[1:]]
_MONTH = "|".join(f"{name}|{name[:3]}\\.?|{name[:4]}\\.?" for name in MONTHS)
_SPAN = r"(?P<n>\d{1,4}|" + "|".join(NUMBERS) + r")[ -](?P<unit>day|week|month|year)s?"
PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"\b(?:(?:over|in|during|within|for|of) )?(?:the )?(?:last|past|previous|preceding) {_SPAN}\b", re.I),
     "{n} {unit}"),
    (re.compile(rf"\b{_SPAN}(?= (?:volume|total|count|average|revenue|turnover|history))", re.I), "{n} {unit}"),
    (re.compile(r"\b(?:(?:over|in|during|within|for|of) )?(?:the )?(?:last|past|previous|preceding|prior)"
                r" (?:full |complete |calendar |business |tax |fiscal |financial |whole )*year\b", re.I), "last year"),
    (re.compile(r"\b(?:(?:over|in|during|for|of) )?(?:the )?year before\b", re.I), "last year"),
    (re.compile(r"\b(?:(?:over|in|during|for|of) )?(?:the |this )?(?:current |tax )?year to date\b|\bytd\b"
                r"|\b(?:so far )?this year(?: so far)?\b", re.I), "this year"),
    (re.compile(rf"\b(?:(?:in|during|for|of) )?(?P<month>{_MONTH}),? (?:of )?(?P<year>(?:19|20)\d\d)\b",
                re.I), "{year}-{month}"),
    (re.compile(r"\b(?:(?:in|during|for|of) )?(?:the )?(?:calendar |tax |fiscal )?(?:year )?(?P<year>(?:19|20)\d\d)\b",
                re.I), "{year}"),
    (re.compile(r"\b(?:annual|yearly|per annum)(?:ly)?\b|\b(?:per|a|each) year\b", re.I), "last year"),
    (re.compile(r"\b(?:to date|in all|all[ -]time|lifetime|ever|so far|since (?:opening|joining))\b", re.I), ""),
)  # fmt: skip
"""What is looked for, in this order, and the period that it stands for."""


def read(text: str) -> tuple[str, str]:
    """The period that a text speaks of, "" for none, and the text without the words for it."""
    for pattern, meaning in PATTERNS:
        if found := pattern.search(text):
            named = {name: value.lower() for name, value in found.groupdict().items() if value}
            if "n" in named:
                named["n"] = str(NUMBERS.get(named["n"], named["n"]))
                named["unit"] = UNITS[named["unit"]]
            if "month" in named:
                told = named["month"][:3]
                named["month"] = f"{[name[:3] for name in MONTHS].index(told) + 1:02}"
            return meaning.format(**named), f"{text[: found.start()]} {text[found.end() :]}"
    return "", text


def bounds(period: str, today: date) -> tuple[date, date] | None:
    """The first day of a period and the day after its last; None for all time. A number of days, months or years ends
    with yesterday."""
    if not period:
        return None
    if period.isdigit():
        return date(int(period), 1, 1), date(int(period) + 1, 1, 1)
    if re.fullmatch(r"\d{4}-\d\d", period):
        first = date.fromisoformat(f"{period}-01")
        return first, (first + timedelta(days=31)).replace(day=1)
    if period in ("last year", "this year"):
        year = today.year - (period == "last year")
        return date(year, 1, 1), date(year + 1, 1, 1) if period == "last year" else today
    count, _, unit = period.partition(" ")
    return _before(today, int(count), unit), today


def _before(day: date, count: int, unit: str) -> date:
    if unit in ("days", "weeks"):
        return day - timedelta(days=min(count * (7 if unit == "weeks" else 1), 36_500))
    months = day.year * 12 + day.month - 1 - count * (12 if unit == "years" else 1)
    year, month = max(months // 12, 1), months % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day.day, last))
