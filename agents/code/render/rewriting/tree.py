"""Parts of the tree of a query."""

from __future__ import annotations

from sqlglot import exp

from agents import statement


def put(tree: exp.Expr, node: exp.Expr, made: exp.Expr) -> exp.Expr:
    """The tree with one node in the place of another."""
    if node is tree:
        return made
    node.replace(made)
    return tree


def within(query: exp.Expr) -> set[str]:
    """The names of all tables of a query and of the queries in it."""
    return {table.alias_or_name.lower() for select in query.find_all(exp.Select) for table in statement.sources(select)}


def own(select: exp.Select, kind: type[exp.Expr]) -> list[exp.Expr]:
    """The nodes of a kind in a SELECT, without those of the queries in it."""
    inner = [node for node in select.find_all(exp.Select) if node is not select]
    deep = {id(found) for query in inner for found in query.walk()}
    return [node for node in select.find_all(kind) if id(node) not in deep]
