"""The governed query behind a list of objects: each subject's rows, and the columns of what they link to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from agents.forms.binding import Binding, Cell
from agents.forms.queries import KEY, ROW, among, between, bounded, meant, named
from agents.forms.subject import relation
from data.catalog import Catalog, Relationship, Table
from data.sources.base import quoted


def rows_sql(binding: Binding, catalog: Catalog, table: Table, keys: str, today: date) -> str:
    """The query over the subjects of `table` whose keys are `keys`; a row's columns are `v0`, `v1`, and so on."""
    rows = binding.rows
    assert rows is not None
    read = catalog.table(binding.table)
    below = bool(binding.links) and binding.links[0].table == binding.table
    owner, joins = _below(binding.links, table) if below else _above(binding.links, table)
    row = f"t0.{quoted(read.key)}" if read.key and read.key in read else "NULL"
    aliases = _Aliases()
    read_as = [meant(catalog, catalog.table(cell.table), cell.column, aliases.of(cell)) for cell in rows.cells]
    values = [f"{value} AS v{at}" for at, value in enumerate(read_as)]
    where = [f"{owner} IN ({keys})", *(among(one.column, one.values) for one in rows.where)]
    where += bounded(rows.period, rows.time, catalog, read, today)
    way = "ASC" if rows.oldest else "DESC"
    order = [f"{meant(catalog, read, rows.time, 't0')} {way} NULLS LAST"] if rows.time else []
    order.append(row if row != "NULL" else owner)
    ranked = f"row_number() OVER (PARTITION BY {owner} ORDER BY {', '.join(order)})"
    base = f"{relation(read)} AS t0{joins}" if below else f"{relation(table)} AS s{joins}"
    return (
        f"SELECT {owner} AS {KEY}, {row} AS {ROW}, {', '.join(values)} FROM {base}{aliases.joins}"
        f" WHERE {' AND '.join(where)} QUALIFY {ranked} <= {rows.most} ORDER BY {owner}, {ranked}"
    )


class _Aliases:
    """Joins to what a list's rows link to, each once."""

    def __init__(self) -> None:
        self.joins = ""
        self._known: dict[tuple[Relationship, ...], str] = {(): "t0"}

    def of(self, cell: Cell) -> str:
        for at in range(1, len(cell.links) + 1):
            path = cell.links[:at]
            if path not in self._known:
                before, link, alias = self._known[path[:-1]], path[-1], f"u{len(self._known)}"
                self.joins += (
                    f" LEFT JOIN {named(link.to_table)} AS {alias}"
                    f" ON {before}.{quoted(link.column)} = {alias}.{quoted(link.to_column)}"
                )
                self._known[path] = alias
        return self._known[cell.links]


def _below(links: tuple[Relationship, ...], table: Table) -> tuple[str, str]:
    """(the subject's key, the joins) where the rows lead to the subject."""
    middle = between(links, table)
    joins = "".join(
        f" JOIN {named(link.to_table)} AS t{at + 1} ON t{at}.{quoted(link.column)} = t{at + 1}.{quoted(link.to_column)}"
        for at, link in enumerate(middle)
    )
    whole = len(middle) == len(links)
    return f"t{len(middle)}.{quoted((table.key or '') if whole else links[-1].column)}", joins


def _above(links: Sequence[Relationship], table: Table) -> tuple[str, str]:
    """The same where the subject leads to the row."""
    before, joins = "s", ""
    for at, link in enumerate(links):
        alias = "t0" if at == len(links) - 1 else f"m{at}"
        on = f"{before}.{quoted(link.column)} = {alias}.{quoted(link.to_column)}"
        joins += f" JOIN {named(link.to_table)} AS {alias} ON {on}"
        before = alias
    return f"s.{quoted(table.key or '')}", joins
