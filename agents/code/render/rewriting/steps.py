"""What a query reads, said where it is read: the steps of WITH, and the columns of USING."""

from __future__ import annotations

from sqlglot import exp

from agents import statement
from agents.code.render.plan import Unsupported
from agents.code.render.rewriting.tree import own
from data.catalog import Catalog


def inlined(tree: exp.Expr) -> exp.Expr:
    """WITH as the sub-queries that it stands for."""
    known: dict[str, exp.Expr] = {}
    with_ = tree.args.get("with_")
    if with_ is None:
        return tree
    if with_.args.get("recursive"):
        raise Unsupported.of(tree)
    for made in with_.expressions:
        if made.args["alias"].args.get("columns"):
            raise Unsupported.of(made)
        known[made.alias.lower()] = _in_place(made.this.copy(), known)
    tree.set("with_", None)
    return _in_place(tree, known)


def _in_place(tree: exp.Expr, known: dict[str, exp.Expr]) -> exp.Expr:
    for table in list(tree.find_all(exp.Table)):
        query = known.get(table.name.lower())
        if query is not None and not table.db:
            made = exp.Subquery(this=query.copy(), alias=exp.TableAlias(this=exp.to_identifier(table.alias_or_name)))
            made.set("joins", table.args.get("joins"))
            table.replace(made)
    return tree


def using(tree: exp.Expr, catalog: Catalog) -> exp.Expr:
    """USING as the equality that it stands for."""
    for select in tree.find_all(exp.Select):
        sides = [select.args["from_"].this] if select.args.get("from_") else []
        for join in select.args.get("joins") or ():
            names = [name.name for name in join.args.get("using") or ()]
            if names:
                join.set("using", None)
                join.set("on", exp.and_(*(_same(name, sides, join, select, catalog) for name in names)))
            sides.append(join.this)
    return tree


def _same(name: str, sides: list[exp.Expr], join: exp.Join, select: exp.Select, catalog: Catalog) -> exp.Expr:
    """The equality of a column with the one of the first table that has it, whose name it then goes by."""
    left = next((side for side in sides if name in _names(side, catalog)), None)
    if left is None:
        raise Unsupported.of(join)
    for found in own(select, exp.Column):
        if not found.args.get("table") and found.name == name:
            found.set("table", exp.to_identifier(left.alias_or_name))
    return exp.EQ(this=exp.column(name, left.alias_or_name), expression=exp.column(name, join.this.alias_or_name))


def _names(side: exp.Expr, catalog: Catalog) -> list[str]:
    """The columns of a table or a sub-query."""
    if isinstance(side, exp.Subquery):
        return [str(item.alias_or_name) for item in side.this.selects]
    table = statement.table(side, catalog)
    return [column.name for column in table.columns] if table else []
