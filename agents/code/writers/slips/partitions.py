"""Places among a thing's rows, where a model's query takes two things of one title for one."""

from __future__ import annotations

from sqlglot import exp

from agents import statement
from data.catalog import Catalog


def partitioned(tree: exp.Query, catalog: Catalog) -> exp.Query:
    """The query with the windows over a joined table's titles over its keys."""
    titles = _titles(tree, catalog) if isinstance(tree, exp.Select) and not tree.args.get("group") else {}
    for window in tree.find_all(exp.Window):
        for part in window.args.get("partition_by") or ():
            key = titles.get((part.table.lower(), part.name.lower())) if isinstance(part, exp.Column) else None
            if key is not None:
                part.set("this", exp.to_identifier(key))
    return tree


def _titles(tree: exp.Select, catalog: Catalog) -> dict[tuple[str, str], str]:
    """The keys of joined tables by alias and title."""
    found: dict[tuple[str, str], str] = {}
    for node in statement.sources(tree)[1:]:
        table = statement.table(node, catalog)
        if table is not None and table.key and table.label:
            found[(node.alias_or_name.lower(), table.label.lower())] = table.key
    return found
