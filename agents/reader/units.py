"""The period that the name of a wanted column is of."""

from __future__ import annotations

import re

from agents.reader.items import Items
from agents.reader.named import columns
from agents.reader.wanted import Wanted
from data.naming import words

_UNITS = {"date": "day", "day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year",
          "hour": "hour", "weekday": "weekday", "decade": "decade"}  # fmt: skip
_PARTS = dict.fromkeys(("hour of day", "hour of the day", "day of day", "day of the day"), "hour") | dict.fromkeys(
    ("weekday name", "day name", "day of week", "day of the week", "hour of week", "name of the weekday"), "weekday"
)
"""Names of the part of a day or week that a moment lies in."""
_KINDS = dict.fromkeys(("is weekend", "weekend flag"), "is_weekend") | dict.fromkeys(
    ("day type", "day kind", "type of day", "kind of day", "day class", "weekend or weekday", "weekday or weekend",
     "weekend weekday"), "weekend"
)  # fmt: skip
"""Names of what a day is: one of a weekend or not."""
_OF_WEEK_WORDS = """
weekend weekends weekday weekdays for saturday sunday and otherwise else or on is the if rests days day
all other monday friday to true false sat sun mon fri when
"""
_OF_WEEK = frozenset(_OF_WEEK_WORDS.split())


def unit_of(want: Wanted, items: Items) -> str:
    """The period that a name is of: `month`, `week_start`, `signup_month` where rows are put together by months."""
    said = words(want.name)
    name, first = " ".join(said), _UNITS.get(said[0], "")
    if (kind := _KINDS.get(name)) and not (set(re.findall(r"[a-z]+", want.told)) - _OF_WEEK):
        return kind
    if len(said) == 1 or (said[1:] in (["start"], ["begin"], ["beginning"]) and first):
        return first
    if name in _PARTS:
        return _PARTS[name]
    unit = _UNITS.get(said[-1], "")
    return unit if unit and timed(unit, items) and not columns(want, items) else ""


def timed(unit: str, items: Items) -> bool:
    """Whether rows are put together by a period."""
    return any(group.unit == unit for group in items.frame.groups)
