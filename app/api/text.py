"""Text that can be kept: half a surrogate pair, which JSON can spell, is no character and fits no store."""

from __future__ import annotations

from typing import Any


def whole(value: Any) -> Any:
    """The value of a request's body, as it is; ValueError where a text of it is none."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            left += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            left += one
        elif isinstance(one, str) and any("\ud800" <= letter <= "\udfff" for letter in one):
            raise ValueError("a text has half of a surrogate pair in it")
    return value
