"""How what a query over the stored catalogue gives is kept, column by column."""

from __future__ import annotations

from functools import lru_cache

from sqlglot import exp

from agents.semantic.kept import Kept, kept
from agents.semantic.plan import Plan
from agents.semantic.renamed import RenamedColumn, RenamedTable
from data.catalog import Catalog


def ways(query: exp.Query, catalog: Catalog) -> list[Kept | None]:
    """One for each column of the rows, None for values that are what they mean; empty where all are, or where a star
    over what is unknown leaves it open which columns there are."""
    tables = _tables(catalog)
    if not tables:
        return []
    tree = query.copy()
    carried = Plan.of(tree, tables).carried
    found = [carried.output(tree, at) for at in range(len(tree.selects))]
    return found if any(found) and not any(item.is_star for item in tree.selects) else []


@lru_cache(maxsize=64)
def _tables(catalog: Catalog) -> dict[str, RenamedTable]:
    """The tables by full name, in lower case; none where no column needs its way told."""
    columns = {
        table: {column.name.lower(): RenamedColumn(column, column, kept(column)) for column in table.columns}
        for table in catalog.tables
    }
    if not any(column.kept for own in columns.values() for column in own.values()):
        return {}
    return {table.full_name.lower(): RenamedTable(table, table, own) for table, own in columns.items()}
