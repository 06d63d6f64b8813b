"""Columns of proven values, out of the texts and numbers that the engine's lenient reader gave for them.

The reader makes text of a number and a number of a text. Each function here gives the column's values and where they
are in doubt: whatever was, or could have been, of another JSON type than the schema's. That a number was no string is
not seen here: `data.streams.decode.quick` sees it in the number of quotation marks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.streams.decode.column import Column, Kind
from data.streams.decode.raw import Mask, Raw, mask, text

Values = tuple[pa.Array, Mask]
YEAR_1, YEAR_10000 = -62_135_596_800_000_000, 253_402_300_800_000_000
"""Microseconds since 1970."""
LONGEST_DECIMAL = 60
"""Letters of a decimal."""
EXACT = 2.0**53
"""Up to here a double holds every integer."""


def string(column: Column, array: pa.Array) -> Values:
    """Texts that no number, literal, list or object could have given."""
    raw = Raw(array)
    length = np.minimum(raw.lengths, 15).astype(np.uint16)
    return array, AMBIGUOUS[(raw.head().astype(np.uint16) << 4) | length]


def quoted(column: Column, array: pa.Array) -> Values:
    """Texts that came as JSON with their quotation marks, which prove them, and which are taken off here."""
    raw = Raw(array)
    doubt = (raw.head() != 34) | (raw.lengths < 2)
    if raw.count(92):
        doubt |= raw.counts(92) > 0
    bare = pc.binary_slice(array.cast(pa.binary()), 1, -1)
    return text(bare), doubt


def integer(column: Column, array: pa.Array) -> Values:
    """Numbers written as integers that fit 64 bits."""
    return cast(array, pa.int64(), "^-?[0-9]{1,18}$")


def number(column: Column, array: pa.Array) -> Values:
    """Doubles. True came as 1 and false as 0, which leaves these two in doubt."""
    values = array.fill_null(2.0).to_numpy()
    return array, ~np.isfinite(values) | (values == 0) | (values == 1)


def written(column: Column, array: pa.Array) -> Values:
    """Doubles that came as text, where true and false are no numbers."""
    values, doubt = cast(array, pa.float64(), "^-?[0-9][0-9.e+-]*$")
    return values, doubt | ~np.isfinite(values.fill_null(0.0).to_numpy())


def boolean(column: Column, array: pa.Array) -> Values:
    """True and false, by their names."""
    values = pc.equal(array, "true")
    return values, ~(mask(values) | mask(pc.equal(array, "false")))


def date(column: Column, array: pa.Array) -> Values:
    """Dates of four, two and two digits."""
    values, doubt = cast(array, pa.date32(), r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
    days = values.cast(pa.int32()).fill_null(0).to_numpy()
    return values, doubt | (Raw(array).lengths != 10) | (days < YEAR_1 // 86_400_000_000)


def timestamp(column: Column, array: pa.Array) -> Values:
    """RFC 3339's points in time, to the microsecond.

    Arrow reads ISO 8601: of its variants only RFC 3339's are as long as this and end so.
    """
    raw = Raw(array)
    zulu = (raw.tail() == ord("Z")) & (raw.lengths >= 20)
    offset = (raw.tail(3) == ord(":")) & np.isin(raw.tail(6), (43, 45)) & (raw.lengths >= 25)
    doubt = ~(zulu | offset) | (raw.head(10) != ord("T"))
    values, failed = _instants(array)
    micros = values.cast(pa.int64()).fill_null(0).to_numpy()
    return values, doubt | failed | (micros < YEAR_1) | (micros >= YEAR_10000)


def decimal(column: Column, array: pa.Array) -> Values:
    """Numbers of digits and a point that need no rounding. Arrow reads 1e5 too, whose digits nobody wrote."""
    values, doubt = cast(array, column.type, DIGITS)
    raw = Raw(array)
    if not DIGIT[raw.data[raw.offsets[0] : raw.offsets[-1]]].all():
        doubt = doubt | ~mask(pc.match_substring_regex(array, DIGITS))
    return values, doubt | (raw.lengths > LONGEST_DECIMAL)


DIGITS = r"^-?[0-9]+(\.[0-9]+)?$"
DIGIT = np.isin(np.arange(256), list(b"0123456789.-"))


def quoted_decimal(column: Column, array: pa.Array) -> Values:
    """As `decimal`, of texts."""
    bare, doubt = quoted(column, array)
    values, failed = decimal(column, bare)
    return values, doubt | failed


def _instants(array: pa.Array) -> Values:
    try:
        return array.cast(pa.timestamp("us", "UTC")), np.zeros(len(array), np.bool_)
    except pa.ArrowInvalid:
        pass
    try:  # Java writes nanoseconds.
        nanos = array.cast(pa.timestamp("ns", "UTC")).cast(pa.int64())
    except pa.ArrowInvalid:
        return cast(array, pa.timestamp("us", "UTC"), INSTANT)
    micros = np.floor_divide(nanos.fill_null(0).to_numpy(), 1000)
    return pa.array(micros, mask=mask(nanos.is_null())).cast(pa.timestamp("us", "UTC")), np.zeros(len(array), np.bool_)


INSTANT = (
    r"^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-][0-2][0-9]:[0-5][0-9])$"
)


def cast(array: pa.Array, type: pa.DataType, pattern: str) -> Values:
    """Arrow's cast, which is strict, and where it failed: there the values are null.

    It fails as a whole, so first what does not match the pattern is left out, and then the failing one is looked for.
    """
    nothing = np.zeros(len(array), np.bool_)
    try:
        return array.cast(type), nothing
    except pa.ArrowInvalid:
        fits = pc.match_substring_regex(array, pattern)
    array = pc.if_else(fits, array, pa.scalar(None, array.type))
    parts = list(_halves(array, type, [SEARCHES]))
    values = pa.concat_arrays(parts)
    return values, mask(values.is_null())


SEARCHES = 4096


def _halves(array: pa.Array, type: pa.DataType, left: list[int]) -> list[pa.Array]:
    left[0] -= 1
    try:
        return [array.cast(type)]
    except pa.ArrowInvalid:
        if len(array) == 1 or left[0] < 0:
            return [pa.nulls(len(array), type)]
    half = len(array) // 2
    return _halves(array[:half], type, left) + _halves(array[half:], type, left)


def _ambiguous() -> Mask:
    # By first byte and length, 15 standing for all that are longer.
    table = np.zeros((256, 16), np.bool_)
    table[list(b"-0123456789[{")] = True
    for letters, lengths in ((b"tTnN", [4]), (b"fF", [5]), (b"nN", [3]), (b"iI", [3, 8])):
        for letter in letters:
            table[letter, lengths] = True
    table[:, 0] = False
    return table.reshape(-1)


AMBIGUOUS = _ambiguous()
"""Whether a number, a literal, a list or an object may begin so and be as long: never an empty text."""

Reading = tuple[str, Callable[[Column, pa.Array], Values]]
READINGS: Mapping[Kind, Reading] = {
    "string": ("VARCHAR", string),
    "integer": ("VARCHAR", integer),
    "number": ("DOUBLE", number),
    "boolean": ("VARCHAR", boolean),
    "timestamp": ("VARCHAR", timestamp),
    "date": ("VARCHAR", date),
}
"""The engine's type for each kind, and what proves it."""
CAREFUL: Mapping[Kind, Reading] = {"string": ("JSON", quoted), "number": ("VARCHAR", written)}
"""Dearer, for columns where the other reading is often in doubt."""


def reading(column: Column, careful: bool) -> Reading:
    """How to read a column, fast or with care."""
    if column.kind == "decimal":
        return ("JSON", quoted_decimal) if column.texts else ("VARCHAR", decimal)
    return CAREFUL.get(column.kind, READINGS[column.kind]) if careful else READINGS[column.kind]
