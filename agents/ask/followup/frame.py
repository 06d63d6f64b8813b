"""The SELECT that answered the question before: what it reads, measures, groups by and is limited to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp

from agents import statement
from agents.columns import times
from agents.paths import Join, Path, paths
from data.catalog import Catalog, Column, Table

Place = tuple[str, str]
"""An alias of the query and a column's name."""


@lru_cache(statement.KEPT)
def _written(sql: str) -> exp.Expr:
    """The tree of a query as we would write it."""
    return sqlglot.parse_one(statement.query(sql).sql(statement.DIALECT), read=statement.DIALECT)


class Beyond(Exception):
    """The change can't be made exactly in this query."""


@dataclass
class Frame:
    """A SELECT over tables joined along keys. `tree` is its own copy, changed in place."""

    tree: exp.Select
    catalog: Catalog
    scope: dict[str, Table]

    @classmethod
    def of(cls, sql: str, catalog: Catalog) -> Frame | None:
        """None for a query whose shape is beyond this: its rows come from other queries, or it is a union."""
        tree = _written(sql).copy()
        if not isinstance(tree, exp.Select) or tree.args.get("with_") or not tree.args.get("from_"):
            return None
        read = [tree.args["from_"].this, *(join.this for join in tree.args.get("joins") or ())]
        if not all(isinstance(table, exp.Table) and f"{table.db}.{table.name}" in catalog for table in read):
            return None
        scope = {table.alias_or_name.lower(): catalog.table(f"{table.db}.{table.name}") for table in read}
        return cls(tree, catalog, scope) if len(scope) == len(read) else None

    @property
    def sql(self) -> str:
        """The query as it now stands."""
        return self.tree.sql(statement.DIALECT)

    @property
    def base(self) -> tuple[str, Table]:
        """The table whose rows are counted."""
        return next(iter(self.scope.items()))

    def place(self, column: exp.Column) -> Place | None:
        """Which column of which table a reference means."""
        if column.table:
            return (column.table.lower(), column.name.lower()) if column.table.lower() in self.scope else None
        return next(((alias, column.name.lower()) for alias, table in self.scope.items() if column.name in table), None)

    def known(self, place: Place) -> Column:
        """The catalogue's column at a place."""
        return self.scope[place[0]].column(place[1])

    def column(self, place: Place) -> exp.Column:
        """A reference to the place, bare where there is one table."""
        alias, name = place
        return exp.column(name, table=alias if len(self.scope) > 1 else None)

    def places(self, node: exp.Expr) -> set[Place]:
        """The columns that an expression uses, but not within queries of its own."""
        found = (c for c in node.find_all(exp.Column) if c.parent_select is node.parent_select or node is c)
        return {place for column in found if (place := self.place(column))}

    @property
    def conditions(self) -> list[exp.Expr]:
        """What rows have to fulfil, one by one."""
        where = self.tree.args.get("where")
        if where is None:
            return []
        return list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]

    def require(self, conditions: Iterable[exp.Expr]) -> None:
        """Set the conditions."""
        said = [node.copy() for node in conditions]
        self.tree.set("where", exp.Where(this=exp.and_(*said)) if said else None)

    def about(self, node: exp.Expr) -> Place | None:
        """The one column that a condition is about."""
        found = self.places(node)
        return next(iter(found)) if len(found) == 1 and not node.find(exp.Select) else None

    @property
    def measure(self) -> exp.Expr | None:
        """What is measured: the first aggregate of the output, else that of the order, else that which is bounded."""
        ordered, having = self.tree.args.get("order"), self.tree.args.get("having")
        sources = [item.unalias() for item in self.tree.selects]
        sources += [item.this for item in ordered.expressions] if ordered else []
        sources += [having.this.this] if having and isinstance(having.this, exp.Binary) else []
        return next((node for node in sources if node.find(exp.AggFunc) and not node.find(exp.Select)), None)

    @property
    def groups(self) -> list[exp.Expr]:
        """The outputs that are no aggregates, of a query that has some or groups."""
        if self.measure is None and not self.tree.args.get("group"):
            return []
        return [item.unalias() for item in self.tree.selects if not item.find(exp.AggFunc)]

    @property
    def measured(self) -> Place | None:
        """The column that is measured, where there is one."""
        return next(iter(sorted(self.places(self.measure))), None) if self.measure is not None else None

    def clear(self, *clauses: str) -> None:
        """Take clauses away."""
        for clause in clauses:
            self.tree.set(clause, None)

    def locate(self, targets: Iterable[str]) -> Place | None:
        """Where one of the columns (`source.table.column`) stands, joined to the query if it has to be."""
        wanted = list(targets)
        used = {place for node in self.conditions for place in self.places(node)}
        inside = list(self._inside(wanted))
        if inside:
            return next((place for place in inside if place in used), inside[0])
        return next((place for target in wanted if (place := self._joined(target))), None)

    def _inside(self, targets: Iterable[str]) -> Iterator[Place]:
        for target in targets:
            table, _, name = target.rpartition(".")
            yield from ((alias, name) for alias, known in self.scope.items() if known.full_name == table)

    def _joined(self, target: str) -> Place | None:
        """Joins the table of a column by the one shortest way of keys from the base; None where there are several."""
        table, _, name = target.rpartition(".")
        ways = [
            way for way in paths(self.catalog) if way.base.full_name == self.base[1].full_name and _leads(way, table)
        ]
        ways = [way for way in ways if len(way.joins) == min(len(w.joins) for w in ways)]
        if len(ways) != 1:
            return None
        renamed = {ways[0].base.name: self.base[0]}
        for join in ways[0].joins:
            renamed[join.alias] = self._join(join, renamed[join.child])
        return renamed[ways[0].joins[-1].alias], name

    def _join(self, join: Join, child: str) -> str:
        """The alias under which the parent is read: the one that is there already, else a new one."""
        same = [alias for alias, table in self.scope.items() if table.full_name == join.parent.full_name]
        if same:
            return same[0]
        self.qualify()
        alias = join.alias if join.alias not in self.scope else f"{join.alias}_{len(self.scope)}"
        on = exp.EQ(this=exp.column(join.column, table=child), expression=exp.column(join.key, table=alias))
        table = exp.to_table(join.parent.full_name)
        table.set("alias", exp.TableAlias(this=exp.to_identifier(alias)) if alias != join.parent.name else None)
        self.tree.append("joins", exp.Join(this=table, on=on))
        self.scope[alias] = join.parent
        return alias

    def qualify(self) -> None:
        """Name the table of every bare column, before another table comes in that may call one the same."""
        for column in list(self.tree.find_all(exp.Column)):
            place = None if column.table else self.place(column)
            if place and column.parent_select is self.tree:
                column.set("table", exp.to_identifier(place[0]))

    @property
    def time(self) -> Place | None:
        """The column that periods are about: the one that a condition is on, else the base table's own."""
        for node in self.conditions:
            place = self.about(node)
            if place and self.known(place) in times(self.scope[place[0]]):
                return place
        alias, table = self.base
        timed = [c.name for c in times(table)]
        named = table.time if table.time in timed else next(iter(timed), None)
        return (alias, named) if named else None


def above(frame: Frame) -> set[str]:
    """The tables that rows of the base point at, directly or by others."""
    return {
        join.parent.full_name
        for way in paths(frame.catalog)
        for join in way.joins
        if way.base.full_name == frame.base[1].full_name
    }


def _leads(way: Path, table: str) -> bool:
    return bool(way.joins) and way.joins[-1].parent.full_name == table
