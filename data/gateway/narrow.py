"""Step 6: what all the rows meet that a query needs of a table, for stores to which the engine brings no conditions.

The query keeps its conditions: what is told here may leave out only rows that they would drop, and only where no
expression could have failed on one of these.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlglot import exp

from data.catalog import Table
from data.gateway.families import Families
from data.gateway.filtering import conjuncts, relation
from data.gateway.query import Door, Query
from data.gateway.rewrite import FENCED
from data.sources.condition import Condition, Operator, Value

COMPARED: dict[type[exp.Expr], tuple[Operator, Operator]] = {
    exp.EQ: ("=", "="),
    exp.LT: ("<", ">"),
    exp.LTE: ("<=", ">="),
    exp.GT: (">", "<"),
    exp.GTE: (">=", "<="),
}
"""Comparisons, and what they are with their sides exchanged."""

MOST = 64
"""Values in a list that a store is asked for."""

LARGEST = 2**63 - 1


def narrow(query: Query, door: Door) -> None:
    """Set `query.conditions`, where a table's store seeks."""
    sources = door.engines[query.engine].sources
    if not any(sources[table.source].seeks for _, table in query.scanned if table.source in sources):
        return
    # A column may be what the caller sees of it or what is stored: where these differ, it is not known.
    families = Families(replace(query, references=[*query.references, *query.scanned]))
    query.conditions = [tuple(_conditions(node, table, query, families)) for node, table in query.scanned]


def _conditions(node: exp.Table, table: Table, query: Query, families: Families) -> Iterator[Condition]:
    place = relation(node)
    if place is None or not all(_sure(part, query, families) for part in _filters(_apart(node, query.tree))):
        return
    for at in place.outwards():
        for part in conjuncts(at.select.args.get("where")):
            for condition in _read(part, query):
                column = at.column(condition.column, part, table)
                if column is not None:
                    yield replace(condition, column=column)


def _apart(node: exp.Expr, tree: exp.Expr) -> exp.Expr:
    """What is computed on the rows of a table before those are written down."""
    parent: exp.Expr | None = node
    while parent is not None and not (isinstance(parent, exp.CTE) and parent.alias.startswith(FENCED)):
        parent = parent.parent
    return parent or tree


def _filters(tree: exp.Expr) -> Iterator[exp.Expr]:
    """Every condition that the engine may try on a row, in whatever order."""
    for clause in tree.find_all(exp.Where, exp.Having, exp.Qualify):
        yield from conjuncts(clause)
    for join in tree.find_all(exp.Join):
        if join.args.get("on") is not None:
            yield join.args["on"]


def _sure(node: exp.Expr, query: Query, families: Families) -> bool:
    """Whether a condition can't fail."""
    if isinstance(node, exp.Paren):
        return all(_sure(part, query, families) for part in conjuncts(node))
    if isinstance(node, exp.In) and isinstance(node.args.get("query"), exp.Expr):
        inner = node.args["query"].unnest()
        parts = inner.expressions if isinstance(inner, exp.Select) else []
        return len(parts) == 1 and families.of(parts[0]) == families.of(node.this) != ""
    return families.of(node) == "bool" or _numbered(node, query, families)


def _numbered(node: exp.Expr, query: Query, families: Families) -> bool:
    """Whether numbers are compared with texts that are whole numbers, as attributes of principals are."""
    texts = [literal for literal in node.find_all(exp.Literal) if literal.is_string]
    simple = any(_read(node, query)) and node.find(exp.Placeholder, exp.Parameter, exp.Cast) is None
    named = node.find(exp.Column)
    if not simple or named is None or families.of(named) != "number":
        return False
    return all(literal.name.isascii() and literal.name.isdigit() and len(literal.name) <= 18 for literal in texts)


def _read(node: exp.Expr, query: Query) -> Iterator[Condition]:
    """The conditions that a simple one is: a column against values that are known before the query runs."""
    if isinstance(node, exp.Between) and not node.args.get("symmetric"):
        yield from _compared(node.this, ">=", node.args["low"], query)
        yield from _compared(node.this, "<=", node.args["high"], query)
    elif isinstance(node, exp.In) and isinstance(node.this, exp.Column) and not node.args.get("query"):
        values = [_value(value, query) for value in node.expressions]
        if 0 < len(values) <= MOST and None not in values:
            yield Condition(node.this.name, "IN", tuple(value for value in values if value is not None))
    elif isinstance(node, exp.Is) and isinstance(node.this, exp.Column) and isinstance(node.expression, exp.Null):
        yield Condition(node.this.name, "IS NULL")
    elif type(node) in COMPARED:
        straight, turned = COMPARED[type(node)]
        yield from _compared(node.this, straight, node.expression, query)
        yield from _compared(node.expression, turned, node.this, query)


def _compared(column: exp.Expr, operator: Operator, other: exp.Expr, query: Query) -> Iterator[Condition]:
    value = _value(other, query)
    if isinstance(column, exp.Column) and value is not None:
        yield Condition(column.name, operator, (value,))


def _value(node: exp.Expr, query: Query) -> Value | None:
    match node:
        case exp.Paren():
            return _value(node.this, query)
        case exp.Literal() if node.is_string:
            return _text(node.name)
        case exp.Literal() if node.name.isascii() and node.name.isdigit():
            return _whole(int(node.name))
        case exp.Neg(this=exp.Literal(is_string=False)):
            value = _value(node.this, query)
            return -value if isinstance(value, int) else None
        case exp.Cast(this=exp.Literal(is_string=True)):
            return _text(node.this.name) if node.to.sql(dialect="duckdb") in ("DATE", "TIMESTAMP") else None
        case exp.Placeholder() | exp.Parameter():
            given = query.params.get(node.name)
            whole = isinstance(given, int) and not isinstance(given, bool)
            return _whole(int(str(given))) if whole else _text(given) if isinstance(given, str) else None
    return None


def _text(text: str) -> str | None:
    """The text, where it is one that can be handed on: without NUL, and in UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return None
    return None if "\0" in text else text


def _whole(number: int) -> int | None:
    return number if abs(number) <= LARGEST else None
