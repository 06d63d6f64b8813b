"""The selects whose WHERE decides which rows of a table count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from data.catalog import Table
from data.gateway.scopes import fold

SHAPING = (
    "distinct",
    "group",
    "having",
    "qualify",
    "windows",
    "limit",
    "offset",
    "with_",
    "joins",
    "laterals",
    "sample",
)
"""What a select has that is more than some columns of some rows."""

MANY = (exp.Window, exp.AggFunc, exp.Query, exp.Unnest, exp.Explode, exp.Anonymous, exp.Star, exp.Columns)
"""Expressions that see other rows, or may."""

INNER = ("", "INNER", "CROSS")


@dataclass(frozen=True)
class Relation:
    """A table, or a sub-query that is some of its columns and rows, as it stands in FROM of `select`."""

    node: exp.Expr
    select: exp.Select

    def outwards(self) -> Iterator[Relation]:
        """This one, and those that are the same rows further out."""
        yield self
        around = self.select.parent
        if isinstance(around, exp.Subquery) and _is_cut(self.select):
            outer = relation(around)
            if outer is not None:
                yield outer

    def column(self, name: str, condition: exp.Expr, table: Table) -> str | None:
        """The table's column that a condition of `select` names; None where it may mean something else."""
        named = condition.find(exp.Column)
        if named is None or len(named.parts) > 2 or (not named.table and self.select.args.get("joins")):
            return None
        if named.table and fold(named.table) != fold(self.node.alias):
            return None
        offered = _offered(self.node)
        columns = {fold(column.name): column.name for column in table.columns}
        return columns.get(fold(name)) if offered is None or fold(name) in offered else None


def relation(node: exp.Expr) -> Relation | None:
    """The place of a table or a sub-query in FROM; None where WHERE comes after something that needs other rows."""
    clause = node.parent
    select = clause.parent if isinstance(clause, exp.From | exp.Join) else None
    alias = node.args.get("alias")
    renamed = isinstance(alias, exp.TableAlias) and alias.args.get("columns")
    strange = any(node.args.get(name) for name in ("joins", "sample", "pivots", "laterals", "when", "version"))
    if not isinstance(select, exp.Select) or renamed or strange or not isinstance(alias, exp.TableAlias):
        return None
    aside = select.args.get("laterals") or select.args.get("sample")
    joins = select.args.get("joins") or []
    return None if aside or not all(map(_is_inner, joins)) else Relation(node, select)


def conjuncts(node: exp.Expr | None) -> Iterator[exp.Expr]:
    """What must hold together, of a clause or of a condition."""
    if isinstance(node, exp.Where | exp.Having | exp.Qualify | exp.Paren):
        yield from conjuncts(node.this)
    elif isinstance(node, exp.And):
        yield from conjuncts(node.this)
        yield from conjuncts(node.expression)
    elif node is not None:
        yield node


def _is_inner(join: exp.Join) -> bool:
    kind, side, method = (str(join.args.get(name) or "").upper() for name in ("kind", "side", "method"))
    if kind not in INNER or side or method:
        return False
    # A sub-query may compute on the rows of the tables before it, with LATERAL or without.
    selects = join.this.find_all(exp.Select) if isinstance(join.this, exp.Subquery) else ()
    plain = all(isinstance(part, exp.Column | exp.Star) for select in selects for part in select.expressions)
    return plain and isinstance(join.this, exp.Table | exp.Subquery)


def _is_cut(select: exp.Select) -> bool:
    """Whether a select only leaves rows and columns out."""
    shaped = any(select.args.get(name) for name in SHAPING)
    return not shaped and not any(part.find(*MANY) for part in select.expressions)


def _offered(node: exp.Expr) -> set[str] | None:
    """The folded names under which a sub-query gives columns as they are; None for a table, which gives all."""
    if not isinstance(node, exp.Subquery):
        return None
    return {fold(part.name) for part in node.this.expressions if isinstance(part, exp.Column) and not part.is_star}
