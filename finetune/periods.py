"""Periods for training questions: how people write them.

What they mean is left to the linker that reads them in use.
"""

from __future__ import annotations

import calendar
import random
from collections.abc import Sequence

YEARS = (2024, 2025)
Years = Sequence[int]


def _month(rng: random.Random, years: Years) -> str:
    name = calendar.month_name[rng.randint(1, 12)]
    return rng.choice((name, name, name, name[:3])) + f" {rng.choice(years)}"


def _day(rng: random.Random, years: Years) -> str:
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.choice(years)
    name = calendar.month_name[month]
    return rng.choice((f"{day} {name} {year}", f"{name} {day}, {year}", f"{year}-{month:02}-{day:02}"))


def _quarter(rng: random.Random, years: Years) -> str:
    quarter, year = rng.randint(1, 4), rng.choice(years)
    names = ("first", "second", "third", "fourth")
    return rng.choice((f"Q{quarter} {year}", f"Q{quarter} of {year}", f"the {names[quarter - 1]} quarter of {year}"))


def _half(rng: random.Random, years: Years) -> str:
    return f"the {rng.choice(('first', 'second'))} half of {rng.choice(years)}"


def _year(rng: random.Random, years: Years) -> str:
    return str(rng.choice(years))


def period(rng: random.Random, years: Years = YEARS) -> str:
    """A period in words: 'in March 2025', 'since June 2024', 'between May and July 2025'."""
    inside = rng.choice((_month, _month, _month, _year, _year, _quarter, _half))(rng, years)
    shape = rng.random()
    if shape < 0.6:
        return f"{rng.choice(('in', 'in', 'in', 'during', 'throughout'))} {inside}"
    if shape < 0.68:
        return f"on {_day(rng, years)}"
    edge = rng.choice((_month, _year, _day))(rng, years)
    if shape < 0.8:
        return f"{rng.choice(('since', 'after', 'from'))} {edge}" + ("" if rng.random() < 0.8 else " onwards")
    if shape < 0.9:
        return f"{rng.choice(('before', 'until', 'prior to'))} {edge}"
    first = rng.randint(1, 10)
    a, b = calendar.month_name[first], calendar.month_name[rng.randint(first + 1, 12)]
    return rng.choice((f"between {a} and {b} {rng.choice(years)}", f"from {a} to {b} {rng.choice(years)}"))


def birth_period(rng: random.Random) -> str:
    """A period in which grown people were born."""
    year = rng.randint(1955, 2003)
    return rng.choice((f"before {year}", f"after {year}", f"in {year}", f"in the {year // 10 * 10}s", f"since {year}"))
