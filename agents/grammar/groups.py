"""Groups: what rows are grouped by, and what follows the groups."""

from __future__ import annotations

from collections.abc import Iterator

from agents.columns import flags, measures, texts
from agents.grammar.aggregates import Aggregates
from agents.grammar.conditions import above
from agents.grammar.order import limited, ordered
from agents.grammar.rules import terminal
from agents.grammar.scope import Scope
from agents.grammar.windows import buckets, periods, ranked
from data.catalog import Table

_ALL, _COMMA = '" GROUP BY ALL"', '", "'


class Groups:
    """The groups over one path. DuckDB takes no QUALIFY behind GROUP BY ALL: there they are grouped by place."""

    def __init__(self, scope: Scope, aggregates: Aggregates) -> None:
        self._scope, self._rules, self._add = scope, scope.basis.rules, scope.basis.rules.add
        time = scope.rule("time")
        cut = f'{self._rules.terms(*buckets())} {time} ")"' if time else ""
        self._column, self._things = self._add(scope.rule("group"), cut), list(self._titles())
        self.aggregate, self._sorting = aggregates.grouped(), aggregates.alone()
        self._rank = ranked(self._rules, self._sorting, scope.basis.count)
        self._having = self._bounds(aggregates.counted())

    def _titles(self) -> Iterator[tuple[str, str]]:
        """(what is grouped by, GROUP BY) for joined things: their titles, kept apart by their keys."""
        for alias, table in self._scope.tables() if not self._scope.bare else ():
            if table.key and table.label and table.key in table and table.label in table:
                key, label = self._scope.path.column(alias, table.key), self._scope.path.column(alias, table.label)
                yield terminal(label), terminal(f" GROUP BY {key}, {label}")

    def _bounds(self, number: str) -> str:
        bound = self._add(self._scope.basis.compared, '" > 1"')
        one = self._add(f"{number} {bound}", self._scope.each("averaged", self._averaged))
        return self._add(f'" HAVING " {one} (" AND " {one})?')

    def _averaged(self, alias: str, table: Table) -> Iterator[str]:
        """The average of a group, on one side of that of all rows."""
        for column in measures(self._scope.basis.catalog, table):
            yield f'"avg(" {self._scope.column(alias, column.name)} ")" {above(self._scope, table, column)}'

    def bodies(self, shown: str, where: str, sorting: str = "") -> Iterator[str]:
        """All groups that show aggregates of the rule `shown`, in the order of one of the rule `sorting`."""
        having, order = self._rules.optional(self._having), self._order(sorting or self._sorting)
        ranking = self._rules.optional(self._add(order, self._rank))
        if self._column:
            columns, after = self._rules.series(self._column, 3), self._rules.optional(order)
            yield f"{columns} {_COMMA} {shown} {where} {_ALL} {having} {after}"
            yield from (f"{columns} {_COMMA} {shown} {where} {by} {self._rank}" for columns, by in self._placed())
        for label, by in self._things:
            yield f"{label} {_COMMA} {shown} {where} {by} {having} {ranking}"

    def unshown(self, where: str) -> Iterator[str]:
        """Groups of which no aggregate is shown: they are there to be bounded or ranked."""
        bounded = self._add(
            f"{self._having} {self._rules.optional(self._order(self._sorting))}",
            limited(self._sorting, self._scope.basis.count),
        )
        if self._column:
            yield f"{self._rules.series(self._column, 3)} {where} {_ALL} {bounded}"
            yield from (f"{columns} {where} {by} {self._rank}" for columns, by in self._placed())
        yield from (f"{label} {where} {by} {self._add(bounded, self._rank)}" for label, by in self._things)

    def within(self, shown: str, where: str) -> Iterator[str]:
        """The first groups of each value of the first of their two columns."""
        start = self._rules.terms(" QUALIFY rank() OVER (", " QUALIFY row_number() OVER (")
        more = self._rules.optional(f"{_COMMA} {shown}")
        middle = self._add(f'{_COMMA} {self._column} {more} {where} " GROUP BY 1, 2" {start} "PARTITION BY "')
        end = self._add(f'" ORDER BY " {self._sorting} " DESC"? ")" (" = " | " <= ") {self._scope.basis.count}')
        yield from (f"{column} {middle} {column} {end}" for column in self._columns_apart())

    def _columns_apart(self) -> list[str]:
        """What groups are ranked within: texts and flags of the base, titles of what is joined, and periods."""
        scope, base = self._scope, self._scope.path.base
        own = {column.name for column in (*texts(base), *flags(base))}
        named = [
            scope.column(alias, column.name)
            for alias, table, column in scope.columns("group")
            if (column.name in own if table is base else column.name == table.label)
        ]
        return [*named, *periods(scope, ("year", "month"))]

    def _placed(self) -> list[tuple[str, str]]:
        return [(self._column, '" GROUP BY 1"'), (f"{self._column} {_COMMA} {self._column}", '" GROUP BY 1, 2"')]

    def _order(self, sorting: str) -> str:
        return self._add(ordered(self._add('"1"', sorting), self._scope.basis.count))
