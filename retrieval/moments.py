"""Dates and periods written in words, as half-open ranges of days, or of seconds where they are that short.

'March 2025' is [2025-03-01, 2025-04-01).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from retrieval.eras import ERAS, decade
from retrieval.recent import MANY, RECENT, clock, how_many

MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTH = "|".join(f"{name}|{name[:3]}" for name in MONTHS) + "|sept"
_YEAR = r"(?:19|20)\d\d"
_ORDINAL = {
    "first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "last": 4,
}  # fmt: skip

Range = tuple[date, date]


@dataclass(frozen=True)
class Moment:
    """A period found at `question[start:end]`: from `since` up to, not including, `until`.

    Either may be open. They are days, or naive datetimes in UTC where the period is shorter than days.
    """

    start: int
    end: int
    text: str
    since: date | None
    until: date | None


def instant(day: date) -> datetime:
    """A datetime as it is, a day as its beginning."""
    return day if isinstance(day, datetime) else datetime.combine(day, time.min)


def month_number(text: str) -> int:
    """1..12 for a month's name or its abbreviation."""
    return next(i for i, name in enumerate(MONTHS, 1) if name.startswith(text.lower()[:3]))


def next_month(day: date, months: int = 1) -> date:
    """The first day of the month that is `months` after the day's month."""
    ahead = day.year * 12 + day.month - 1 + months
    return date(ahead // 12, ahead % 12 + 1, 1)


def _month(year: int, month: int, span: int = 1) -> Range:
    first = date(year, month, 1)
    return first, next_month(first, span)


def _day(year: int, month: int, day: int) -> Range:
    """One day; a day that its month does not have is read as the month."""
    first, after = _month(year, month)
    if not 1 <= day <= (after - first).days:
        return first, after
    return date(year, month, day), date(year, month, day) + timedelta(days=1)


def _relative(count: int, unit: str, today: date) -> Range:
    until = today + timedelta(days=1)
    if unit in ("month", "quarter", "year"):
        months = count * {"month": 1, "quarter": 3, "year": 12}[unit]
        return next_month(today, -months).replace(day=min(today.day, 28)), until
    return today - timedelta(days=count * (7 if unit == "week" else 1)), until


def _calendar(which: str, unit: str, today: date) -> Range:
    back = 1 if which in ("last", "previous") else 0
    if unit == "year":
        return _month(today.year - back, 1, 12)
    if unit == "quarter":
        first = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
        first = next_month(first, -3 * back)
        return _month(first.year, first.month, 3)
    if unit == "week":
        monday = today - timedelta(days=today.weekday() + 7 * back)
        return monday, monday + timedelta(days=7)
    first = next_month(today, -back)
    return _month(first.year, first.month)


def _named_day(word: str, today: date) -> Range:
    start = today - timedelta(days=1 if word.lower() == "yesterday" else 0)
    return start, start + timedelta(days=1)


Reader = Callable[[re.Match[str], datetime], Range]

_QUARTERS = "|".join(_ORDINAL)
_TH = r"(?:st|nd|rd|th)?(?:\s+of)?"
_TO = r"\s*(?:to|and|through|until|till|-|–)\s*(?:the\s+)?"
_LOW, _HIGH = r"(?P<low>\d{1,2})", r"(?P<high>\d{1,2})"
_FORMER, _LATER = rf"(?P<first>{_MONTH})\.?", rf"(?P<month>{_MONTH})\.?"
_DATE = r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?:T[\d:.]+Z?)?"


def _day_first(match: re.Match[str], now: datetime) -> Range:
    return _day(int(match[3]), month_number(match[2]), int(match[1]))


def _days(match: re.Match[str], now: datetime) -> Range:
    """From a day to a day, both included. The year is said once, and the month may be.

    ValueError for an end before its beginning, and for 'on 3 March and 9 April', which are two days."""
    found, twice = (
        match.groupdict(),
        re.search(r"\band\b", match[0]) and not _LEAD.search(match.string[: match.start()]),
    )
    if twice and found.get("first"):
        raise ValueError(match[0])
    year, month = int(found["year"]), month_number(found["month"])
    first = month_number(found["first"]) if found.get("first") else month
    since, until = _day(year - (first > month), first, int(found["low"]))[0], _day(year, month, int(found["high"]))[1]
    if since >= until:
        raise ValueError(match[0])
    return since, until


def _month_first(match: re.Match[str], now: datetime) -> Range:
    return _day(int(match[3]), month_number(match[1]), int(match[2]))


def _ordinal_quarter(match: re.Match[str], now: datetime) -> Range:
    return _month(int(match[2]), 3 * _ORDINAL[match[1].lower()] - 2, 3)


def _half(match: re.Match[str], now: datetime) -> Range:
    return _month(int(match[2]), 1 if match[1].lower() in ("first", "1st") else 7, 6)


# The first pattern that matches at a place wins, so the more exact ones stand first.
PERIODS: tuple[tuple[str, Reader], ...] = (
    (_DATE, lambda m, t: _day(int(m[1]), int(m[3]), int(m[4]))),
    (rf"{_LOW}{_TH}{_TO}{_HIGH}{_TH}\s+{_LATER},?\s+(?P<year>{_YEAR})", _days),
    (rf"{_LOW}{_TH}\s+{_FORMER}{_TO}{_HIGH}{_TH}\s+{_LATER},?\s+(?P<year>{_YEAR})", _days),
    (rf"{_LATER}\s+{_LOW}{_TH}{_TO}{_HIGH}{_TH},?\s+(?P<year>{_YEAR})", _days),
    (rf"{_FORMER}\s+{_LOW}{_TH}{_TO}{_LATER}\s+{_HIGH}{_TH},?\s+(?P<year>{_YEAR})", _days),
    (rf"({_MONTH})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+({_YEAR})", _month_first),
    (rf"(\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+({_MONTH})\.?,?\s+({_YEAR})", _day_first),
    (rf"({_MONTH})\.?,?\s*(?:of\s+)?({_YEAR})", lambda m, t: _month(int(m[2]), month_number(m[1]))),
    (rf"({_YEAR})-(\d\d)(?!\d)", lambda m, t: _month(int(m[1]), int(m[2]))),
    (rf"q([1-4])\s*(?:of\s+|in\s+|/|-)?\s*({_YEAR})", lambda m, t: _month(int(m[2]), 3 * int(m[1]) - 2, 3)),
    (rf"({_YEAR})\s*-?\s*q([1-4])", lambda m, t: _month(int(m[1]), 3 * int(m[2]) - 2, 3)),
    (rf"({_QUARTERS})\s+quarter\s+(?:of\s+|in\s+)?({_YEAR})", _ordinal_quarter),
    (rf"(first|1st|second|2nd|last)\s+half\s+(?:of\s+)?({_YEAR})", _half),
    (rf"h([12])\s+(?:of\s+)?({_YEAR})", lambda m, t: _month(int(m[2]), 6 * int(m[1]) - 5, 6)),
    *RECENT,
    *ERAS,
    (r"(?<!\w)(?:the\s+['’]?|['’]|(?<=in\s))([3-9]0)['’]?s(?!\w)", lambda m, t: decade(1900 + int(m[1]), None)),
    (
        rf"(?:last|previous|this)\s+year(?:,\s*|\s+\()({_YEAR})(?:\)|(?=\s*(?:[?!;:]|\.(?!\d)|,\s|$)))",
        lambda m, t: _month(int(m[1]), 1, 12),
    ),
    (rf"(?<![\d$€£.,])({_YEAR})(?![,.]?\d|[a-z%])", lambda m, t: _month(int(m[1]), 1, 12)),
    (
        rf"(?:the\s+)?(?:last|past|previous)\s+(\d+|{MANY})\s+(day|week|month|quarter|year)s?",
        lambda m, t: _relative(how_many(m[1]), m[2].lower(), t.date()),
    ),
    (
        r"(?:the\s+)?(?:past\s+(day|week|month|quarter|year)|last\s+(day))(?!\s+of\b)",
        lambda m, t: _relative(1, (m[1] or m[2]).lower(), t.date()),
    ),
    (
        r"(last|previous|this)\s+(week|month|quarter|year)",
        lambda m, t: _calendar(m[1].lower(), m[2].lower(), t.date()),
    ),
    (r"(today|yesterday)", lambda m, t: _named_day(m[1], t.date())),
)
_COMPILED = tuple((re.compile(p if p.startswith("(?<!") else rf"\b{p}(?!\w)", re.I), reader) for p, reader in PERIODS)

# 'over 2000' and '2000 dollars' count, 'over 2000-03' and 'later than 2000' do not.
_UNIT = r"(?:us )?(?:dollars?|usd|bucks|seconds?|secs?|s)\b"
_COUNTED = re.compile(
    r"(?:(?<!later )(?<!newer )(?<!older )(?<!earlier )than|over|under|above|below|beyond|exceed\w*|least"
    r"|most|exactly|equals?|equal to|worth|maximum of|minimum of|top|limit"
    r"|between (?!(?:19|20)\d\d )\S+ and)\s+$",
    re.I,
)
_COUNTED_UNIT = re.compile(rf"\s*{_UNIT}|\s+and\s+\d+\s+{_UNIT}", re.I)

_START = r"(?: the)?(?: (?:start|beginning) of)?(?: the)?(?: year)?\s+$"
_SINCE = re.compile(
    rf"(?:no(?:t|t any)? earlier than|not before|(?:in|on|during) or after|since|from|starting(?: in| from| on)?"
    rf"|beginning(?: in)?|as of|on or after){_START}",
    re.I,
)
_AFTER = re.compile(
    r"(?:after|following|later than|newer than|past|post-?)(?: the)?(?: end of)?(?: the)?(?: year)?[\s-]+$", re.I
)
_BEFORE = re.compile(rf"(?:pre-|(?:before|prior to|earlier than|older than|until|till|up to){_START})", re.I)
_THROUGH = re.compile(
    r"(?:no(?:t|t any)? later than|(?:in|on|during) or before|through|up to and including"
    r"|(?:until|till|by|before|up to) the end of)\s+$",
    re.I,
)
_BETWEEN = re.compile(r"\s+(?P<word>and|to|through|until|till)\s+|\s*[-–—]\s*", re.I)
_IN = re.compile(
    r"(?:in|during|on|of|for|throughout|over|within)(?: the)?(?: (?:year|month|whole of|course of))?\s+$",
    re.I,
)
_LEAD = re.compile(r"\b(?:between|from)(?: the)?\s+$", re.I)
_WHOLE = re.compile(
    r"(?:ies|0['’]?s|century)$|\b(?:to|and|through|until|till)\b|\d(?:st|nd|rd|th)?\s*[-–]\s*\d{1,2}\s", re.I
)
"""What is a period from its first to its last word, so that 'from' before it opens nothing."""
_MONTH_ALONE = re.compile(
    rf"\b(?:(?:between|from)\s+({_MONTH})\s+(?:and|to|through)\s+|({_MONTH})\s*(?:to|through|until|till|-|–)\s*)$", re.I
)
_BEFORE_THAT = re.compile(
    r"\b(?:in )?the (?:(year|quarter|month) (?:before|earlier|prior)(?: that)?"
    r"(?! (?:\w+ed|the|they|we|i|you|it|he|she|an?|his|her|our|their|its)\b)"
    r"|(?:preceding|previous|prior) (year|quarter|month))\b",
    re.I,
)
_LONGER_AGO = re.compile(r"(?:more|longer|further|over|older)(?: than)?\s+$", re.I)
_SHORTER_AGO = re.compile(r"(?:less|no more|not more|no longer|sooner|within|under)(?: than)?\s+$", re.I)
_ONWARDS = re.compile(r"^\s+(?:onwards?|or later|or after|and later)\b", re.I)


def _counts(question: str, match: re.Match[str]) -> bool:
    """True for four digits that are an amount and no year."""
    before, after = question[: match.start()], question[match.end() :]
    return match[0].isdigit() and bool(_COUNTED.search(before) or _COUNTED_UNIT.match(after))


def periods(question: str, now: datetime) -> list[tuple[int, int, Range]]:
    """(start, end, range) of each period by itself, without the words that bound it; `now` is aware."""
    found: list[tuple[int, int, Range]] = []
    at = clock(now)
    for pattern, reader in _COMPILED:
        for match in pattern.finditer(question):
            if any(match.start() < end and start < match.end() for start, end, _ in found):
                continue
            if _counts(question, match):
                continue
            try:
                found.append((match.start(), match.end(), reader(match, at)))
            except (ValueError, OverflowError):  # month 13, or past the year 9999
                continue
    return sorted(_told_from(question, found))


def _told_from(question: str, found: list[tuple[int, int, Range]]) -> list[tuple[int, int, Range]]:
    """The same with 'the year before', which is told from the one period that is named before it."""
    match = _BEFORE_THAT.search(question)
    months = {"year": 12, "quarter": 3, "month": 1}[(match[1] or match[2]).lower()] if match else 0
    named = [each for each in found if match and each[1] <= match.start()]
    if not match or len(named) != 1 or (since := named[0][2][0]) != since.replace(day=1):
        return found
    if next_month(since, months) != named[0][2][1]:
        return found
    others = [each for each in found if not (each[0] < match.end() and match.start() < each[1])]
    return [*others, (match.start(), match.end(), (next_month(since, -months), since))]


def moments(question: str, now: datetime) -> list[Moment]:
    """The periods with the words that bound them ('since', 'before', 'between … and …') taken in.

    `now` is aware; what is counted from it is told in UTC.
    """
    found: list[Moment] = []
    for start, end, (since, until) in periods(question, now):
        if found and _joined(question, found[-1], start, since):
            first = found.pop()
            lead = _LEAD.search(question[: first.start])
            begin = lead.start() if lead else first.start
            found.append(
                Moment(begin, end, question[begin:end], first.since, since if _gone(question[:end]) else until)
            )
        elif alone := _MONTH_ALONE.search(question[:start]):
            month = month_number(alone[1] or alone[2])
            first_day = date(since.year - (month > since.month), month, 1)
            found.append(Moment(alone.start(), end, question[alone.start() : end], first_day, until))
        else:
            found.append(_bounded(question, start, end, since, until))
    return found


def _joined(question: str, first: Moment, start: int, since: date) -> bool:
    """True where two periods are the ends of one: 'May to July', but not 'March 2024 and March 2025'."""
    link = _BETWEEN.fullmatch(question, first.end, start)
    if not link or not first.since or instant(first.since) > instant(since):
        return False
    spanning = (link["word"] or "").lower() != "and" or _LEAD.search(question[: first.start])
    return bool(spanning) or first.until == since


def _gone(text: str) -> bool:
    return text.lower().endswith("ago")


def _bounded(question: str, start: int, end: int, since: date, until: date) -> Moment:
    def at(match: re.Match[str], low: date | None, high: date | None) -> Moment:
        return Moment(match.start(), end, question[match.start() : end], low, high)

    before = question[:start]
    if (source := _LEAD.search(before)) and _WHOLE.search(question[start:end]):
        return at(source, since, until)
    if onwards := _ONWARDS.match(question[end:]):
        stop = end + onwards.end()
        return Moment(start, stop, question[start:stop], since, None)
    ago = ((_LONGER_AGO, None, since), (_SHORTER_AGO, since, None)) if _gone(question[start:end]) else ()
    readings = (
        *ago,
        (_THROUGH, None, until),
        (_SINCE, since, None),
        (_AFTER, until, None),
        (_BEFORE, None, since),
        (_IN, since, until),
    )
    for pattern, low, high in readings:
        if match := pattern.search(before):
            return at(match, low, high)
    return Moment(start, end, question[start:end], since, until)
