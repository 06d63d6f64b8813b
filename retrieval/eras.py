"""Decades, centuries and seasons in words: 'the early nineties', 'the 19th century', 'summer 2023'.

Seasons are those of the north, in whole months; a winter begins in December of the year that it is named by.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime

Ends = tuple[date, date]
Reader = Callable[[re.Match[str], datetime], Ends]

DECADES = {"thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70, "eighties": 80, "nineties": 90}
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
PARTS = {"early": (0, 4), "mid": (4, 7), "late": (7, 10)}
"""Years of a decade from the first to the one after the last."""

_YEAR = r"(?:19|20)\d\d"
_PART = r"(?:the\s+)?(?:(early|mid|late)[\s-]+)?(?:the\s+)?"
_LED = r"(?=the\s|early[\s-]|mid[\s-]|late[\s-]|nineteen[\s-])" + _PART + r"(?:nineteen[\s-])?"
"""A decade in words needs a word before it: 'his thirties' are years of his life."""


def decade(first: int, part: str | None) -> Ends:
    """The decade that begins with a year, or a part of it."""
    low, high = PARTS[part.lower()] if part else (0, 10)
    return date(first + low, 1, 1), date(first + high, 1, 1)


def _in_words(match: re.Match[str], now: datetime) -> Ends:
    return decade(1900 + DECADES[match[2].lower()], match[1])


def _in_digits(match: re.Match[str], now: datetime) -> Ends:
    return decade(int(match[2]), match[1])


def _century(match: re.Match[str], now: datetime) -> Ends:
    number = int(match[1])
    return date(100 * (number - 1) + 1, 1, 1), date(100 * number + 1, 1, 1)


def _season(match: re.Match[str], now: datetime) -> Ends:
    year, month = int(match[2]), SEASONS[match[1].lower()]
    ahead = month + 2
    return date(year, month, 1), date(year + ahead // 12, ahead % 12 + 1, 1)


ERAS: tuple[tuple[str, Reader], ...] = (
    (rf"{_PART}((?:19|20)\d0)['’]?s", _in_digits),
    (rf"{_LED}({'|'.join(DECADES)})", _in_words),
    (r"(?:the\s+)?(\d{1,2})(?:st|nd|rd|th)\s+century", _century),
    (rf"(?:the\s+)?({'|'.join(SEASONS)})\s+(?:of\s+)?({_YEAR})", _season),
)
