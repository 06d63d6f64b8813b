"""The joins over which a question can be answered: those that reach the most of what its words mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from agents.ask.abstain.explained import is_money
from agents.ask.sketch.amounts import SIDE, is_of_money
from agents.ask.sketch.brief import Brief
from agents.columns import measures
from agents.paths import Path, paths, spanning
from data.catalog import Catalog, Column, Table

if TYPE_CHECKING:
    from retrieval.hints import Hint

MOST = 4
"""Paths that queries are made over."""
_DEBT = re.compile(r"\b(?:owe[sd]?|owing|unpaid|debts?|arrears|outstanding)\b", re.IGNORECASE)
_PAID = re.compile(r"(?:^|_)(?:paid|settled|due)(?:_|$)", re.IGNORECASE)
FARTHEST = 6
"""Joins of the longest path that is tried where shorter ones do not reach all that is meant."""
_WEIGHT = {"value": 3.0, "number": 2.0, "table": 2.0, "column": 2.0, "time": 0.0}
_ALIKE = 0.5
"""What a meaning counts that was found by its sense only, as a share."""
_NEAR = 1.6
"""How much less than the best path another may reach and still be tried."""
_JOIN, _FOREIGN = 0.25, 0.5
"""What a join costs, and a beginning that nothing points at."""


_GOAL = re.compile(
    r"(?:^|_)(?:to|dest\w*|arriv\w*|end|target|goal|drop_?off|return|receiv\w*|recipient)(?:_|$)", re.IGNORECASE
)
"""What the role is called that is said last: where to, and not where from."""


@dataclass(frozen=True)
class Place:
    """A column in a path."""

    alias: str
    table: Table
    column: Column

    @property
    def name(self) -> str:
        return f"{self.table.full_name}.{self.column.name}"


@dataclass(frozen=True)
class Ground:
    """A path with the places that its tables give to what the hints mean."""

    brief: Brief
    path: Path

    @cached_property
    def tables(self) -> dict[str, str]:
        """The alias of each table; of two roles, the one that is joined first."""
        found: dict[str, str] = {}
        for alias, table in self.path.scope.items():
            found.setdefault(table.full_name, alias)
        return found

    def place(self, hint: Hint) -> Place | None:
        """The column that a hint means here, the base's first."""
        places = [place for target in hint.targets if (place := self.at(target))]
        return min(places, key=lambda p: (p.name not in self.brief.named, p.table is not self.path.base), default=None)

    def at(self, target: str) -> Place | None:
        """A column by its full name, where its table is one of the path's."""
        table, _, name = target.rpartition(".")
        alias = self.tables.get(table)
        if alias is None or name not in self.path.scope[alias]:
            return None
        return Place(alias, self.path.scope[alias], self.path.scope[alias].column(name))

    def roles(self, place: Place) -> list[Place]:
        """The same column of each role that its table has, where from before where to, as in 'from Lyon to Paris'."""
        found = [Place(a, table, place.column) for a, table in self.path.scope.items() if table is place.table]
        return sorted(found, key=lambda role: bool(_GOAL.search(role.alias)))

    def sql(self, place: Place) -> str:
        """A column as the path's queries write it."""
        return self.path.column(place.alias, place.column.name)

    @cached_property
    def reached(self) -> frozenset[Hint]:
        """The hints that have a meaning here."""
        return frozenset(hint for hint in self.brief.context.hints if self._reaches(hint))

    def _reaches(self, hint: Hint) -> bool:
        if hint.kind == "table":
            return bool(set(hint.targets) & set(self.tables))
        return not hint.targets or self.place(hint) is not None

    @cached_property
    def worth(self) -> float:
        """How much of the question it reaches, less what it costs."""
        gained = sum(_WEIGHT[h.kind] * (_ALIKE if h.alike else 1.0) for h in self.reached if h.targets)
        said = {t if h.kind == "table" else t.rpartition(".")[0] for h in self.reached for t in h.targets}
        needed = sum(_JOIN if j.parent.full_name in said else 2 * _JOIN for j in self.path.joins)
        return gained - needed - (0.0 if self.path.base.full_name in said else _FOREIGN) + self._roles()

    def _roles(self) -> float:
        """Joins by a column that the question names, and a role for each of two values, as in 'from Lyon to Paris'."""
        own = {f"{self.path.scope[j.child].full_name}.{j.column}" for j in self.path.joins}
        said = [place for hint in self.brief.hints("value") if (place := self.place(hint))]
        both = any(said.count(place) == len(self.roles(place)) == 2 for place in said)
        return float(len(self.brief.named & own) + both)


def grounds(brief: Brief) -> tuple[Ground, ...]:
    """The best paths, the best first."""
    meant = {t if h.kind == "table" else t.rpartition(".")[0] for h in brief.context.hints for t in h.targets}
    meant |= {r.to_table for r in brief.catalog.relationships if f"{r.table}.{r.column}" in brief.named}
    meant |= {brief.asked} - {""}
    meant = meant | _paid(brief, meant) if meant else _owed(brief)
    found = sorted(_reaching(brief, meant), key=lambda ground: -ground.worth)
    return tuple(ground for ground in found[:MOST] if ground.worth > found[0].worth - _NEAR)


def _paid(brief: Brief, meant: set[str]) -> set[str]:
    """The tables next to those that are meant which keep amounts of money, where the question asks for money and means
    none that keeps any."""
    catalog = brief.catalog
    if not is_of_money(brief.context.question) or any(_keeps_money(catalog, name) for name in meant):
        return set()
    links = [(link.table, link.to_table) for link in catalog.relationships]
    beside = {other for pair in links for one, other in (pair, pair[::-1]) if one in meant}
    return {name for name in beside if _keeps_money(catalog, name)}


def _owed(brief: Brief) -> set[str]:
    """The tables that tell what is paid of what is due, where the question asks for debts and names nothing."""
    tables = brief.catalog.tables if _DEBT.search(brief.context.question) else ()
    named = (t.full_name for t in tables if any(_PAID.search(column.name) for column in t.columns))
    return {name for name in named if _keeps_money(brief.catalog, name)}


def _keeps_money(catalog: Catalog, name: str) -> bool:
    """Whether a table tells amounts of money that are no mere part of others, or what things cost and how many."""
    own = measures(catalog, catalog.table(name))
    return any(is_money(column) and not SIDE & {*column.name.lower().split("_")} for column in own)


def _reaching(brief: Brief, meant: set[str]) -> Iterator[Ground]:
    """Those over meant tables; every path ends at one."""
    for path in paths(brief.catalog):
        ends = {path.base.full_name, *(join.parent.full_name for join in path.joins[-1:])}
        if ends & meant and (not path.joins or path.joins[-1].parent.full_name in meant):
            yield Ground(brief, path)
    for table in brief.catalog.tables:
        if table.full_name in meant and (long := spanning(brief.catalog, table, sorted(meant), FARTHEST)):
            yield Ground(brief, long)
