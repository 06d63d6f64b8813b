"""Whether a query gives its numbers in the unit that a question asks for."""

from __future__ import annotations

import re
from typing import Literal

from sqlglot import exp

from agents.ask.rerank.shape import Shape

_FACTORS: dict[str, tuple[tuple[str, float], ...]] = {
    "cents": ((r"euros?|eur|€|dollars?|usd|\$|pounds?|gbp|£|francs?", 100),),
    "pence": ((r"pounds?|gbp|£|quid", 100),),
    "s": ((r"minutes?|mins?", 60), (r"hours?|hrs?", 3600)),
    "min": ((r"hours?|hrs?", 60),),
    "h": ((r"days", 24),),
    "days": ((r"weeks?", 7),),
    "mm": ((r"cm|centimet(?:re|er)s?", 10), (r"m|met(?:re|er)s?", 1000)),
    "cm": ((r"m|met(?:re|er)s?", 100),),
    "ml": ((r"l|lit(?:re|er)s?", 1000),),
    "l": ((r"hl|hectolit(?:re|er)s?", 100),),
    "mg": ((r"g|grams?|grammes?", 1000),),
    "m2": ((r"ha|hectares?", 10000),),
    "ms": ((r"seconds?|secs?", 1000),),
    "m": ((r"km|kilomet(?:re|er)s?", 1000),),
    "g": ((r"kgs?|kilos?|kilograms?", 1000),),
    "kg": ((r"t|tons?|tonnes?", 1000),),
    "kWh": ((r"mwh|megawatt[- ]hours?", 1000), (r"gwh|gigawatt[- ]hours?", 1_000_000)),
    "MWh": ((r"gwh|gigawatt[- ]hours?", 1000),),
    "kW": ((r"mw|megawatts?", 1000),),
    "MB": ((r"gb|gigabytes?", 1000),),
}
"""By the unit of a column: what people may ask for instead, and what its numbers are divided by then."""


def converts(shape: Shape, question: str) -> Literal["", "right", "missing", "extra"]:
    """Whether numbers are converted as asked; "" where none is asked for and none is done."""
    by = {float(i.expression.this) for i in shape.tree.find_all(exp.Div) if isinstance(i.expression, exp.Literal)}
    wanted = _wanted(shape, question)
    if not wanted:
        return "extra" if by and not (_unknown(shape) and _names_unit(question)) else ""
    return "right" if by and by <= wanted else "extra" if by else "missing"


def _wanted(shape: Shape, question: str) -> set[float]:
    """The factors of the units that a question names, for the numbers that the query shows or computes."""
    measured = {shape.column(name).unit for name in shape.columns["computed"] | shape.columns["shown"]}
    return set().union(*(factors(unit, question) for unit in measured))


def _unknown(shape: Shape) -> bool:
    """Whether the unit of something that is divided is not known."""
    below = (item for item in shape.tree.find_all(exp.Div) if isinstance(item.expression, exp.Literal))
    named = (shape.named(column) for item in below for column in item.this.find_all(exp.Column))
    return any(name and shape.column(name).unit is None for name in named)


def _names_unit(question: str) -> bool:
    """Whether a question names a unit that numbers are converted to."""
    return any(factors(unit, question) for unit in _FACTORS)


def factors(unit: str | None, question: str) -> set[float]:
    """What numbers in a unit are divided by to be in one that a question names."""
    pairs = _FACTORS.get(unit or "", ())
    return {
        factor for said, factor in pairs if re.search(rf"(?:\b|(?=[€$£]))(?:{said})(?:\b|(?<=[€$£]))", question, re.I)
    }
