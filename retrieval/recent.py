"""Periods that are counted from now, in words: 'the last five minutes', 'since 10 minutes ago', 'this hour'.

They are told in UTC, to the second: a period that ends now takes in the second that has begun.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from data.values import whole
from retrieval.numbers import WORDS, spelt

Ends = tuple[date, date]
"""[since, until): days, or naive datetimes in UTC."""

SECONDS = {"s": 1, "m": 60, "h": 3600}
_VAGUE = {"few": 5, "couple": 2, "several": 5}
SECOND = timedelta(seconds=1)

_UNITS = r"(seconds?|secs?|minutes?|mins?|hours?|hrs?)"
_SHORT = r"(seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h)"
_HALVES = r"half(?:[\s-]an?)?[\s-](?:hour|minute)|(?:a\s+)?quarter\s+of\s+an\s+hour"
MANY = rf"(?:a\s+|the\s+)?(?:few|several|couple(?:\s+of)?)|an?|{WORDS}"
_LONG = rf"(?:({_HALVES})|(\d+)[\s-]*{_SHORT}|({MANY})[\s-]+{_UNITS})"
"""A duration of hours, minutes or seconds, in five groups that `_length` reads."""
_LAST = r"(?:the\s+)?(?:very\s+)?(?:last|past|previous|latest|preceding)"


def clock(now: datetime) -> datetime:
    """The second of an aware time, as a naive one in UTC."""
    return now.astimezone(UTC).replace(tzinfo=None, microsecond=0)


def _seconds(count: int, unit: str) -> timedelta:
    return timedelta(seconds=count * SECONDS[unit[0].lower()])


def how_many(words: str) -> int:
    """How many a text says: '12', 'five', 'a few', 'a couple of'; OverflowError for more than 18 digits."""
    said = words.lower().removeprefix("a ").removeprefix("the ").removesuffix(" of").strip()
    if (number := whole(said)) is not None:
        return number
    if said.isdecimal():
        raise OverflowError(said)
    return 1 if said in ("a", "an") else _VAGUE.get(said) or spelt(said)


def _length(half: str | None, digits: str | None, short: str | None, many: str | None, unit: str | None) -> timedelta:
    """The duration that the five groups of `_LONG` say."""
    if half:
        return timedelta(seconds=30 if "minute" in half.lower() else 900 if "quarter" in half.lower() else 1800)
    return _seconds(how_many(digits or many or ""), short or unit or "")


def _rolling(length: timedelta, now: datetime) -> Ends:
    return now - length, now + SECOND


def _ago(length: timedelta, now: datetime) -> Ends:
    """The second, minute or hour that began so long ago."""
    unit = max(s for s in SECONDS.values() if length >= timedelta(seconds=s)) if length else 1
    return now - length, now - length + timedelta(seconds=unit)


def _calendar(unit: str, now: datetime, back: int) -> Ends:
    hour = unit[0].lower() == "h"
    begun = now.replace(minute=0, second=0) if hour else now.replace(second=0)
    length = timedelta(hours=1) if hour else timedelta(minutes=1)
    return begun - back * length, begun - back * length + length


def _some_days(words: str, unit: str, now: datetime) -> date:
    return now.date() - timedelta(days=how_many(words) * (7 if unit.lower().startswith("week") else 1))


def _day(day: date) -> Ends:
    return day, day + timedelta(days=1)


Reader = Callable[[re.Match[str], datetime], Ends]

RECENT: tuple[tuple[str, Reader], ...] = (
    (
        rf"between\s+(\d+|{MANY})\s+and\s+(\d+|{MANY})\s+{_UNITS}\s+ago",
        lambda m, t: (t - _seconds(how_many(m[1]), m[3]), t - _seconds(how_many(m[2]), m[3])),
    ),
    (rf"{_LONG}\s+ago", lambda m, t: _ago(_length(*m.groups()), t)),
    (rf"{_LAST}\s+{_LONG}(?!\s+of\b)", lambda m, t: _rolling(_length(*m.groups()), t)),
    (r"(?:the\s+)?previous\s+(hour|minute)", lambda m, t: _calendar(m[1], t, 1)),
    (rf"{_LAST}\s+(second|minute|hour)(?!\s+of\b)", lambda m, t: _rolling(_seconds(1, m[1]), t)),
    (r"(?:this|(?:the\s+)?current)\s+(hour|minute)", lambda m, t: _calendar(m[1], t, 0)),
    (r"(?:just\s+now|(?:just\s+)?moments\s+ago)", lambda m, t: _rolling(timedelta(minutes=1), t)),
    # So far, a day holds what it holds at all: days stay days, which columns of dates can tell too.
    (r"(?:so\s+far\s+today|today\s+so\s+far|today\s+until\s+now)", lambda m, t: _day(t.date())),
    (r"(?<=since\s)midnight", lambda m, t: _day(t.date())),
    (rf"(\d+|{MANY})\s+(days?|weeks?)\s+ago", lambda m, t: _day(_some_days(m[1], m[2], t))),
)
