"""The joins that a model's query leaves out: it names a column that stands one key away from the tables of its FROM."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from agents import statement
from agents.paths import identifier, written
from data.catalog import Catalog, Relationship, Table
from retrieval.hints import Hint


def joined(tree: exp.Query, catalog: Catalog) -> exp.Query:
    """The query, in which columns that are not where they are looked for are taken from where they are: from another
    table of the same FROM, or from the only table beside these that has one. That is joined if a key of theirs leads to
    it: many rows point at one, so that none is counted twice. What can't be told stays as it is."""
    for select in tree.find_all(exp.Select):
        if scope := Scope.of(select, catalog):
            scope.mend()
    return tree


@dataclass(frozen=True)
class Way:
    """A key between a table of a FROM, by its alias, and another `table`."""

    alias: str
    link: Relationship
    table: Table

    @property
    def joins(self) -> bool:
        """Whether it leads to one row at most, so that going it counts nothing twice."""
        return self.link.to_table == self.table.full_name


@dataclass(frozen=True)
class Scope:
    """A SELECT over tables alone, by their aliases; `others` are names that mean something else in it."""

    select: exp.Select
    tables: dict[str, Table]
    others: frozenset[str]
    catalog: Catalog

    @classmethod
    def of(cls, select: exp.Select, catalog: Catalog) -> Scope | None:
        """None where it reads something else, lists no columns, or stands in a query over something else."""
        tables, around = _tables(select, catalog), [_tables(outer, catalog) for outer in _outer(select)]
        if not tables or select.is_star or not all(around):
            return None
        outputs = {item.alias for item in select.selects if isinstance(item, exp.Alias)}
        given = {column.name for found in around for table in found.values() for column in table.columns}
        return cls(select, tables, frozenset(outputs | given), catalog)

    @property
    def optional(self) -> set[str]:
        """The aliases of the tables in which a row may have nothing."""
        return {join.alias_or_name for join in self.select.args.get("joins") or () if join.side}

    @property
    def alone(self) -> bool:
        """Whether it stands in no other query."""
        return self.select.find_ancestor(exp.Select) is None and not self.select.find(exp.Subquery, exp.CTE)

    @property
    def named(self) -> set[str]:
        """All aliases of the whole query."""
        return {node.alias_or_name for node in self.select.root().find_all(exp.Table, exp.Subquery, exp.CTE)}

    def mend(self) -> None:
        """Say of each column that is missing whose it is."""
        for column in filter(self._missing, self._own()):
            places = self._places(column.name) or self._reached(column.name)
            if len(places) == 1:
                column.set("table", exp.to_identifier(places[0]))

    def _own(self) -> list[exp.Column]:
        """The columns that stand in this SELECT itself."""
        return [column for column in self.select.find_all(exp.Column) if column.parent_select is self.select]

    def _missing(self, column: exp.Column) -> bool:
        if column.table in self.tables:
            return column.name not in self.tables[column.table]
        if column.table:
            return self.alone and column.table not in self.named
        return column.name not in self.others and not self._places(column.name)

    def _places(self, name: str) -> list[str]:
        """The aliases of the tables that have such a column."""
        return [alias for alias, table in self.tables.items() if name in table]

    def _reached(self, name: str) -> list[str]:
        """The alias of the table that was joined for such a column; none where several might be meant, or none can."""
        beside = [way for way in self.beside() if name in way.table]
        if len(beside) != 1 or not beside[0].joins or beside[0].table.name in self.tables:
            return []
        self.join(beside[0])
        return [beside[0].table.name]

    def beside(self) -> Iterator[Way]:
        """The ways to other tables along the keys that begin or end here."""
        for alias, table in self.tables.items():
            for link in self.catalog.relationships:
                ends = {link.table, link.to_table} - {table.full_name}
                if len(ends) == 1 and table.full_name in (link.table, link.to_table):
                    yield Way(alias, link, self.catalog.table(ends.pop()))

    def join(self, way: Way) -> None:
        """Go it, with the columns that both sides have told apart."""
        alias, link, parent = way.alias, way.link, way.table
        for column in self._own():
            places = self._places(column.name)
            if not column.table and column.name in parent and len(places) == 1:
                column.set("table", exp.to_identifier(places[0]))
        on = f"{identifier(alias)}.{identifier(link.column)} = {identifier(parent.name)}.{identifier(link.to_column)}"
        self.select.join(written(parent), on=on, dialect=statement.DIALECT, copy=False)
        self.tables[parent.name] = parent


def meant(hint: Hint, table: Table) -> list[str]:
    """The columns of a table that a phrase means."""
    return [column.name for column in table.columns if f"{table.full_name}.{column.name}" in hint.targets]


def _tables(select: exp.Select, catalog: Catalog) -> dict[str, Table]:
    """The tables of a FROM by their aliases; none where it reads anything else."""
    found = {node.alias_or_name: statement.table(node, catalog) for node in statement.sources(select)}
    known = {alias: table for alias, table in found.items() if table}
    return known if len(known) == len(found) else {}


def _outer(select: exp.Select) -> Iterator[exp.Select]:
    """The queries that a query stands in, where it may speak of their columns."""
    outer = select.find_ancestor(exp.Select, exp.CTE, exp.From)
    while isinstance(outer, exp.Select):
        yield outer
        outer = outer.find_ancestor(exp.Select, exp.CTE, exp.From)
