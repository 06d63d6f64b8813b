"""How large a value one call may make: the engine counts such values to no memory limit, and can't be interrupted
while it makes one."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from data.errors import TooExpensive
from data.gateway.scopes import Node, walk

SIZED: Mapping[str, int] = {"repeat": 1, "lpad": 1, "rpad": 1, "list_resize": 1, "array_resize": 1, "bar": 3}
"""Functions that make a value as large as an argument says, and which argument that is."""

WORDED = ("printf", "format")
"""Functions whose first argument has widths in it."""

SERIES = ("range", "generate_series")

LARGEST = 10_000
"""Letters or items that a call may ask for."""

TOGETHER = 1_000_000
"""What all calls of a query may make of one value, one around the other; small ones do not count."""
SMALL = 100

LONGEST = 100_000
"""Items of a list that counts from one number to another, and moments of a series that is finer than days."""

WIDTH = re.compile(r"\d{4,}")
DAYS = ("to_days", "to_weeks", "to_months", "to_quarters", "to_years", "to_decades", "to_centuries")
SECONDS = {"hour": 3_600, "minute": 60, "second": 1}
STEP = re.compile(r"\s*(\d+)\s*(\w+?)s?\s*")


def check_sizes(statement: Node) -> None:
    """TooExpensive for a call in DuckDB's tree that could make a very large value."""
    nodes = [node for node, _ in walk(statement)]
    streamed = {id(node["function"]) for node in nodes if node.get("type") == "TABLE_FUNCTION"}
    sizes = [size for node in nodes if "function_name" in node for size in _sizes(node, id(node) in streamed)]
    if math.prod(size for size in sizes if size >= SMALL) > TOGETHER:
        raise _refused("The query", "asks for values that grow on one another")


def _sizes(node: Node, streamed: bool) -> Iterator[int]:
    name, children = str(node["function_name"]).lower(), node.get("children", [])
    if name in SIZED and len(children) > SIZED[name]:
        size = _integer(children[SIZED[name]])
        if size is None or size > LARGEST:
            raise _refused(f"'{name}'", f"takes a size that is a number of at most {LARGEST:,}")
        yield size
    elif name in WORDED and children:
        text = _constant(children[0])
        if not isinstance(text, str) or WIDTH.search(text):
            raise _refused(f"'{name}'", "takes a text that is written out, with widths below 1,000")
    elif name in SERIES:
        _check_series(name, children, streamed)


def _check_series(name: str, children: list[Node], streamed: bool) -> None:
    step = children[2] if len(children) > 2 else None
    seconds = _seconds(step) if step is not None else None
    if seconds == math.inf:
        return
    if seconds:
        ends = [_moment(child) for child in children[:2]]
        if None in ends or _count(ends, seconds) > LONGEST:
            raise _refused(f"'{name}'", f"counts at most {LONGEST:,} moments, between two that are written out")
    elif not streamed:
        numbers = [_integer(child) for child in children]
        if any(n is None and not _is_length(c) for n, c in zip(numbers, children, strict=True)) or (
            max((abs(n) for n in numbers if n is not None), default=0) > LONGEST
        ):
            raise _refused(f"'{name}'", f"counts at most to {LONGEST:,} in a list; after FROM it may go on")


def _count(ends: list[datetime | None], seconds: float) -> float:
    first, last = ends
    assert first is not None
    assert last is not None
    return abs((last - first).total_seconds()) / seconds


def _seconds(step: Node) -> float | None:
    """The length of a step: infinite from a day on, None for one that is no interval that can be told."""
    name = str(step.get("function_name", ""))
    if name in DAYS:
        return math.inf
    if name.startswith("to_"):
        amount = next((n for node, _ in walk(step) if (n := _integer(node)) is not None), None)
        return SECONDS.get(name[3:-1], 0.001) * amount if amount else 1e-9
    text = _constant(step.get("child", {})) if (step.get("cast_type") or {}).get("id") == "INTERVAL" else None
    if not isinstance(text, str):
        return None
    match = STEP.fullmatch(text.lower())
    if match is None or not int(match[1]):
        return 1e-9
    return int(match[1]) * SECONDS[match[2]] if match[2] in SECONDS else math.inf if _is_days(match[2]) else 1e-9


def _is_days(unit: str) -> bool:
    return unit in ("day", "week", "month", "quarter", "year", "decade")


def _moment(node: Node) -> datetime | None:
    text = _constant(node.get("child", {})) if "cast_type" in node else _constant(node)
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None) if isinstance(text, str) else None
    except ValueError:
        return None


def _is_length(node: Node) -> bool:
    """Whether it counts what is there, such as the items of a list."""
    return str(node.get("function_name", "")) in ("length", "len", "array_length", "strlen", "list_count")


def _integer(node: Node) -> int | None:
    value = _constant(node)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _constant(node: Node) -> Any:
    return node["value"].get("value") if node.get("type") == "VALUE_CONSTANT" else None


def _refused(what: str, why: str) -> TooExpensive:
    return TooExpensive(f"{what} {why}.", "Ask for less, or in smaller steps.")
