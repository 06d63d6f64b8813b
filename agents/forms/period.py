"""Stretches of time in the words of forms: 'in the last calendar year', 'past 90 days', 'in 2024'."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

UNITS = {"day": "days", "week": "weeks", "month": "months", "year": "years"}
_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
NUMBERS = {word: number for number, word in enumerate(_WORDS, start=1)} | {
    "eighteen": 18, "twenty": 20, "twenty-four": 24, "thirty": 30, "thirty-six": 36, "forty": 40, "forty-five": 45,
    "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "one hundred": 100,
    "a hundred": 100, "one hundred and eighty": 180, "a couple of": 2, "a dozen": 12,
}  # fmt: skip
MONTHS = [name.lower() for name in calendar.month_name[1:]]
_MONTH = "|".join(f"{name}|{name[:3]}\\.?|{name[:4]}\\.?" for name in MONTHS)
_SPAN = (
    r"(?P<n>\d{1,4}|"
    + "|".join(sorted(NUMBERS, key=len, reverse=True))
    + r")[ -](?:calendar |full |whole |complete )?(?P<unit>day|week|month|year)s?"
)
_LAST = "(?:last|past|previous|preceding|prior|foregoing|latest|most recent|trailing|rolling)"
_GONE = (
    "(?:last past|just past|past|gone by|preceding|last preceding|immediately preceding|just (?:ended|gone|closed)"
    "|last ended|then ended|to date|up to now|until now)"
)
_IN = (
    "(?:(?:(?:in|over|during|within) the course of|over|in|during|within|for|of|through|throughout|across|since) )?"
    "(?:the )?(?:whole )?(?:of )?(?:the )?"
)
_WHOLE = "(?:full |complete |completed |calendar |business |tax |fiscal |financial |whole |trading |accounting )*"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_QUARTERS = {"first": "1", "second": "2", "third": "3", "fourth": "4", "1st": "1", "2nd": "2", "3rd": "3", "4th": "4"}
PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"\b{_IN}{_LAST} {_SPAN}(?: to date)?\b", re.I), "{n} {unit}"),
    (re.compile(rf"\b{_IN}{_SPAN} {_GONE}\b", re.I), "{n} {unit}"),
    (re.compile(rf"\b{_SPAN}(?= (?:volume|total|count|average|revenue|turnover|history|sales|takings))", re.I),
     "{n} {unit}"),
    (re.compile(rf"\b{_IN}{_LAST} {_WHOLE}year\b", re.I), "last year"),
    (re.compile(rf"\b{_IN}(?:year before|{_WHOLE}year {_GONE})(?<!to date)(?<!now)\b", re.I), "last year"),
    (re.compile(r"\b(?:(?:over|in|during|for|of) )?(?:the |this )?(?:current |tax )?year to date\b|\bytd\b"
                r"|\b(?:so far )?this year(?: so far)?\b", re.I), "this year"),
    (re.compile(rf"\b{_IN}(?:month of )?(?P<month>{_MONTH})[,/-]? ?(?:of )?{_YEAR}\b", re.I), "{year}-{month}"),
    (re.compile(rf"\b(?P<month>{_MONTH})(?:[-/]['’]?| ?['’])(?P<short>\d\d)(?!\d|[-/])\b", re.I), "20{short}-{month}"),
    (re.compile(rf"^\W*(?P<month>{_MONTH}) (?P<short>\d\d)\W*$", re.I), "20{short}-{month}"),
    (re.compile(rf"\b{_YEAR}[ ,/-]{{1,2}}(?P<month>{_MONTH})\b", re.I), "{year}-{month}"),
    (re.compile(rf"(?<![\d/.-])(?P<m>0?[1-9]|1[0-2])[/.-]{_YEAR}(?![\d/.-])"), "{year}-{m}"),
    (re.compile(rf"(?<![\d/.-]){_YEAR}[/.-](?P<m>0[1-9]|1[0-2])(?![\d/.-])"), "{year}-{m}"),
    (re.compile(rf"(?<!\d){_YEAR}(?P<m>0[1-9]|1[0-2])(?!\d)"), "{year}-{m}"),
    (re.compile(rf"\b(?:month|period|M|P) ?(?P<m>0?[1-9]|1[0-2]),? ?(?:[/-]|of |in )? ?{_YEAR}\b", re.I), "{year}-{m}"),
    (re.compile(rf"\b{_YEAR} ?[/,-]? ?(?:M|P)(?P<m>0?[1-9]|1[0-2])\b", re.I), "{year}-{m}"),
    (re.compile(rf"\b{_IN}(?:Q|quarter )(?P<q>[1-4]) ?[/,-]? ?(?:of |in )?(?:the year )?{_YEAR}\b", re.I), "{year}-Q{q}"),  # noqa: E501
    (re.compile(rf"\b{_YEAR} ?[/,-]? ?(?:Q|quarter )(?P<q>[1-4])\b", re.I), "{year}-Q{q}"),
    (re.compile(rf"\b{_IN}(?P<nth>{'|'.join(_QUARTERS)}) quarter,? (?:of )?(?:the year )?{_YEAR}\b", re.I), "{year}-Q{q}"),  # noqa: E501
    (re.compile(rf"\b{_IN}{_WHOLE}(?:year )?(?:as a whole |ended |ending )?{_YEAR}(?: as a whole)?\b", re.I), "{year}"),
    (re.compile(r"\b(?:annual|yearly|per annum)(?:ly)?\b|\b(?:per|a|each) year\b", re.I), "last year"),
    (re.compile(r"\b(?:to date|in all|all[ -]time|lifetime|ever|so far|since (?:opening|joining))\b", re.I), ""),
)  # fmt: skip
"""What is looked for, in this order, and the period that it stands for."""


AT_END = re.compile(rf"^(?P<rest>.*[^\W\d].*?)[\s,:(–—-]+(?:in |for |of )?(?P<part>{_MONTH}|Q[1-4])\)?\W*$", re.I)
"""A part of a year behind what is asked for it: 'Gross, Jan'."""
BARE = re.compile(
    rf"^\W*(?:(?:in|during|for|over|the|month|of|whole|calendar) )*(?:(?P<month>{_MONTH})|(?:month|period|M|P) ?0?(?P<m>\d\d?)"  # noqa: E501
    r"|(?:Q|quarter )(?P<q>[1-4]))\W*$",
    re.I,
)
"""A part of a year that is named elsewhere."""


def read(text: str) -> tuple[str, str]:
    """The period that a text speaks of, "" for none, and the text without the words for it."""
    for pattern, meaning in PATTERNS:
        if found := pattern.search(text):
            named = {name: value.lower() for name, value in found.groupdict().items() if value}
            return meaning.format(**_plain(named)), f"{text[: found.start()]} {text[found.end() :]}"
    return "", text


def within(text: str, around: str) -> str:
    """The part of a year that a text is, where the year stands around it: 'January' under '2025'; "" for none."""
    found, year = BARE.match(text), re.search(rf"\b{_YEAR}\b", around)
    if not found or not year or int(found["m"] or 1) not in range(1, 13):
        return ""
    if found["q"]:
        return f"{year['year']}-Q{found['q']}"
    return "{year}-{month}".format(
        **_plain({"year": year["year"], "month": (found["month"] or "").lower()}, found["m"])
    )


def ending(text: str, around: str) -> tuple[str, str]:
    """The part of a year that a text ends with, where the year stands around it, and the text without; "" for none."""
    found = AT_END.match(text)
    part = within(found["part"], around) if found and not read(text)[0] else ""
    return (part, found["rest"]) if part and found else ("", text)


def _plain(named: dict[str, str], m: str | None = None) -> dict[str, str]:
    """What a pattern has found, as the period is written."""
    number = m or named.get("m")
    if number:
        named["m"] = named["month"] = f"{int(number):02}"
    elif "month" in named:
        named["month"] = f"{[name[:3] for name in MONTHS].index(named['month'][:3]) + 1:02}"
    if "n" in named:
        named["n"] = str(NUMBERS.get(named["n"], named["n"]))
        named["unit"] = UNITS[named["unit"]]
    if "nth" in named:
        named["q"] = _QUARTERS[named["nth"]]
    return named


def bounds(period: str, today: date) -> tuple[date, date] | None:
    """The first day of a period and the day after its last; None for all time. A number of days, months or years ends
    with yesterday."""
    if not period:
        return None
    if period.isdecimal():
        return date(int(period), 1, 1), date(int(period) + 1, 1, 1)
    if re.fullmatch(r"\d{4}-\d\d", period):
        first = date.fromisoformat(f"{period}-01")
        return first, (first + timedelta(days=31)).replace(day=1)
    if found := re.fullmatch(r"(\d{4})-Q([1-4])", period):
        first = date(int(found[1]), 3 * int(found[2]) - 2, 1)
        return first, (first + timedelta(days=95)).replace(day=1)
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
