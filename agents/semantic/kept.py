"""How a store keeps a value that has no type of its own there: days as numbers or text, yes and no as marks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol

from sqlglot import exp

from data.catalog import Column
from data.formats import DAYS
from data.kinds import is_flag, is_whole
from data.policy import is_text

ORDERED = ("%Y-%m", "%Y%m", "%Y/%m")
"""Days and months written so are in the order of their text or number, with or without a time behind."""

EPOCH = date(1970, 1, 1)


class Kept(Protocol):
    """A way of keeping; `type` is the type that is meant."""

    @property
    def type(self) -> str: ...

    def read(self, column: exp.Expr) -> exp.Expr:
        """The meant value, from the stored one."""

    def written(self, literal: exp.Expr) -> exp.Expr | None:
        """A constant as the store keeps it; None for one that it can't keep."""

    @property
    def ordered(self) -> bool:
        """Whether what is stored is in the order of what is meant."""

    @property
    def told(self) -> dict[str, Any]:
        """The way in words that JSON can hold: a `format`, or the `labels` of codes."""

    def said(self, value: Any) -> Any:
        """A stored value as people read it; what is kept in another way is itself."""


@dataclass(frozen=True)
class Time:
    """A day or a time in a format of `strptime`."""

    format: str
    text: bool

    @property
    def type(self) -> str:
        return "TIMESTAMP" if "%H" in self.format else "DATE"

    @property
    def ordered(self) -> bool:
        return self.format.startswith(ORDERED)

    @property
    def told(self) -> dict[str, Any]:
        return {"format": self.format}

    def said(self, value: Any) -> Any:
        try:
            meant = datetime.strptime(str(value), self.format)
        except ValueError:
            return value
        if "%d" not in self.format:
            return f"{meant:%Y-%m}"
        return meant if self.type == "TIMESTAMP" else meant.date()

    def read(self, column: exp.Expr) -> exp.Expr:
        text = column if self.text else exp.cast(column, "VARCHAR", dialect="duckdb")
        parsed = exp.func("try_strptime", text, exp.Literal.string(self.format), dialect="duckdb")
        return exp.cast(parsed, "DATE", dialect="duckdb") if self.type == "DATE" else parsed

    def written(self, literal: exp.Expr) -> exp.Expr | None:
        if (meant := _moment(literal)) is None:
            return None
        text = meant.strftime(self.format)
        if meant.tzinfo is not None or datetime.strptime(text, self.format) != meant:
            return None
        return exp.Literal.string(text) if self.text else exp.Literal.number(text)


@dataclass(frozen=True)
class Counted:
    """A day as the number of days since 1970-01-01."""

    type = "DATE"
    ordered = True

    @property
    def told(self) -> dict[str, Any]:
        return {"format": DAYS}

    def said(self, value: Any) -> Any:
        whole = isinstance(value, int) or str(value).lstrip("-").isdigit()
        return EPOCH + timedelta(days=int(value)) if whole else value

    def read(self, column: exp.Expr) -> exp.Expr:
        number = exp.cast(column, "INTEGER", dialect="duckdb")
        return exp.paren(exp.Add(this=exp.cast(exp.Literal.string(str(EPOCH)), "DATE"), expression=number))

    def written(self, literal: exp.Expr) -> exp.Expr | None:
        if (meant := _moment(literal)) is None:
            return None
        days = (meant.date() - EPOCH).days
        return exp.Literal.number(days) if meant == datetime.combine(meant.date(), time()) else None


@dataclass(frozen=True)
class Flag:
    """Yes or no as one of two marks."""

    yes: str
    no: str
    text: bool

    type = "BOOLEAN"
    ordered = False

    @property
    def told(self) -> dict[str, Any]:
        return {"format": f"{self.yes}/{self.no}"}

    def said(self, value: Any) -> Any:
        return {self.yes: True, self.no: False}.get(str(value), value)

    def read(self, column: exp.Expr) -> exp.Expr:
        return exp.EQ(this=column, expression=self._mark(self.yes))

    def denied(self, column: exp.Expr) -> exp.Expr:
        """The stored value's not being yes; unknown where it is unknown."""
        return exp.EQ(this=column, expression=self._mark(self.no))

    def written(self, literal: exp.Expr) -> exp.Expr | None:
        return self._mark(self.yes if literal.this else self.no) if isinstance(literal, exp.Boolean) else None

    def _mark(self, mark: str) -> exp.Expr:
        return exp.Literal.string(mark) if self.text else exp.Literal.number(mark)


@dataclass(frozen=True)
class Coded:
    """A text as its code, a text or a number; a code that has no label stands for itself. `worded`: who reads it is
    shown the label, as the store itself has it."""

    labels: tuple[tuple[str, str], ...]
    worded: bool = False
    text: bool = True

    type = "VARCHAR"
    ordered = False

    @property
    def told(self) -> dict[str, Any]:
        return {"labels": dict(self.labels)}

    def said(self, value: Any) -> Any:
        label = dict(self.labels).get(str(value), value)
        return value if label == value else f"{label} ({value})"

    def read(self, column: exp.Expr) -> exp.Expr:
        case = exp.Case(this=column)
        for code, label in self.labels:
            case = case.when(self._code(code), exp.Literal.string(label), copy=False)
        other = column.copy() if self.text else exp.cast(column.copy(), "VARCHAR", dialect="duckdb")
        return case.else_(other, copy=False)

    def written(self, literal: exp.Expr) -> exp.Expr | None:
        if not isinstance(literal, exp.Literal) or not literal.is_string:
            return None
        code = next((code for code, label in self.labels if label == literal.name), literal.name)
        return self._code(code) if self.text or is_number(code) else None

    def _code(self, code: str) -> exp.Expr:
        return exp.Literal.string(code) if self.text else exp.Literal.number(code)

    def meaning(self, code: str) -> str:
        return dict(self.labels).get(code, code)


def is_number(code: str) -> bool:
    """Whether a code is written as a whole number is."""
    return code.removeprefix("-").isdecimal() and code.isascii()


def kept(column: Column) -> Kept | None:
    """How the column keeps what it means; None where its type says it."""
    if column.labels and (is_text(column) or (is_whole(column) and all(is_number(code) for code, _ in column.labels))):
        return Coded(column.labels, bool(column.legend), is_text(column))
    return None if column.format is None else _formatted(column.format, is_text(column))


def _moment(literal: exp.Expr) -> datetime | None:
    """The moment that a literal tells; None for any other."""
    inner = literal.this if isinstance(literal, exp.Cast) else literal
    if not isinstance(inner, exp.Literal) or not inner.is_string:
        return None
    try:
        return datetime.fromisoformat(inner.name)
    except ValueError:
        return None


def of_meaning(told: Mapping[str, Any]) -> Kept:
    """The way that was told so."""
    return Coded(tuple(told["labels"].items())) if "labels" in told else _formatted(told["format"], True)


def _formatted(format: str, text: bool) -> Kept:
    if format == DAYS:
        return Counted()
    if not is_flag(format):
        return Time(format, text)
    yes, _, no = format.partition("/")
    return Flag(yes, no, text)
