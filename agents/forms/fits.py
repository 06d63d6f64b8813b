"""Whether a column's values can stand in a field, by type, format, unit and the values themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.forms.asked import Asked
from agents.forms.normal import chosen
from agents.forms.reach import is_boolean, is_day, is_numeric
from agents.forms.sample import fitting, shape_of
from agents.forms.vocabulary import tokens
from agents.semantic.renamed import RenamedColumn
from data.catalog import Column
from data.policy import is_text

AGREES = 0.2
"""What is given where format and values agree."""
LISTED = 0.2
"""The same where the values are those that the form lists."""
ODD = -0.1
"""Taken where the types differ, but one can be written as the other."""
OTHER_UNIT = -0.15
"""Taken from a number without a unit where the field names a currency."""
LEAST = 0.5
"""The share of values that have to fit."""
FEW, MET = 12, 0.6
"""Different values of a column that a field may list, and the share of them that it has to."""
IDENTIFIERS = ("identifi·", "number")


def fit(
    asked: Asked, column: RenamedColumn, values: Sequence[Any], *, is_key: bool, identifies: bool = False
) -> float | None:
    """What speaks for or against a column beside words; None where its values can't stand in the field. `identifies`
    is whether the field asks for an identifier, in whatever words."""
    field, kind = asked.field, column.semantic
    if is_key and not identifies and not any(set(IDENTIFIERS) & set(title) for title in asked.titles):
        return None
    if field.options:
        return _listed(asked, column, values)
    match field.kind:
        case "boolean":
            return AGREES if is_boolean(kind) else None
        case "integer" | "number":
            return (OTHER_UNIT if _speaks_of_money(asked) and not kind.unit else 0.0) if is_numeric(kind) else None
        case "string":
            return _text(field.format, kind, values, is_key)
        case "any":
            return 0.0
    return None


def _speaks_of_money(asked: Asked) -> bool:
    return any({"usd", "dollar"} & set(title) for title in asked.titles)


def _text(format: str, kind: Column, values: Sequence[Any], is_key: bool) -> float | None:
    if format in ("date", "date-time") and is_day(kind):
        return AGREES
    if format and shape_of(format) is not None:
        return AGREES if is_text(kind) and fitting(values, format) >= LEAST else None
    if is_text(kind) or is_key:
        return 0.0
    return None if is_boolean(kind) else ODD


def _listed(asked: Asked, column: RenamedColumn, values: Sequence[Any]) -> float | None:
    """By the share of values that are among the field's options."""
    if not values:
        return ODD
    told = [column.meaning(value) if isinstance(value, str) else value for value in values[:200]]
    share = sum(chosen(value, asked.field.options) is not None for value in told) / len(told)
    return LISTED * share if share >= LEAST else None


def lists(asked: Asked, column: RenamedColumn, values: Sequence[Any]) -> bool:
    """Whether the field offers or mentions just the values that a column has: 'Chip, tap, swipe or online.'"""
    texts = [column.meaning(value) for value in values if isinstance(value, str)]
    if not 2 <= len(texts) <= FEW or len(texts) < len(values):
        return False
    if asked.field.options:
        met = {str(one) for text in texts if (one := chosen(text, asked.field.options)) is not None}
        return len(met) >= 2 and len(met) >= MET * len(asked.field.options) and len(met) >= MET * len(texts)
    said = set(tokens(f"{asked.field.title} {asked.field.description}"))
    told = [text for text in texts if (own := set(tokens(text))) and own <= said]
    return len(told) >= 2 and len(told) >= MET * len(texts)
