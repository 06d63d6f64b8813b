"""Whether a query's conditions can fail: one that can't tells nothing about rows that a row filter hides.

The name and the idea are PostgreSQL's: it lets only leakproof conditions pass a security barrier. Whatever is
not known here counts as one that can fail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
"""Types that compare with each other without a cast that can fail. HUGEINT is left out: as a decimal it can."""

KINDS: Mapping[str, str] = {name: family for family, names in FAMILIES.items() for name in names.split()}

COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ)
PARTS = (exp.Year, exp.Month, exp.Day)
CASES = (exp.Lower, exp.Upper)
LATE = (exp.AggFunc, exp.Window)
"""What is computed from the rows that the row filter has let through."""
STRANGE = (exp.SetOperation, exp.Columns, exp.Unnest, exp.Lateral, exp.Values, exp.Pivot)
"""What gives a name of a table's column to something else."""

DIGITS = 18
"""Digits of a decimal that any integer can be compared with: together they fit into 38."""
SCALE = 6


def leakproof(query: Query) -> bool:
    """Whether no condition of the query can fail on a value, whatever rows the engine tries it on."""
    tree = query.tree
    if tree.find(*STRANGE) or not all(_plain(join) for join in tree.find_all(exp.Join)) or not _named(tree):
        return False
    families = Families(query)
    return all(families.of(condition) == "bool" for condition in _conditions(tree))


def _plain(join: exp.Join) -> bool:
    return not join.args.get("using") and str(join.args.get("method") or "") == ""


def _named(tree: exp.Query) -> bool:
    """Whether every column of a sub-query has a name that was written down."""
    inner = (select for select in tree.find_all(exp.Select) if select is not tree)
    return all(isinstance(part, exp.Alias | exp.Column | exp.Star) for select in inner for part in select.expressions)


def _conditions(tree: exp.Expr) -> Iterator[exp.Expr]:
    for where in tree.find_all(exp.Where):
        yield where.this
    for join in tree.find_all(exp.Join):
        if join.args.get("on") is not None:
            yield join.args["on"]
    for late in tree.find_all(exp.Having, exp.Qualify):
        parts = late.this.flatten() if isinstance(late.this, exp.And) else (late.this,)
        yield from (part for part in parts if part.find(*LATE) is None)


class Families:
    """The family of each expression of a query; empty for one that is not known, or that can fail."""

    def __init__(self, query: Query) -> None:
        self._params = query.params
        self._columns = _columns(query.tables)
        # A condition may mean what an alias stands for, and the engine then tries that on every row.
        for alias in query.tree.find_all(exp.Alias):
            if not isinstance(alias.this, exp.Column) or alias.this.name.lower() != alias.alias.lower():
                self._columns[alias.alias.lower()] = ""
        for renamed in query.tree.find_all(exp.TableAlias):
            self._columns |= {name.name.lower(): "" for name in renamed.args.get("columns") or ()}

    def of(self, node: exp.Expr) -> str:
        """number, text, bool, date or timestamp; or nothing."""
        if isinstance(node, COMPARISONS):
            return self._compared(node.this, node.expression)
        if isinstance(node, CASES):
            return self._if("text", node.this)
        if isinstance(node, PARTS):
            return "number" if self.of(node.this) in ("date", "timestamp") else ""
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

    def _column(self, node: exp.Column) -> str:
        # `a.b` may also be the field `b` of a column `a`.
        if len(node.parts) > 2 or node.table.lower() in self._columns:
            return ""
        return self._columns.get(node.name.lower(), "")

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
        return "number" if width.isdigit() and int(width) <= DIGITS else ""
    return KINDS.get(kind, "")


def _is_text(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and node.is_string


def _number(text: str) -> str:
    whole, _, fraction = text.partition(".")
    return "number" if whole.isdigit() and len(whole) <= DIGITS and len(fraction) <= SCALE else ""


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
