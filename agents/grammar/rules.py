"""Rules of a Lark grammar for llguidance.

Its lexer takes the longest match and does not go back: no terminal may be the beginning of another one that is
allowed there and goes on as what may follow the first. So a column, an operator and a literal are terminals of
their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache


def quote(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


@lru_cache(maxsize=8192)
def terminal(text: str) -> str:
    """A text as a terminal of a Lark grammar."""
    return json.dumps(text, ensure_ascii=False)


def either(options: Iterable[str]) -> str:
    """Alternatives, each once."""
    return " | ".join(dict.fromkeys(option for option in options if option))


def optional(rule: str) -> str:
    """What may be left out; nothing where there is nothing."""
    return f"({rule})?" if rule else ""


def series(first: str, again: str, most: int) -> str:
    """`first`, then up to `most` times a comma and `again`."""
    return f'{first} (", " {again}){{0,{most}}}'


class Rules:
    """Collects rules. One whose body is empty is left out, and a body that was there before keeps its name."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def add(self, *options: str) -> str:
        """A rule for one of the options; returns its name, or "" when there is none."""
        body = either(options)
        return self._names.setdefault(body, f"r{len(self._names)}") if body else ""

    def text(self) -> str:
        """All rules as Lark text."""
        return "\n".join(f"{name}: {body}" for body, name in self._names.items())
