"""Families of types, in which values compare and compute without a cast that can fail."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime

from sqlglot import exp

from data.catalog import Column, Table
from data.gateway.query import Query

FAMILIES = {
    "number": "TINYINT SMALLINT INTEGER INT BIGINT UTINYINT USMALLINT UINTEGER UBIGINT FLOAT REAL DOUBLE",
    "text": "VARCHAR TEXT CHAR STRING",
    "bool": "BOOLEAN BOOL",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}
"""HUGEINT is left out: as a decimal, which it becomes beside one, it can be too large."""

KINDS: Mapping[str, str] = {name: family for family, names in FAMILIES.items() for name in names.split()}

COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ)
PARTS = (exp.Year, exp.Quarter, exp.Month, exp.Week, exp.Day, exp.DayOfWeek, exp.DayOfMonth, exp.DayOfYear, exp.Hour)
TEXTS = (exp.Lower, exp.Upper, exp.Length)
TRUNCATED = (exp.DateTrunc, exp.TimestampTrunc)

DIGITS = 18
"""Digits of a decimal that any integer can be compared with: together they fit into 38."""
SCALE = 6


class Families:
    """The family of each expression of a query; empty for one that is not known, or that can fail."""

    def __init__(self, query: Query) -> None:
        self._params = query.params
        self._columns = _columns(query.tables)
        self._aliases: dict[str, list[exp.Expr]] = defaultdict(list)
        for alias in query.tree.find_all(exp.Alias):
            if not isinstance(alias.this, exp.Column) or alias.this.name.lower() != alias.alias.lower():
                self._aliases[alias.alias.lower()].append(alias.this)
        for renamed in query.tree.find_all(exp.TableAlias):
            self._columns |= {name.name.lower(): "" for name in renamed.args.get("columns") or ()}
        self._open: set[str] = set()

    def of(self, node: exp.Expr) -> str:
        """number, text, bool, date or timestamp; or nothing."""
        if isinstance(node, COMPARISONS):
            return self._compared(node.this, node.expression)
        if isinstance(node, (*PARTS, *TEXTS, *TRUNCATED)):
            return self._function(node)
        match node:
            case exp.Paren():
                return self.of(node.this)
            case exp.And() | exp.Or():
                return self._if("bool", node.this, node.expression)
            case exp.Not():
                return self._if("bool", node.this)
            case exp.Is():
                return "bool" if self.of(node.this) and isinstance(node.expression, exp.Null | exp.Boolean) else ""
            case exp.Between():
                return self._compared(node.this, node.args["low"], node.args["high"])
            case exp.In(expressions=[_, *_]):
                return self._compared(node.this, *node.expressions)
            case exp.Like() | exp.ILike():
                text = isinstance(node.expression, exp.Literal) and node.expression.is_string
                return "bool" if text and self.of(node.this) == "text" else ""
            case exp.Div():
                return self._if("number", node.this, node.expression)
            case exp.AggFunc():
                return "number" if isinstance(node, exp.Count | exp.Sum | exp.Avg) else ""
        return self._leaf(node)

    def _leaf(self, node: exp.Expr) -> str:
        match node:
            case exp.Column():
                return self._column(node)
            case exp.Literal():
                return "text" if node.is_string else _number(node.name)
            case exp.Neg():
                return _number(node.this.name) if isinstance(node.this, exp.Literal) and not node.this.is_string else ""
            case exp.Boolean():
                return "bool"
            case exp.Cast() if isinstance(node.this, exp.Literal) and node.this.is_string:
                family = KINDS.get(node.to.sql(dialect="duckdb").upper(), "")
                return family if _moment(node.this.name, family) else ""
            case exp.Placeholder() | exp.Parameter():
                return _value(self._params.get(node.name))
        return ""

    def _function(self, node: exp.Expr) -> str:
        family = self.of(node.this)
        if isinstance(node, TEXTS):
            kept = "number" if isinstance(node, exp.Length) else "text"
            return kept if family == "text" else ""
        if isinstance(node, PARTS):
            return "number" if family in ("date", "timestamp") else ""
        return family if family in ("date", "timestamp") else ""

    def _column(self, node: exp.Column) -> str:
        """A condition may also mean what an alias stands for, and `a.b` the field `b` of a column `a`."""
        name = node.name.lower()
        if len(node.parts) > 2 or node.table.lower() in self._columns or name in self._open:
            return ""
        known = {self._columns[name]} if name in self._columns else set()
        self._open.add(name)
        known |= {self.of(expression) for expression in self._aliases.get(name, ())}
        self._open.discard(name)
        return known.pop() if len(known) == 1 else ""

    def _if(self, family: str, *nodes: exp.Expr) -> str:
        return family if all(self.of(node) == family for node in nodes) else ""

    def _compared(self, *nodes: exp.Expr) -> str:
        families = {self.of(node) for node in nodes if not _is_text(node)}
        if len(families) > 1 and families <= {"date", "timestamp"}:
            # A date becomes a timestamp, which only a date of the query itself is sure to survive.
            dates = (node for node in nodes if not _is_text(node) and self.of(node) == "date")
            families = {"timestamp"} if all(isinstance(node, exp.Cast) for node in dates) else {""}
        if len(families) > 1 or "" in families:
            return ""
        family = next(iter(families), "text")
        texts = (node.name for node in nodes if _is_text(node))
        return "bool" if all(family == "text" or _moment(text, family) for text in texts) else ""


def _columns(tables: tuple[Table, ...]) -> dict[str, str]:
    """Column name -> family, over all tables of the query; nothing where two of them differ."""
    known: dict[str, str] = {}
    for table in tables:
        for column in table.columns:
            name, family = column.name.lower(), _family(column)
            known[name] = family if known.get(name, family) == family else ""
    return known


def _family(column: Column) -> str:
    kind = column.type.upper().replace(" ", "")
    if kind.startswith(("DECIMAL(", "NUMERIC(")):
        width = kind.partition("(")[2].rstrip(")").partition(",")[0]
        return "number" if width.isdecimal() and int(width) <= DIGITS else ""
    return KINDS.get(kind, "")


def _is_text(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and node.is_string


def _number(text: str) -> str:
    whole, _, fraction = text.partition(".")
    return "number" if whole.isdecimal() and len(whole) <= DIGITS and len(fraction) <= SCALE else ""


def _moment(text: str, family: str) -> bool:
    """Whether a text can be read as a date or a timestamp, so that its cast can't fail."""
    try:
        if family == "date":
            return date.fromisoformat(text).isoformat() == text
        return family == "timestamp" and datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return _number(str(abs(value)))
    return "text" if isinstance(value, str) else ""
