"""The tables of one FROM, and the plain names that their columns get once the tables are joined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from agents import statement
from agents.code.render import kinds
from agents.code.render.naming import unique
from agents.code.render.plan import How, Kind, Scan, Unsupported
from data.catalog import Catalog

SHORT = 2
"""Letters of an alias that tells nothing."""
Kinds = Mapping[str, Kind]
Place = tuple[str, str]
"""An alias and a column, both in lower case."""


@dataclass(frozen=True)
class Side:
    """A table of a FROM. `on` are (own column, place on the left) pairs of equal values; the first table has none."""

    alias: str
    scan: Scan
    on: tuple[tuple[str, Place], ...] = ()
    how: How = "inner"

    @property
    def called(self) -> str:
        """Its name in a program: the alias where that tells more than the table's name."""
        table = self.scan.table.split(".")[-1]
        return self.alias if len(self.alias) > SHORT or not table else table

    @property
    def columns(self) -> dict[str, str]:
        """The columns as they are written, by lower-case names."""
        return {name.lower(): name for name, _ in self.scan.kinds}


@dataclass
class Scope:
    """The sides of a FROM. `flat` names each place that is used, after the joins."""

    sides: list[Side]
    flat: dict[Place, str] = field(default_factory=dict)

    @classmethod
    def of(cls, tree: exp.Select, catalog: Catalog, queries: Mapping[str, Kinds]) -> Scope:
        """Unsupported for joins other than those by equal columns. `queries` are the columns of the sub-queries that
        are joined, by alias."""
        first, *_ = nodes = statement.sources(tree)
        scans = {node.alias_or_name.lower(): _scan(node, catalog, queries) for node in nodes}
        alias = first.alias_or_name.lower()
        scope = cls([Side(alias, scans[alias])])
        for join in (*(first.args.get("joins") or ()), *(tree.args.get("joins") or ())):
            scope._join(join, scans)
        return scope

    def place(self, column: exp.Column) -> Place:
        """Where a column is; Unsupported for one that no table, or that several tables have."""
        name, alias = column.name.lower(), column.table.lower()
        found = [s.alias for s in self.sides if name in s.columns and alias in ("", s.alias)]
        if len(found) != 1:
            raise Unsupported.of(column)
        return found[0], name

    def knows(self, column: exp.Column) -> bool:
        """Whether a column is of one of the tables."""
        return any(column.name.lower() in s.columns and column.table.lower() in ("", s.alias) for s in self.sides)

    def name(self, used: set[Place]) -> None:
        """Choose the names: a column's own, or with its table's in front where two would be the same."""
        first = self.sides[0]
        places = [*((first.alias, c) for c in first.columns if (first.alias, c) in used or len(self.sides) == 1)]
        for alias, name in places:
            self.flat[(alias, name)] = first.columns[name]
        keys = {left for side in self.sides[1:] for _, left in side.on}
        for side in self.sides:
            self._name(side, used | keys)

    def side(self, alias: str) -> Side:
        return next(side for side in self.sides if side.alias == alias)

    def _name(self, side: Side, used: set[Place]) -> None:
        if side.how == "inner":
            for own, left in side.on:
                self.flat[(side.alias, own)] = self.flat[left]
        for alias, name in sorted(used - set(self.flat)):
            if alias == side.alias:
                written = side.columns[name]
                shared = any(n == name and a != alias for a, n in used)
                chosen = f"{side.called}_{written}" if shared and side is not self.sides[0] else written
                self.flat[(alias, name)] = unique(chosen, set(self.flat.values()))

    def _join(self, join: exp.Join, scans: Mapping[str, Scan]) -> None:
        crossed = (join.kind or "").upper() == "CROSS"
        how: How = "cross" if crossed else "left" if (join.side or "").upper() == "LEFT" else "inner"
        bad = (join.side and how != "left") or (join.kind or "").upper() not in ("", "INNER", "OUTER", "CROSS")
        if bad or join.args.get("using") or bool(join.args.get("on")) == crossed:
            raise Unsupported.of(join)
        alias = join.this.alias_or_name.lower()
        if crossed:
            self.sides.append(Side(alias, scans[alias], (), how))
            return
        side = Side(alias, scans[alias])
        self.sides.append(side)
        self.sides[-1] = Side(alias, side.scan, tuple(self._pairs(join.args["on"], alias)), how)

    def _pairs(self, on: exp.Expr, alias: str) -> Iterator[tuple[str, Place]]:
        for test in on.flatten() if isinstance(on, exp.And) else [on]:
            sides = [test.this, test.expression] if isinstance(test, exp.EQ) else []
            if not sides or not all(isinstance(column, exp.Column) for column in sides):
                raise Unsupported.of(test)
            places = sorted((self.place(column) for column in sides), key=lambda place: place[0] != alias)
            if places[0][0] != alias or places[1][0] == alias:
                raise Unsupported.of(test)
            yield places[0][1], places[1]


def _scan(table: exp.Expr, catalog: Catalog, queries: Mapping[str, Kinds]) -> Scan:
    if isinstance(table, exp.Subquery) and (kinds_ := queries.get(table.alias_or_name.lower())):
        return Scan("", tuple(kinds_.items()))
    if not isinstance(table, exp.Table) or not isinstance(table.this, exp.Identifier):
        raise Unsupported.of(table)
    name = ".".join(part.name for part in table.parts)
    for known in catalog.tables:
        if name.lower() in (known.full_name.lower(), known.name.lower()):
            found: tuple[tuple[str, Kind], ...] = tuple((c.name, kinds.stored(c.type)) for c in known.columns)
            return Scan(known.full_name, found)
    raise Unsupported.of(table)
