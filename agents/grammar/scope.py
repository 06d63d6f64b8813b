"""The columns of a join path by what they are used for, as rules that paths with the same tables share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from agents.columns import dated, flags, keys, measures, texts, times, wholes
from agents.grammar.literals import Literals
from agents.grammar.required import Filter, meant
from agents.grammar.rules import Rules, terminal
from agents.paths import Path, paths
from data.catalog import Catalog, Column, Table
from retrieval import Context

Values = Mapping[str, Mapping[str, Sequence[str]]]
Made = TypeVar("Made")
Use = Callable[[Catalog, Table], Iterable[Column]]


def groupable(catalog: Catalog, table: Table) -> Iterator[Column]:
    """What rows are grouped by: texts, flags, keys, days and whole numbers."""
    key = keys(catalog, table)
    days = {c.name for c in times(table) if c.type.upper() == "DATE"}
    some = {c.name for c in (*texts(table), *flags(table), *wholes(table))} | days | key
    return (column for column in table.columns if column.name in some)


MANY_PATHS = 40
USES: dict[str, Use] = {
    "measure": measures,
    "time": lambda _, table: times(table),
    "dated": lambda _, table: dated(table),
    "text": lambda _, table: texts(table),
    "flag": lambda _, table: flags(table),
    "group": groupable,
    "any": lambda _, table: table.columns,
    "missing": lambda _, table: (c for c in table.columns if c.name != table.key),
    "counter": lambda catalog, table: (c for c in wholes(table) if c.name in keys(catalog, table)),
}


@dataclass
class Basis:
    """What the rules of one question are made from, and the rules themselves."""

    context: Context
    literals: Literals
    filters: tuple[Filter, ...]
    values: Values
    """The texts that the caller may read, by table and column."""
    rules: Rules = field(default_factory=Rules)
    made: dict[tuple[object, ...], Any] = field(default_factory=dict)
    """Rules, and what makes them, by what they are about."""

    def __post_init__(self) -> None:
        self.catalog = self.context.catalog
        self.meant = meant(self.context)
        self.ending: dict[str, list[Path]] = {}
        """Paths of at most one join by the table that they end at; where they are many, those from meant tables."""
        short = paths(self.catalog, 1)
        for path in short:
            if path.joins and len(short) > MANY_PATHS and self.meant and path.base.full_name not in self.meant:
                continue
            self.ending.setdefault(list(path.scope.values())[-1].full_name, []).append(path)
        self.same: dict[str, set[str]] = {}
        """Keys by the columns that point at them, and the other way round, by full names."""
        for link in self.catalog.relationships:
            ends = f"{link.table}.{link.column}", f"{link.to_table}.{link.to_column}"
            self.same.setdefault(ends[0], set()).add(ends[1])
            self.same.setdefault(ends[1], set()).add(ends[0])
        self.said = frozenset(t for h in self.context.hints if h.kind in ("column", "value") for t in h.targets)
        """Columns, by full name, that the hints point at."""
        self.compared = self.rules.add(*map(terminal, self.literals.comparisons))
        counts = (*(n for n in self.literals.numbers if n.isdigit()), "1")
        self.count = self.rules.add(*map(terminal, counts))

    def once(self, about: tuple[object, ...], make: Callable[[], Made]) -> Made:
        """What is about something, made when it is asked for first."""
        if about not in self.made:
            self.made[about] = make()
        found: Made = self.made[about]
        return found

    def columns(self, use: str, table: Table) -> tuple[Column, ...]:
        """The columns of a table that have a use."""
        return self.once((use, table.full_name), lambda: tuple(USES[use](self.catalog, table)))


@dataclass(frozen=True)
class Scope:
    """A path with the rules of its columns."""

    basis: Basis
    path: Path

    @property
    def bare(self) -> bool:
        """Whether columns stand without an alias."""
        return not self.path.joins

    def tables(self) -> Iterator[tuple[str, Table]]:
        """The tables by alias, the base first."""
        return iter(self.path.scope.items())

    def column(self, alias: str, name: str) -> str:
        """A column as a terminal."""
        return terminal(self.path.column(alias, name))

    def columns(self, use: str) -> Iterator[tuple[str, Table, Column]]:
        """The columns of a use, with their aliases and tables."""
        for alias, table in self.tables():
            for column in self.basis.columns(use, table):
                yield alias, table, column

    def each(self, about: str, make: Callable[[str, Table], Iterable[str]]) -> str:
        """A rule of what each alias gives; the rule of an alias is shared by all paths that have it."""
        add = self.basis.rules.add
        parts = [
            self.basis.once((about, self.bare, alias, table.full_name), lambda a=alias, t=table: add(*make(a, t)))  # type: ignore[misc]
            for alias, table in self.tables()
        ]
        found = [part for part in parts if part]
        return found[0] if len(found) == 1 else add(*found)

    def rule(self, use: str) -> str:
        """A rule for the columns of a use."""
        return self.each(use, lambda a, t: (self.column(a, c.name) for c in self.basis.columns(use, t)))

    def units(self) -> Iterator[tuple[str, str]]:
        """Each measure with a rule of the others of its unit."""
        return self.pairs("measure", lambda column: column.unit)

    def pairs(self, use: str, kind: Callable[[Column], object] = lambda _: None) -> Iterator[tuple[str, str]]:
        """Each column of a use with a rule of the others, of the same kind, of its table and of the tables beside."""
        add = self.basis.rules.add
        found = {alias: self.basis.columns(use, table) for alias, table in self.tables()}
        for alias, columns in found.items():
            for column in columns:
                others = [
                    self.column(other, each.name)
                    for other, own in found.items()
                    for each in own
                    if kind(each) == kind(column) and (other, each) != (alias, column)
                ]
                if others:
                    yield self.column(alias, column.name), add(*others)
