"""Hints: what a phrase of the question stands for in the data."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["table", "column", "value", "time", "number"]


_NOW = re.compile(
    r"\b(?:last|past|previous|latest|preceding|this|current|ago|now|today|yesterday|midnight)\b", re.IGNORECASE
)
_YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True)
class Hint:
    """`span` of the question means `targets`.

    kind    targets
    table   full names: ("tidal.plays",)
    column  ("tidal.artists.name",), several when the phrase fits several tables
    value   like column; `literals` holds the stored text
    time    none; `literals` is (since, until) as ISO days, or as times in UTC; either may be ""
    number  none, or the keys that may be meant; `operator` and `literals` as in SQL
    """

    span: str
    kind: Kind
    targets: tuple[str, ...] = ()
    literals: tuple[str, ...] = ()
    operator: str = ""
    start: int = field(default=0, compare=False)
    alike: bool = field(default=False, compare=False)
    """Found by its sense alone, which is the weakest ground."""

    @property
    def brief(self) -> bool:
        """True for a period that days are too coarse for."""
        return self.kind == "time" and any(":" in literal for literal in self.literals)

    @property
    def counted(self) -> bool:
        """True for a period that was counted from now: 'last week', but not 'the last quarter of 2025'."""
        return self.kind == "time" and bool(_NOW.search(self.span)) and not _YEAR.search(self.span)

    @property
    def text(self) -> str:
        """The hint as the model reads it."""
        return f"{self.span} = {_TEXT[self.kind](self)}"


def _short(target: str) -> str:
    return ".".join(target.split(".")[-2:])


def _table(hint: Hint) -> str:
    return " or ".join(hint.targets)


def _column(hint: Hint) -> str:
    return " or ".join(_short(target) for target in hint.targets)


def _value(hint: Hint) -> str:
    return f"{_column(hint)} '{hint.literals[0]}'"


def _time(hint: Hint) -> str:
    since, until = hint.literals
    if not since:
        return f"< {until}"
    return f">= {since} < {until}" if until else f">= {since}"


def _number(hint: Hint) -> str:
    return f"{_column(hint)} {hint.operator} {' and '.join(hint.literals)}".replace("  ", " ").strip()


_TEXT = {"table": _table, "column": _column, "value": _value, "time": _time, "number": _number}
