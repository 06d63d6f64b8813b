"""Groups: what rows are grouped by, and what follows the groups."""

from __future__ import annotations

from collections.abc import Iterator

from agents.grammar.aggregates import Aggregates
from agents.grammar.order import limited, ordered
from agents.grammar.rules import optional, series, terminal
from agents.grammar.scope import Scope
from agents.grammar.windows import buckets, ranked

_ALL = '" GROUP BY ALL"'


class Groups:
    """The groups over one path."""

    def __init__(self, scope: Scope, aggregates: Aggregates) -> None:
        self._scope, self._add = scope, scope.basis.rules.add
        self.column = self._add(*self._columns())
        self.aggregate = aggregates.grouped()
        self.sorting = self._add(aggregates.alone())

    def _columns(self) -> list[str]:
        column, time = self._scope.rule("group"), self._scope.rule("time")
        return [column, *(f'{terminal(bucket)} {time} ")"' for bucket in buckets() if time)]

    def bodies(self, shown: str, where: str) -> Iterator[str]:
        """All groups that show aggregates of the rule `shown`."""
        for columns, by in self._dimensions():
            yield f'{columns} ", " {shown} {where} {by} {self._tail()}'

    def unshown(self, where: str) -> Iterator[str]:
        """Groups of which no aggregate is shown: they are there to be bounded or ranked."""
        for columns, by in self._dimensions():
            yield f"{columns} {where} {by} {self._bounded()}"

    def within(self, shown: str, where: str) -> Iterator[str]:
        """The first groups of each value of one of their columns."""
        for column in self._columns_apart():
            rank = ranked(self._scope.basis.rules, self.sorting, self._scope.basis.count, column)
            yield f'({column} ", " {self.column} | {self.column} ", " {column}) (", " {shown})? {where} {_ALL} {rank}'

    def _columns_apart(self) -> list[str]:
        names = [self._scope.column(alias, column.name) for alias, _, column in self._scope.columns("group")]
        times = [self._scope.column(alias, column.name) for alias, _, column in self._scope.columns("time")]
        return [*names, *(f'{terminal(bucket)} {time} ")"' for time in times for bucket in buckets(ordered=True))]

    def _dimensions(self) -> Iterator[tuple[str, str]]:
        """(what is grouped by, GROUP BY): any columns, or a joined thing that has a key and a title."""
        if self.column:
            yield self._add(series(self.column, self.column, 2)), _ALL
        for alias, table in self._scope.tables():
            if table.key and table.label and table.key in table and table.label in table and not self._scope.bare:
                key, label = self._scope.path.column(alias, table.key), self._scope.path.column(alias, table.label)
                yield terminal(label), terminal(f" GROUP BY {key}, {label}")

    def _having(self) -> str:
        bound = self._add(self._scope.basis.compared, '" > 1"')
        one = self._add(f"{self.sorting} {bound}")
        return f'" HAVING " {one} (" AND " {one})?'

    def _tail(self) -> str:
        return self._add(f"{optional(self._having())} {optional(self._order())}")

    def _order(self) -> str:
        basis = self._scope.basis
        return self._add(ordered(self._add('"1"', self.sorting), basis.count), self._ranked())

    def _ranked(self) -> str:
        return ranked(self._scope.basis.rules, self.sorting, self._scope.basis.count)

    def _bounded(self) -> str:
        having, basis = self._having(), self._scope.basis
        return self._add(f"{having} {optional(self._order())}", limited(self.sorting, basis.count), self._ranked())
