"""Quantities that a sentence sets: an amount of money, a share, a time span or a number of things."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from retrieval.numbers import WORDS, spelt

Bound = Literal["most", "least", ""]

SYMBOLS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}
CODES = "USD EUR GBP JPY CHF CAD AUD SEK NOK DKK PLN"
NAMES = {"dollar": "USD", "euro": "EUR", "pound": "GBP", "yen": "JPY", "franc": "CHF"}
SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800, "min": 60, "sec": 1}
SPANS = {"s": 1, "ms": 0.001, "min": 60, "h": 3_600, "days": 86_400, "weeks": 604_800, "seconds": 1, "minutes": 60}
"""Units of columns that are time spans, in seconds."""

_DIGITS = r"\d{1,3}(?:[,’' ]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_QUANTITY = re.compile(
    rf"(?P<symbol>[$€£¥])\s?(?P<money>{_DIGITS})(?:\s?(?P<scale>k|m|million|thousand)\b)?"
    rf"|\b(?P<before>{CODES.replace(' ', '|')})\s?(?P<coded>{_DIGITS})"
    rf"|(?<![\w.,])(?:(?P<digits>{_DIGITS})|(?P<word>{WORDS})\b)(?:\s?(?P<times>k|million|thousand)\b)?[\s-]?"
    rf"(?:(?P<pct>%|per ?cent\b)|(?:US )?(?P<unit>[A-Za-z]+))",
    re.I,
)
_SCALE = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6}
_MOST = re.compile(
    r"\b(?:at most|up to|no(?:t)? more than|no(?:t)? (?:be )?(?:larger|higher|longer|greater) than|maximum|max"
    r"|limit(?:ed)?|within|exceed\w*|less than|under|below|above|over|more than|larger than|cap(?:ped)?|ceiling)\b",
    re.I,
)
_LEAST = re.compile(r"\b(?:at least|no(?:t)? (?:less|fewer|lower|shorter) than|minimum|not under|not below)\b", re.I)


@dataclass(frozen=True)
class Quantity:
    """`value` in `unit`: a currency's code, '%', 's' for a time span in seconds, or the word that is counted.

    `text` is how the sentence says it; `bound` whether it is the most or the least that may be, where that is said."""

    value: float
    unit: str
    text: str
    bound: Bound

    @property
    def kind(self) -> Literal["money", "share", "span", "count"]:
        if self.unit in CODES.split():
            return "money"
        return "share" if self.unit == "%" else "span" if self.unit == "s" else "count"


def quantities(sentence: str) -> Iterator[Quantity]:
    """The quantities of a sentence, in order."""
    for found in _QUANTITY.finditer(sentence):
        unit = _unit(found)
        size = SECONDS.get(unit)
        yield Quantity(_number(found) * (size or 1), "s" if size else unit, found[0].strip(), _bound(sentence, found))


def in_unit(quantity: Quantity, unit: str | None) -> float | None:
    """The quantity in the unit of a column; None where they can't be compared."""
    match quantity.kind:
        case "money":
            return (
                quantity.value * 100
                if unit in ("cents", "pence")
                else quantity.value
                if unit == quantity.unit
                else None
            )
        case "share":
            return quantity.value if unit == "%" else None
        case "span":
            return quantity.value / SPANS[unit] if unit in SPANS else None
    return quantity.value if unit in (None, quantity.unit) else None


def _number(found: re.Match[str]) -> float:
    digits = found["money"] or found["coded"] or found["digits"]
    number = float(re.sub(r"[^\d.]", "", digits)) if digits else float(spelt(found["word"]))
    return number * _SCALE.get((found["scale"] or found["times"] or "").lower(), 1.0)


def _unit(found: re.Match[str]) -> str:
    if found["symbol"]:
        return SYMBOLS[found["symbol"]]
    if found["before"]:
        return found["before"].upper()
    if found["pct"]:
        return "%"
    word = found["unit"]
    if word.upper() in CODES.split():
        return str(word.upper())
    single = word.lower().removesuffix("s")
    return NAMES.get(single, single)


def _bound(sentence: str, found: re.Match[str]) -> Bound:
    """What stands nearest before the number decides, else what stands just behind it."""
    before, behind = sentence[: found.start()], sentence[found.end() :]
    if re.match(r"\s+(?:or (?:more|above|older|longer)|minimum)\b", behind, re.I):
        return "least"
    if re.match(r"\s+(?:or (?:less|fewer|below|shorter)|maximum)\b", behind, re.I):
        return "most"
    most = max((m.end() for m in _MOST.finditer(before)), default=-1)
    least = max((m.end() for m in _LEAST.finditer(before)), default=-1)
    return "" if most == least else "least" if least > most else "most"
