"""Which picture suits a result, by the shape of its columns alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

MOST_BARS = 50
SHOWN = {"line": "over", "bar": "by"}

Shape = Literal["time", "number", "category", "other"]


def chart(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, Any] | None:
    """{kind: line|bar, x, y, title} with names of columns, or None when a table says it better."""
    if len(rows) < 2 or len(set(columns)) != len(columns):
        return None
    shapes = [_shape(name, [row[index] for row in rows]) for index, name in enumerate(columns)]
    number = _first(shapes, "number")
    if number is None:
        return None
    for shape, kind in (("time", "line"), ("category", "bar")):
        axis = _first(shapes, shape)
        if axis is not None and _fits(kind, axis, rows):
            return _spec(kind, columns[axis], columns[number])
    return None


def _spec(kind: str, x: str, y: str) -> dict[str, Any]:
    return {"kind": kind, "x": x, "y": y, "title": f"{y} {SHOWN[kind]} {x}"}


def _fits(kind: str, axis: int, rows: Sequence[Sequence[Any]]) -> bool:
    """One value per mark on the axis; bars only as many as can be read."""
    marks = [row[axis] for row in rows]
    return len(set(map(str, marks))) == len(marks) and (kind == "line" or len(rows) <= MOST_BARS)


def _first(shapes: Sequence[Shape], wanted: str) -> int | None:
    return next((index for index, shape in enumerate(shapes) if shape == wanted), None)


def _shape(name: str, values: Sequence[Any]) -> Shape:
    known = [value for value in values if value is not None]
    if not known:
        return "other"
    if all(isinstance(value, (date, datetime)) for value in known) or _is_period(name, known):
        return "time"
    if all(isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) for value in known):
        # An identifier is a number that nobody measures.
        return "category" if name.lower().endswith("_id") else "number"
    return "category" if all(isinstance(value, (str, bool)) for value in known) else "other"


def _is_period(name: str, values: Sequence[Any]) -> bool:
    """Whole numbers under a name such as `year(created_at)` or `month`."""
    said = name.lower().split("(", 1)[0].strip()
    return said in ("year", "month", "quarter", "week", "day", "hour") and all(type(v) is int for v in values)
