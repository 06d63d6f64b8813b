"""Days, drawn and written in the ways that databases write them."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random


def day(random: Random, first: date, last: date) -> date:
    return first + timedelta(days=random.randint(0, (last - first).days))


def packed(when: date | None) -> int | None:
    """A day as the integer yyyymmdd."""
    return None if when is None else int(when.strftime("%Y%m%d"))
