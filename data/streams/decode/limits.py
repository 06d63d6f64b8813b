"""JSON Schema's constraints over whole columns, where that is exactly what they say of each value."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.streams.decode.column import Column
from data.streams.decode.leaf import EXACT
from data.streams.decode.raw import Mask, mask

UUID = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
PLAIN = re.compile(
    r"\^?(?:[A-Za-z0-9_ :/@#%=<>,;'\"!&~-]|\\[.\-/]|\[[A-Za-z0-9_-]+\]|[()|*+?]|\{\d{1,3}(?:,\d{0,3})?\})*\$?"
)
"""Patterns that mean the same in ECMA 262 and in RE2: plain letters, classes of letters, groups and repetition."""

Check = Callable[[pa.Array, Any], Mask]
"""Which values keep to a limit."""


def supported(column: Column) -> bool:
    """Whether all the column's limits that bear on its kind can be judged here."""
    return all(_supported(column, word, column.limits[word]) for word in _bearing(column))


def doubt(column: Column, values: pa.Array) -> Mask | None:
    """Where a value breaks a limit, or is too large to tell; None where there is none. Null breaks none."""
    found: Mask | None = None
    for word in _bearing(column):
        if word != "format" or column.limits[word] == "uuid":
            broken = ~CHECKS[word](values, column.limits[word])
            found = broken if found is None else found | broken
    if found is not None and column.kind == "number":
        found |= ~(np.abs(values.fill_null(0.0).to_numpy()) < EXACT)
    return found


def _bearing(column: Column) -> list[str]:
    if column.kind in ("string", "timestamp", "date"):
        return [word for word in column.limits if word not in NUMERIC]
    return [word for word in column.limits if word in NUMERIC or word in ("enum", "const")]


NUMERIC = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})


def _supported(column: Column, word: str, value: object) -> bool:
    if column.kind in ("timestamp", "date"):
        return word == "format"
    if word == "format":
        return value == "uuid"
    if word in ("enum", "const"):
        values = value if isinstance(value, list) else [value]
        type = {"string": str, "integer": int}.get(column.kind)
        return type is not None and all(item is None or item.__class__ is type for item in values)
    if word == "pattern":
        return isinstance(value, str) and _plain(value)
    return value.__class__ in (int, float) and abs(value) < EXACT


def _plain(pattern: str) -> bool:
    if not PLAIN.fullmatch(pattern):
        return False
    try:
        pc.match_substring_regex(pa.array([""]), pattern)
        re.compile(pattern)
    except (pa.ArrowInvalid, re.error):
        return False
    return True


def _lengths(values: pa.Array) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.asarray(pc.utf8_length(values).fill_null(0).to_numpy(), np.int64)


def _compared(compare: Callable[[pa.Array, Any], pa.Array], rounded: Callable[[float], int]) -> Check:
    def check(values: pa.Array, limit: float) -> Mask:
        if pa.types.is_integer(values.type):
            return mask(compare(values, pa.scalar(rounded(limit), pa.int64())).fill_null(True))
        return mask(compare(values, pa.scalar(float(limit), pa.float64())).fill_null(True))

    return check


def _among(values: pa.Array, allowed: object) -> Mask:
    given = [item for item in (allowed if isinstance(allowed, list) else [allowed]) if item is not None]
    return mask(pc.is_in(values, pa.array(given, values.type)))


CHECKS: Mapping[str, Check] = {
    "minimum": _compared(pc.greater_equal, math.ceil),
    "exclusiveMinimum": _compared(pc.greater, math.floor),
    "maximum": _compared(pc.less_equal, math.floor),
    "exclusiveMaximum": _compared(pc.less, math.ceil),
    "enum": _among,
    "const": _among,
    "minLength": lambda values, limit: _lengths(values) >= limit,
    "maxLength": lambda values, limit: _lengths(values) <= limit,
    "pattern": lambda values, pattern: mask(pc.match_substring_regex(values, pattern)),
    "format": lambda values, _: mask(pc.match_substring_regex(values, UUID)),
}
