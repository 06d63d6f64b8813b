"""A value of a JSON document as its column holds it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from data.streams.decode.column import Column, Kind
from data.streams.decode.leaf import LONGEST_DECIMAL, YEAR_1, YEAR_10000
from data.streams.decode.quote import quote


class Misfit(Exception):
    """The value, valid or not by the schema, has no place in the column: the field, and what would fit."""

    def __init__(self, path: str, value: object, expected: str) -> None:
        super().__init__(f"'{path}' is {quote(value)}, expected {expected}.")


def fit(column: Column, value: Any, path: str = "") -> Any:
    """The value for Arrow's builder of the column; Misfit where the column can't hold it."""
    if value is None:
        if column.null:
            return None
        raise Misfit(path, None, f"a {column.kind}")
    return FITS[column.kind](column, value, path)


def record(column: Column, value: Any, path: str = "") -> dict[str, Any]:
    """An object's fields that are columns; absent ones as None. Other members are left out."""
    if not isinstance(value, dict):
        raise Misfit(path or "event", value, "an object")
    found: dict[str, Any] = {}
    for child in column.children:
        name = child.name
        inner = value.get(name)
        if inner.__class__ is AS_IT_IS.get(child.kind):
            found[name] = inner
        elif inner is None and (child.null or name not in value) and not (child.required and name not in value):
            found[name] = None
        elif child.required and name not in value:
            raise Misfit(path or "event", value, f"the field '{name}'")
        else:
            found[name] = fit(child, inner, f"{path}.{name}" if path else name)
    return found


AS_IT_IS: Mapping[Kind, type] = {"string": str, "boolean": bool, "number": float}
"""Kinds whose values, as `orjson` reads them, need no second look: its doubles are finite."""


def _string(column: Column, value: Any, path: str) -> str:
    if isinstance(value, str):
        return value
    raise Misfit(path, value, "a string")


def _integer(column: Column, value: Any, path: str) -> int:
    if isinstance(value, float) and value.is_integer() and abs(value) <= 2**53:
        value = int(value)
    if value.__class__ is int and -(2**63) <= value < 2**63:
        return int(value)
    raise Misfit(path, value, "an integer of at most 64 bits")


def _number(column: Column, value: Any, path: str) -> float:
    if value.__class__ in (int, float) and math.isfinite(float(value)):
        return float(value)
    raise Misfit(path, value, "a number")


def _boolean(column: Column, value: Any, path: str) -> bool:
    if isinstance(value, bool):
        return value
    raise Misfit(path, value, "true or false")


EPOCH = date(1970, 1, 1).toordinal()
STAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d+))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))",
    re.ASCII,
)


def _timestamp(column: Column, value: Any, path: str) -> int:
    """Microseconds since 1970; smaller parts of a second are cut off."""
    found = STAMP.fullmatch(value) if isinstance(value, str) else None
    day = _day(found[1]) if found else None
    if found is None or day is None:
        raise Misfit(path, value, "a date and time with its offset, as in 2026-05-01T12:00:00Z")
    _, hour, minute, second, part, sign, hours, minutes = found.groups()
    seconds = day * 86_400 + int(hour) * 3600 + int(minute) * 60 + int(second)
    if sign:
        seconds -= (1 if sign == "+" else -1) * (int(hours) * 3600 + int(minutes) * 60)
    micros = seconds * 1_000_000 + int((part or "0")[:6].ljust(6, "0"))
    if not YEAR_1 <= micros < YEAR_10000:
        raise Misfit(path, value, "a time between the years 1 and 9999")
    return micros


def _date(column: Column, value: Any, path: str) -> int:
    """Days since 1970."""
    day = _day(value) if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII) else None
    if day is None:
        raise Misfit(path, value, "a date, as in 2026-05-01")
    return day


def _day(text: str) -> int | None:
    try:
        return date.fromisoformat(text).toordinal() - EPOCH
    except ValueError:
        return None


def _decimal(column: Column, value: Any, path: str) -> Decimal:
    digits, scale = column.precision
    text = str(value) if value.__class__ in (int, float) else value
    try:
        found = Decimal(text) if isinstance(text, str) and len(text) <= LONGEST_DECIMAL else None
    except InvalidOperation:
        found = None
    if found is not None and found.is_finite() and fits(found, digits, scale):
        return found
    raise Misfit(path, value, f"a decimal of {digits} digits, {scale} of them after the point")


def fits(value: Decimal, digits: int, scale: int) -> bool:
    # Trailing zeros after the point cost nothing.
    value = value.normalize()
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and -exponent <= scale and value.adjusted() < digits - scale


def _binary(column: Column, value: Any, path: str) -> bytes:
    # JSON has no bytes; Avro's encoding of them in JSON is ISO 8859-1.
    try:
        return _string(column, value, path).encode("latin-1")
    except UnicodeEncodeError:
        raise Misfit(path, value, "bytes, each as a letter up to U+00FF") from None


def _struct(column: Column, value: Any, path: str) -> dict[str, Any]:
    return record(column, value, path)


def _list(column: Column, value: Any, path: str) -> list[Any]:
    if isinstance(value, list):
        return [fit(column.children[0], item, f"{path}[{index}]") for index, item in enumerate(value)]
    raise Misfit(path, value, "a list")


def _text(column: Column, value: Any, path: str) -> str:
    import orjson

    try:
        return orjson.dumps(value).decode()
    except (orjson.JSONEncodeError, RecursionError):
        raise Misfit(path, None, "a value that is less deep") from None


FITS: Mapping[Kind, Callable[[Column, Any, str], Any]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "timestamp": _timestamp,
    "date": _date,
    "decimal": _decimal,
    "binary": _binary,
    "struct": _struct,
    "list": _list,
    "text": _text,
}
