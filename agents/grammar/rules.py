"""Rules of a Lark grammar for llguidance.

Its lexer takes the longest match and does not go back: no terminal may be the beginning of another one that is
allowed there and goes on as what may follow the first. So a column, an operator and a literal are terminals of
their own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache

_NAME = re.compile(r"r\d+")


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


class Rules:
    """Collects rules. One whose body is empty is left out, and a body that was there before keeps its name."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def add(self, *options: str) -> str:
        """A rule for one of the options; returns its name, that of the option if it is a rule, or "" without any."""
        body = either(options)
        if not body or _NAME.fullmatch(body):
            return body
        return self._names.setdefault(body, f"r{len(self._names)}")

    def terms(self, *texts: str) -> str:
        """A rule for one of these texts."""
        return self.add(*map(terminal, texts))

    def optional(self, body: str) -> str:
        """What may be left out; nothing where there is nothing."""
        return self.add(f"({body})?") if body.strip() else ""

    def series(self, item: str, most: int, between: str = ", ") -> str:
        """One item, or up to `most`."""
        return self.add(f"{item} ({terminal(between)} {item}){{0,{most - 1}}}") if item else ""

    def text(self) -> str:
        """All rules as Lark text."""
        return "\n".join(f"{name}: {body}" for body, name in self._names.items())
