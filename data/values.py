"""Values of rows as JSON can hold them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any


def whole(text: str) -> int | None:
    """The whole number that a text writes in at most 18 digits; None for any other text, '²' and '--1' among them."""
    digits = text.removeprefix("-")
    return int(text) if digits.isdecimal() and len(digits) <= 18 else None


def plain(value: Any) -> Any:
    """A value as JSON can hold it: decimals as numbers, times as ISO text, NaN and infinities as null."""
    match value:
        case bool() | int() | str() | None:
            return value
        case float():
            return value if math.isfinite(value) else None
        case Decimal():
            return plain(float(value)) if value.as_tuple().exponent else int(value)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case bytes():
            return value.hex()
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(item) for item in value]
    return str(value)
