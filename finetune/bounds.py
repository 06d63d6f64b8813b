"""Bounds on numbers that are in the data, as SQL and as people say them with their unit: 'over 50 kilos'."""

from __future__ import annotations

import random
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from data.catalog import Column

COMPARE = {"more": ">", "less": "<", "atleast": ">=", "atmost": "<="}
DEFAULT = {"USD": (5, 400), "s": (60, 300)}
UNITS: dict[str, tuple[str, ...]] = {
    "USD": ("${:,}", "${}", "{} dollars", "{}", "{} USD", "{:,} dollars"),
    "EUR": ("€{}", "{} euros", "{} EUR", "{}", "€{:,}", "{} euro"),
    "GBP": ("£{}", "{} pounds", "{} GBP", "{}", "£{:,}"),
    "cent": ("{} cents", "{}", "{} cent"),
    "s": ("{} seconds", "{}", "{} s", "{} secs"),
    "min": ("{} minutes", "{}", "{} min", "{} mins"),
    "h": ("{} hours", "{}", "{} h", "{} hrs"),
    "days": ("{} days", "{}", "{} days"),
    "kg": ("{} kg", "{} kilos", "{} kilograms", "{}"),
    "g": ("{} grams", "{} g", "{}"),
    "t": ("{} tonnes", "{} tons", "{}"),
    "km": ("{} km", "{} kilometres", "{} kilometers", "{}"),
    "m": ("{} metres", "{} meters", "{} m", "{}"),
    "cm": ("{} cm", "{} centimetres", "{}"),
    "l": ("{} litres", "{} liters", "{}"),
    "ha": ("{} hectares", "{} ha", "{}"),
    "%": ("{}%", "{} percent", "{}", "{} %"),
    "m2": ("{} square metres", "{} sqm", "{}"),
}
ALONE = frozenset(("USD", "EUR", "GBP", "kg", "km", "min", "h", "days", "s"))
"""Units that tell which number is meant without its name."""


@dataclass(frozen=True)
class Bound:
    """`sql` follows the column; `text` is the comparison in words."""

    sql: str
    text: str
    alone: bool

    def said(self, name: str, rng: random.Random, phrases: dict[str, Any]) -> str:
        """Behind a noun, with the number's name unless its unit tells it."""
        if self.alone and rng.random() < 0.35:
            return rng.choice(("{}", "of {}", "{}", "for {}") if rng.random() < 0.8 else ("worth {}",)).format(
                self.text
            )
        return str(rng.choice(phrases["number_is"])).format(c=name, x=self.text)


def amount(number: Decimal, unit: str | None, rng: random.Random) -> str:
    """A number as people say it with its unit."""
    whole = int(number) if number == number.to_integral_value() else number.normalize()
    return str(rng.choice(UNITS.get(unit or "", ("{}",) if rng.random() < 0.8 else ("{:,}",)))).format(whole)


def literal(number: Decimal) -> str:
    """A number as SQL writes it."""
    return f"{number.normalize():f}"


def rounded(value: float, quantiles: tuple[float, ...]) -> Decimal:
    """A number near the value that people would say."""
    spread = quantiles[-2] - quantiles[1]
    if spread <= 12:
        return Decimal(str(round(value * 2) / 2)) if any(q % 1 for q in quantiles) else Decimal(round(value))
    step = 10 ** (len(str(int(spread))) - 2)
    step = step * 5 if spread / step > 40 else step
    return Decimal(round(value / step) * step)


def draw(
    column: Column, quantiles: tuple[float, ...] | None, rng: random.Random, phrases: dict[str, Any]
) -> Bound | None:
    """A bound that some rows meet."""
    number, other = _numbers(column, quantiles, rng)
    if number < 0:
        return None
    unit = column.unit
    if other > number and rng.random() < 0.15:
        said = rng.choice(phrases["between"]).format(f"{_plain(number, rng)} and {amount(other, unit, rng)}")
        return Bound(f"BETWEEN {literal(number)} AND {literal(other)}", said, unit in ALONE and unit in said)
    if rng.random() < 0.08:
        said = rng.choice(phrases["exactly"]).format(amount(number, unit, rng))
        return Bound(f"= {literal(number)}", said, False)
    kind = rng.choice(("more", "more", "less", "atleast", "atmost"))
    text = amount(number, unit, rng)
    forms = phrases[kind] + (phrases.get(f"{kind}_{_sort(unit)}") or [])
    return Bound(
        f"{COMPARE[kind]} {literal(number)}", rng.choice(forms).format(text), unit in ALONE and not _bare(text)
    )


def _numbers(column: Column, quantiles: tuple[float, ...] | None, rng: random.Random) -> tuple[Decimal, Decimal]:
    if quantiles is None:
        low, high = DEFAULT.get(column.unit or "", (5, 500))
        step = 5 if high > 50 else 1
        number = rng.randrange(low, high, step)
        return Decimal(number), Decimal(number + rng.randrange(step, high, step))
    first, second = sorted(rng.sample(range(1, len(quantiles) - 1), 2))
    chosen = rounded(quantiles[rng.choice((first, second))], quantiles)
    return chosen, max(chosen, rounded(quantiles[second], quantiles))


def _plain(number: Decimal, rng: random.Random) -> str:
    return literal(number)


def _bare(text: str) -> bool:
    return not any(c.isalpha() or c in "$€£%" for c in text)


def _sort(unit: str | None) -> str:
    """What kind of thing a unit measures, for the words that only such things take."""
    if unit in ("s", "min", "h", "days"):
        return "time"
    return "money" if unit in ("USD", "EUR", "GBP") else "other"
