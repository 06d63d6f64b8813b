"""Conditions and numbers of one row, as the languages write them: they share Python's signs and differ in the rest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from sqlglot import exp

from agents.code.render import kinds
from agents.code.render.layout import text as quoted
from agents.code.render.plan import ELAPSED, Kind, Unsupported

_COMPARED = {"eq": "==", "neq": "!=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_MOMENTS = (*_COMPARED, "between", "in", "year", "quarter", "month", "day", "hour", "dayname", "dayofweek",
            "dayofweekiso", "timestamptrunc", "datetrunc", "datediff", "timetostr")  # fmt: skip
UNITS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
_SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
_OPEN = (exp.Binary, exp.Not, exp.Neg, exp.Predicate, exp.DateDiff, exp.DayOfWeek, exp.DayOfWeekIso)
"""What is written with signs between its parts."""
_LOOSE = (exp.And, exp.Or, exp.Predicate, exp.Not)


class Expressions:
    """Writes expressions of one language. A language fills in `column`, `PARTS` and what it does its own way."""

    PARTS: ClassVar[dict[str, str]] = {}
    """What is made of one value, by the kind of node: `{}` is the value, as something that can have a method."""
    SEARCHED: ClassVar[dict[str, str]] = {}
    """How a text is held against another, by the ways of `pieces`."""

    def __init__(self, known: Mapping[str, Kind]) -> None:
        self.known = known
        self.positive: frozenset[str] = frozenset()
        """Columns that are never zero."""

    def write(self, node: exp.Expr) -> str:
        """The expression; Unsupported for what the language has no way to say here."""
        if node.key in _MOMENTS and "zoned" in {self.kind(side) for side in node.iter_expressions()}:
            raise Unsupported.of(node)  # What day it is there depends on who asks.
        if node.key in self.PARTS and self.kind(node.this) == "date" and node.key == "hour":
            return self.PARTS[node.key].format(self.timed(node.this))
        if node.key in self.PARTS:
            return self.PARTS[node.key].format(self.receiver(node.this))
        if node.key in _COMPARED:
            return self._compared(node)
        made = getattr(self, f"_{node.key}", None)
        if made is None:
            raise Unsupported.of(node)
        text: str = made(node)
        return text

    def kind(self, node: exp.Expr) -> Kind:
        return kinds.of(node, self.known)

    def column(self, name: str) -> str:
        """A column by its name."""
        raise NotImplementedError

    def floated(self, text: str) -> str:
        """A decimal as a float."""
        raise NotImplementedError

    def moment(self, value: datetime, kind: Kind) -> str:
        """A point in time as a literal."""
        raise NotImplementedError

    def truth(self, text: str) -> str:
        """The opposite of a condition."""
        return f"~{text}"

    def receiver(self, node: exp.Expr) -> str:
        """The expression as something that a method can be called on."""
        node = bare(node)
        text = self.write(node)
        return f"({text})" if isinstance(node, _OPEN) else text

    def condition(self, node: exp.Expr) -> str:
        """The expression as one side of & and |."""
        text = self.write(node)
        plain = isinstance(node, (exp.Column, exp.Not)) or (isinstance(node, exp.EQ) and _flag(node))
        return text if plain or (text.endswith(")") and not isinstance(node, exp.Binary)) else f"({text})"

    def number(self, node: exp.Expr) -> str:
        """The expression as a number that is divided or multiplied: no decimal with its few digits."""
        text = self.receiver(node)
        return self.floated(text) if self.kind(node) == "decimal" else text

    # -- what all languages say alike ---------------------------------------------------------------------------------

    def _compared(self, node: exp.Expr) -> str:
        if isinstance(node, (exp.EQ, exp.NEQ)) and _flag(node):
            yes = node.expression.this == isinstance(node, exp.EQ)
            return self.receiver(node.this) if yes else self.truth(self.receiver(node.this))
        left, right = self._sides(node)
        return f"{left} {_COMPARED[node.key]} {right}"

    def _sides(self, node: exp.Expr) -> tuple[str, str]:
        sides = (node.this, node.expression)
        found = {self.kind(side) for side in sides}
        if {"time", "date"} <= found:
            return self.timed(sides[0]), self.timed(sides[1])
        mixed = "decimal" in found and found - {"decimal", "int"}
        write = self.number if mixed else self._side
        return write(sides[0]), write(sides[1])

    def _side(self, node: exp.Expr) -> str:
        return self.receiver(node) if isinstance(bare(node), _LOOSE) else self.write(node)

    def _column(self, node: exp.Column) -> str:
        return self.column(node.name)

    def _var(self, node: exp.Var) -> str:
        return node.name

    def _paren(self, node: exp.Paren) -> str:
        return self.write(node.this)

    def _boolean(self, node: exp.Boolean) -> str:
        return str(bool(node.this))

    def _literal(self, node: exp.Literal) -> str:
        return quoted(node.name) if node.is_string else node.name

    def _neg(self, node: exp.Neg) -> str:
        return f"-{self.receiver(node.this)}"

    def _and(self, node: exp.And) -> str:
        return " & ".join(self.condition(part) for part in (node.this, node.expression))

    def _or(self, node: exp.Or) -> str:
        return " | ".join(self.condition(part) for part in (node.this, node.expression))

    def _not(self, node: exp.Not) -> str:
        if isinstance(node.this, exp.Is):
            return self.present(node.this.this)
        if isinstance(node.this, exp.In):
            return self.excluded(node.this)
        return self.truth(self.condition(node.this))

    def _is(self, node: exp.Is) -> str:
        if isinstance(node.expression, exp.Null):
            return self.missing(node.this)
        raise Unsupported.of(node)

    def _cast(self, node: exp.Cast) -> str:
        kind = kinds.stored(node.to.sql("duckdb"))
        if isinstance(node.this, exp.Literal) and kind in ("time", "date"):
            return self.moment(datetime.fromisoformat(node.this.name).replace(tzinfo=None), kind)
        return self.cast(node.this, kind)

    def _add(self, node: exp.Add) -> str:
        return self._arithmetic(node)

    _sub = _add

    def _mul(self, node: exp.Mul) -> str:
        return f"{self.number(node.this)} * {self.number(node.expression)}"

    def _div(self, node: exp.Div) -> str:
        left = bare(node.this)
        top = self.write(left) if isinstance(left, exp.Mul) else self.number(left)
        return self.divided(top, self.number(node.expression), node)

    def _intdiv(self, node: exp.IntDiv) -> str:
        return self.whole(self.number(node.this), self.write(node.expression))

    def whole(self, top: str, bottom: str) -> str:
        """A division whose rest is dropped."""
        return f"{top} // {bottom}"

    def _arithmetic(self, node: exp.Expr) -> str:
        left, right = node.this, node.expression
        if isinstance(right, exp.Interval) and self.kind(left) in ("time", "date"):
            return self._moved(left, right, node)
        if self.kind(left) in ("time", "date"):
            raise Unsupported.of(node)
        inner = self.receiver(right) if isinstance(bare(right), (exp.Add, exp.Sub)) else self._side(right)
        return f"{self._side(left)} {_SIGNS[node.key]} {inner}"

    def _moved(self, moment: exp.Expr, span: exp.Interval, node: exp.Expr) -> str:
        amount, unit = span.this, span.text("unit").lower().removesuffix("s")
        if not isinstance(amount, exp.Literal) or not amount.name.isdigit() or unit not in UNITS:
            raise Unsupported.of(node)
        return self.moved(moment, int(amount.name) * (-1 if isinstance(node, exp.Sub) else 1), unit)

    def _null(self, node: exp.Null) -> str:
        return "None"

    def _case(self, node: exp.Case) -> str:
        default = node.args.get("default") or exp.Null()
        if node.this is not None:
            raise Unsupported.of(node)
        return self.chosen([(one.this, one.args["true"]) for one in node.args["ifs"]], default)

    def _round(self, node: exp.Round) -> str:
        decimals = node.args.get("decimals")
        if decimals is not None and not isinstance(decimals, exp.Literal):
            raise Unsupported.of(node)
        return self.rounded(self.number(node.this), int(decimals.name) if decimals is not None else 0)

    def _timestamptrunc(self, node: exp.TimestampTrunc) -> str:
        return self.cut(node.this, str(node.args["unit"].name).lower())

    _datetrunc = _timestamptrunc

    def _datediff(self, node: exp.DateDiff) -> str:
        unit = str(node.args["unit"].name)
        if unit == ELAPSED:
            return self.elapsed(node.expression, node.this)
        return self.between(node.expression, node.this, unit.lower())

    def _ilike(self, node: exp.ILike) -> str:
        if not isinstance(node.expression, exp.Literal):
            raise Unsupported.of(node)
        text = self.search(node.this, node.expression.name, cased=isinstance(node, exp.Like))
        return self.truth(text) if node.args.get("negate") else text

    _like = _ilike

    def _floor(self, node: exp.Floor) -> str:
        if node.args.get("decimals") is not None:
            raise Unsupported.of(node)
        return self.floored(self.number(node.this))

    def _dpipe(self, node: exp.DPipe) -> str:
        """Texts put together."""
        sides = (node.this, node.expression)
        if any(self.kind(side) != "text" for side in sides):
            raise Unsupported.of(node)
        return self.together(*sides)

    def together(self, one: exp.Expr, other: exp.Expr) -> str:
        """Two texts as one; nothing where one is missing."""
        return f"{self.write(bare(one))} + {self.write(bare(other))}"

    def _substring(self, node: exp.Substring) -> str:
        places = [node.args.get(part) for part in ("start", "length")]
        start, length = (int(part.name) if isinstance(part, exp.Literal) and part.is_int else 0 for part in places)
        if not (start > 0 and length > 0):
            raise Unsupported.of(node)
        return self.slice(node.this, start - 1, length)

    def _left(self, node: exp.Left) -> str:
        if not isinstance(node.expression, exp.Literal):
            raise Unsupported.of(node)
        return self.slice(node.this, 0, int(node.expression.name))

    def _splitpart(self, node: exp.SplitPart) -> str:
        by, place = node.args["delimiter"], node.args["part_index"]
        if not all(isinstance(part, exp.Literal) for part in (by, place)) or not int(place.name) > 0:
            raise Unsupported.of(node)
        return self.part(node.this, by.name, int(place.name))

    def _between(self, node: exp.Between) -> str:
        ends = (
            exp.GTE(this=node.this, expression=node.args["low"]),
            exp.LTE(this=node.this, expression=node.args["high"]),
        )
        return " & ".join(f"({self.write(end)})" for end in ends)

    def _in(self, node: exp.In) -> str:
        return f"{self.receiver(node.this)}.{self.IN}([{self.listed(node)}])"

    IN = "isin"

    def listed(self, node: exp.In) -> str:
        """The values that one may be among."""
        if not node.expressions or node.args.get("query"):
            raise Unsupported.of(node)
        return ", ".join(self.write(item) for item in node.expressions)

    def excluded(self, node: exp.In) -> str:
        """Not among some values."""
        return self.truth(self.write(node))

    def divided(self, top: str, bottom: str, node: exp.Div) -> str:
        """A division that gives a float."""
        return f"{top} / {bottom}"

    # -- what each says its own way -----------------------------------------------------------------------------------

    def missing(self, node: exp.Expr) -> str:
        raise NotImplementedError

    def timed(self, node: exp.Expr) -> str:
        """A moment; the beginning of a day where it is one."""
        raise NotImplementedError

    def present(self, node: exp.Expr) -> str:
        raise NotImplementedError

    def cast(self, node: exp.Expr, kind: Kind) -> str:
        """A column as another kind of value."""
        raise Unsupported.of(node)

    def cut(self, node: exp.Expr, unit: str) -> str:
        """The beginning of the unit in which a moment lies."""
        raise NotImplementedError

    def between(self, start: exp.Expr, end: exp.Expr, unit: str) -> str:
        """How many beginnings of a unit lie between two moments."""
        raise NotImplementedError

    def chosen(self, cases: list[tuple[exp.Expr, exp.Expr]], default: exp.Expr) -> str:
        """The value of the first condition that holds, else the default."""
        raise NotImplementedError

    def rounded(self, text: str, decimals: int) -> str:
        return f"({text}).round({decimals})" if " " in text else f"{text}.round({decimals})"

    def search(self, node: exp.Expr, pattern: str, *, cased: bool) -> str:
        """Whether a text is like a pattern, in any case or in that of the pattern."""
        how, text = pieces(pattern, cased=cased)
        value = self.receiver(node)
        if how == "regex":
            return self.matched(value, text, cased=cased)
        return self.SEARCHED[how].format(value if cased else self.PARTS["lower"].format(value), quoted(text))

    def matched(self, text: str, pattern: str, *, cased: bool) -> str:
        """Whether a text meets a regular expression, in any case or in that of the expression."""
        raise NotImplementedError

    def elapsed(self, start: exp.Expr, end: exp.Expr) -> str:
        """The seconds between two moments, with their fractions."""
        raise NotImplementedError

    def moved(self, moment: exp.Expr, amount: int, unit: str) -> str:
        """The moment so many units later, or earlier where the amount is below zero."""
        raise NotImplementedError

    def floored(self, text: str) -> str:
        """The greatest whole number that is not greater."""
        raise NotImplementedError

    def slice(self, node: exp.Expr, start: int, length: int) -> str:
        """Some letters of a text, from a place that is counted from 0."""
        raise NotImplementedError

    def part(self, node: exp.Expr, by: str, place: int) -> str:
        """The part of a text at a place, counted from 1, empty where there are fewer."""
        raise NotImplementedError


def bare(node: exp.Expr) -> exp.Expr:
    """What stands in parentheses."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def pieces(pattern: str, *, cased: bool) -> tuple[str, str]:
    """How a LIKE pattern is met: ("contains", "starts", "ends", "equals" or "regex", the text or the regular
    expression), the text in small letters unless it is `cased`."""
    import re

    inner = pattern.strip("%")
    if not inner or "%" in inner or "_" in inner or "\\" in inner:
        wild = {"%": ".*", "_": "."}
        return "regex", "^" + "".join(wild.get(letter, re.escape(letter)) for letter in pattern) + "$"
    open_start, open_end = pattern.startswith("%"), pattern.endswith("%")
    how = {(True, True): "contains", (False, True): "starts", (True, False): "ends"}
    return how.get((open_start, open_end), "equals"), inner if cased else inner.lower()


def _flag(node: exp.Expr) -> bool:
    return isinstance(node.expression, exp.Boolean)
