"""In which form the values of an expression are kept, so that they add up exactly."""

from __future__ import annotations

import re

from data.errors import Invalid
from data.features.definition import Feature
from data.features.plan import Stored

DIGITS = 18
"""Digits of a decimal that fits into 64 bits."""

WHOLE = ("BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UINTEGER", "USMALLINT", "UTINYINT")
MOMENTS = ("TIMESTAMP", "DATE", "TIMESTAMP_S", "TIMESTAMP_MS")
NUMBERS = ("integer", "decimal", "float")
TAKES: dict[str, tuple[str, ...]] = {
    "sum": NUMBERS,
    "avg": NUMBERS,
    "min": (*NUMBERS, "moment"),
    "max": (*NUMBERS, "moment"),
    "quantile": (*NUMBERS, "moment"),
}
"""The kinds of values that a function takes, where not all."""


def stored_as(feature: Feature, text: str, kind: str, name: str) -> Stored:
    """The column for a feature's expression, which DuckDB says is of type `kind`. Invalid for a type without one."""
    decimal = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", kind)
    if kind in (*WHOLE, "BOOLEAN"):
        return Stored(name, f"CAST({text} AS BIGINT)", "integer")
    if decimal and int(decimal[1]) <= DIGITS:
        return Stored(name, f"CAST(({text}) * {10 ** int(decimal[2])} AS BIGINT)", "decimal", int(decimal[2]))
    if kind in ("DOUBLE", "FLOAT"):
        return _float(feature, text, name)
    if kind in MOMENTS:
        return Stored(name, f"epoch_us(CAST({text} AS TIMESTAMP))", "moment")
    if kind == "VARCHAR":
        return Stored(name, text, "text")
    raise Invalid(f"'{feature.expression}' is {kind}.", "CAST it to a number, text or a moment.")


def _float(feature: Feature, text: str, name: str) -> Stored:
    # A sum of doubles hangs on their order, one of whole numbers does not. What is no number is left out.
    if feature.function in ("sum", "avg"):
        whole = f"CAST(round(CAST({text} AS DOUBLE) * 1e{feature.decimals}) AS BIGINT)"
        return Stored(name, f"CASE WHEN isfinite({text}) THEN {whole} END", "decimal", feature.decimals)
    return Stored(name, f"CASE WHEN isfinite({text}) THEN CAST({text} AS DOUBLE) + 0.0 END", "float")


def check_takes(feature: Feature, stored: Stored, kind: str) -> None:
    """Invalid where a function has no meaning for the values."""
    if stored.kind not in TAKES.get(feature.function, (stored.kind,)):
        raise Invalid(f"'{feature.function}' can't be taken of {kind}.", "Use `last`, `count` or approx_distinct.")


def key_type(name: str, kind: str) -> str:
    """In which type a key is kept. Invalid for what is neither a whole number nor text."""
    if kind in ("VARCHAR", "UUID"):
        return "VARCHAR"
    if kind in WHOLE:
        return "BIGINT"
    raise Invalid(f"'{name}' is {kind}, neither a whole number nor text.", "CAST it in the source.")
