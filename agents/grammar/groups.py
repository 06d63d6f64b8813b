"""Groups: what rows are grouped by, and what follows the groups."""

from __future__ import annotations

from collections.abc import Iterator

from agents.columns import keys, wholes
from agents.grammar.aggregates import Aggregates
from agents.grammar.order import limited, ordered
from agents.grammar.rules import terminal
from agents.grammar.scope import Scope
from agents.grammar.windows import buckets, periods, ranked

_ALL, COMMA = '" GROUP BY ALL"', '", "'


class Groups:
    """The groups over one path."""

    def __init__(self, scope: Scope, aggregates: Aggregates) -> None:
        self._scope, self._rules, self._add = scope, scope.basis.rules, scope.basis.rules.add
        self.column = self._add(*self._columns())
        self.aggregate = aggregates.grouped()
        self.sorting = self._add(aggregates.alone())

    def _columns(self) -> list[str]:
        column, time = self._scope.rule("group"), self._scope.rule("time")
        return [column, f'{self._rules.terms(*buckets())} {time} ")"' if time else ""]

    def bodies(self, shown: str, where: str) -> Iterator[str]:
        """All groups that show aggregates of the rule `shown`."""
        for columns, by in self._dimensions():
            yield f'{columns} ", " {shown} {where} {by} {self._tail()}'

    def unshown(self, where: str) -> Iterator[str]:
        """Groups of which no aggregate is shown: they are there to be bounded or ranked."""
        for columns, by in self._dimensions():
            yield f"{columns} {where} {by} {self._bounded()}"

    def within(self, shown: str, where: str) -> Iterator[str]:
        """The first groups of each value of the first of their columns."""
        start = self._rules.terms(" QUALIFY rank() OVER (", " QUALIFY row_number() OVER (")
        more = self._rules.optional(f"{COMMA} {shown}")
        middle = self._add(f'{COMMA} {self.column} {more} {where} {_ALL} {start} "PARTITION BY "')
        end = self._add(f'" ORDER BY " {self.sorting} " DESC"? ")" (" = " | " <= ") {self._scope.basis.count}')
        yield from (f"{column} {middle} {column} {end}" for column in self._columns_apart())

    def _columns_apart(self) -> list[str]:
        """What groups are ranked within: texts, keys and flags of the base, titles of what is joined, and years."""
        scope, base = self._scope, self._scope.path.base
        whole = {c.name for c in wholes(base)} - keys(scope.basis.catalog, base)
        named = [
            scope.column(alias, column.name)
            for alias, table, column in scope.columns("group")
            if (column.name not in whole if table is base else column.name == table.label)
        ]
        return [*named, *periods(scope, ("year", "month"))]

    def _dimensions(self) -> Iterator[tuple[str, str]]:
        """(what is grouped by, GROUP BY): any columns, or a joined thing that has a key and a title."""
        if self.column:
            yield self._rules.series(self.column, 3), _ALL
        for alias, table in self._scope.tables():
            if table.key and table.label and table.key in table and table.label in table and not self._scope.bare:
                key, label = self._scope.path.column(alias, table.key), self._scope.path.column(alias, table.label)
                yield terminal(label), terminal(f" GROUP BY {key}, {label}")

    def _having(self) -> str:
        bound = self._add(self._scope.basis.compared, '" > 1"')
        one = self._add(f"{self.sorting} {bound}")
        return self._add(f'" HAVING " {one} (" AND " {one})?')

    def _tail(self) -> str:
        return self._add(f"{self._rules.optional(self._having())} {self._rules.optional(self._order())}")

    def _order(self) -> str:
        basis = self._scope.basis
        return self._add(ordered(self._add('"1"', self.sorting), basis.count), self._ranked())

    def _ranked(self) -> str:
        return ranked(self._scope.basis.rules, self.sorting, self._scope.basis.count)

    def _bounded(self) -> str:
        having, basis = self._having(), self._scope.basis
        return self._add(f"{having} {self._rules.optional(self._order())}", limited(self.sorting, basis.count), self._ranked())
