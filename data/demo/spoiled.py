"""Events as broken producers send them: twelve ways in which an event of the demo can be wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import orjson

Row: TypeAlias = Mapping[str, Any]
LARGE = 70_000
"""Bytes; the demo's streams take 65,536."""


def _without(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "status" and name != "platform"}


def _name(row: Row, ending: str) -> str:
    return next(name for name in row if name.endswith(ending))


def _with(row: Row, ending: str, value: Any) -> bytes:
    return orjson.dumps({**row, _name(row, ending): value}, option=orjson.OPT_UTC_Z)


def _whole(row: Row) -> bytes:
    return orjson.dumps(row, option=orjson.OPT_UTC_Z)


WAYS: Mapping[str, Callable[[Row], bytes]] = {
    "empty": lambda row: b"",
    "cut short": lambda row: _whole(row)[: len(_whole(row)) // 2],
    "no JSON": lambda row: b"<event>" + _whole(row) + b"</event>",
    "wrong encoding": lambda row: _whole(row).replace(b'"', b'"\xff', 1),
    "a list": lambda row: b"[" + _whole(row) + b"]",
    "a missing column": lambda row: _whole(_without(row)),
    "text for a number": lambda row: _with(row, "_id", "seventeen"),
    "null where none may be": lambda row: _with(row, "_id", None),
    "an unknown value": lambda row: _with(row, "platform" if "platform" in row else "status", "unheard-of"),
    "no time": lambda row: _with(row, "ed_at", "yesterday at noon"),
    "a far future": lambda row: _with(row, "ed_at", "2999-12-31T23:59:59Z"),
    "too large": lambda row: _whole({**row, "padding": "x" * LARGE}),
}
"""What is wrong, and how it is made of a good event's row."""
