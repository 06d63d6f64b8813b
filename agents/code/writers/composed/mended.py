"""What a small model often leaves out, where its SQL could not mean what it says otherwise."""

from __future__ import annotations

from sqlglot import exp

from agents import statement
from data.catalog import Catalog


def mended(sql: str, catalog: Catalog) -> str:
    """The query with shares of all in the place of shares of itself, and with things kept apart by their keys."""
    tree = statement.query(sql)
    if not isinstance(tree, exp.Select):
        return sql
    changed = [*_shares(tree), *_partitions(tree, catalog)]
    return tree.sql(dialect=statement.DIALECT) if changed else sql


def _shares(tree: exp.Select) -> list[exp.Expr]:
    """`sum(x) / sum(x)` in groups is 1 whatever x is; of all groups, it is a share."""
    if tree.args.get("group") is None:
        return []
    found: list[exp.Expr] = []
    for item in tree.selects:
        for ratio in list(item.find_all(exp.Div)):
            top = ratio.this.expression if isinstance(ratio.this, exp.Mul) else ratio.this
            if isinstance(top, (exp.Sum, exp.Count)) and top == ratio.expression:
                ratio.set("expression", exp.Window(this=exp.Sum(this=top.copy())))
                found.append(ratio)
    return found


def _partitions(tree: exp.Select, catalog: Catalog) -> list[exp.Expr]:
    """Two things of one title are two: a place among a thing's rows is counted by its key."""
    titles = _titles(tree, catalog)
    found: list[exp.Expr] = []
    for window in list(tree.find_all(exp.Window)):
        for part in window.args.get("partition_by") or ():
            key = titles.get((part.table.lower(), part.name.lower())) if isinstance(part, exp.Column) else None
            if key is not None and isinstance(part, exp.Column) and tree.args.get("group") is None:
                part.set("this", exp.to_identifier(key))
                found.append(part)
    return found


def _titles(tree: exp.Select, catalog: Catalog) -> dict[tuple[str, str], str]:
    """The keys of joined tables by alias and title."""
    found: dict[tuple[str, str], str] = {}
    for node in statement.sources(tree)[1:]:
        table = statement.table(node, catalog)
        if table is not None and table.key and table.label:
            found[(node.alias_or_name.lower(), table.label.lower())] = table.key
    return found
