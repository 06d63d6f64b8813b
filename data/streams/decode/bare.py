"""Columns of what stands between the colons and commas of JSON, in no quotation marks, as it is written there."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa

from data.streams.decode import leaf
from data.streams.decode.column import Column, Kind
from data.streams.decode.leaf import DIGIT, Values
from data.streams.decode.raw import Bytes, Mask, Raw

MINUS, POINT, ZERO, NINE = b"-.09"


def integer(column: Column, array: pa.Array) -> Values:
    """Integers of 64 bits, written as such."""
    values, doubt = leaf.integer(column, array)
    return values, doubt | _misspelt(array)


def number(column: Column, array: pa.Array) -> Values:
    """Doubles without an exponent. Minus zero may be an integer's."""
    values, doubt = leaf.written(column, array)
    negative = Raw(array).head() == MINUS
    return values, doubt | _misspelt(array) | (negative & (values.fill_null(0.0).to_numpy() == 0))


def decimal(column: Column, array: pa.Array) -> Values:
    """Numbers that need no rounding."""
    values, doubt = leaf.decimal(column, array)
    return values, doubt | _misspelt(array)


def _misspelt(array: pa.Array) -> Mask:
    """What isn't, or may not be, a number by JSON's grammar: it has neither leading zeros nor a bare point."""
    raw = Raw(array)
    sign = (raw.head() == MINUS).astype(np.int32)
    length = raw.lengths - sign
    first, second = raw.head(sign), raw.head(sign + 1)
    wrong = (length < 1) | ~_digit(first) | ~_digit(raw.tail()) | ((first == ZERO) & (length > 1) & (second != POINT))
    strange = np.flatnonzero(~DIGIT[raw.data[raw.offsets[0] : raw.offsets[-1]]]) + raw.offsets[0]
    wrong[np.searchsorted(raw.offsets, strange, "right") - 1] = True
    return np.asarray(wrong, np.bool_)


def _digit(found: Bytes) -> Mask:
    return np.asarray((found >= ZERO) & (found <= NINE), np.bool_)


def _text(column: Column, array: pa.Array) -> Values:
    return array, np.zeros(len(array), np.bool_)


READINGS: Mapping[Kind, Callable[[Column, pa.Array], Values]] = {
    "integer": integer, "number": number, "decimal": decimal, "boolean": leaf.boolean,
}  # fmt: skip
TEXTS: Mapping[Kind, Callable[[Column, pa.Array], Values]] = {
    "string": _text, "timestamp": leaf.timestamp, "date": leaf.date, "decimal": leaf.decimal,
}  # fmt: skip
"""Of what stood in quotation marks, without these."""
