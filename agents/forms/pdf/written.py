"""Values as they are written on paper."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from agents.forms.pdf.slot import Slot

DAYS = {"yyyy": "%Y", "yy": "%y", "mmmm": "%B", "mmm": "%b", "mm": "%m", "m": "{0.month}", "dd": "%d", "d": "{0.day}"}
SEPARATORS = {0: (",", "."), 1: ("", "."), 2: (".", ","), 3: ("", ","), 4: ("'", ".")}
"""Those of the thousands and of the decimals, by their number in `AFNumber_Format`."""


def written(value: Any, slot: Slot) -> str:
    """A value as the text of a slot."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if slot.date and isinstance(value, str):
        return _day(value, slot.date)
    if slot.places >= 0 and isinstance(value, int | float):
        return _number(value, slot)
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return str(value)


def _day(value: str, pattern: str) -> str:
    day = date.fromisoformat(value[:10])
    return re.sub("|".join(DAYS), lambda found: day.strftime(DAYS[found[0]].format(day)), pattern, flags=re.ASCII)


def _number(value: float, slot: Slot) -> str:
    thousands, decimals = SEPARATORS.get(slot.separators, SEPARATORS[1])
    whole, point, rest = f"{value:,.{slot.places}f}".partition(".")
    return whole.replace(",", thousands) + point.replace(".", decimals) + rest
