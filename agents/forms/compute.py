"""Fields that are made of other fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from agents.forms.binding import Binding


def computed(binding: Binding, values: Mapping[str, Any]) -> Any:
    """The value, or None where a field that it needs has none."""
    parts = [values.get(path) for path in binding.fields]
    if any(part is None for part in parts):
        return None
    if binding.operation == "join":
        return binding.separator.join(str(part) for part in parts)
    numbers = _numbers(parts)
    if numbers is None:
        return None
    match binding.operation:
        case "sum":
            return _plain(sum(numbers, Decimal(0)))
        case "difference":
            return _plain(numbers[0] - numbers[1])
        case "ratio":
            return _plain(numbers[0] / numbers[1] * Decimal(str(binding.factor))) if numbers[1] else None
    return None


def _numbers(parts: Sequence[Any]) -> list[Decimal] | None:
    if any(isinstance(part, bool) or not isinstance(part, int | float) for part in parts):
        return None
    return [Decimal(str(part)) for part in parts]


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(round(number, 6))
