"""One way to store a domain: which tables and columns, under which names, in which types and units."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from finetune.worlds.domain import Choice, ColumnSpec, Domain, Flag, Key, Link, Moment, Named, Number, TableSpec
from finetune.worlds.names import ENDING, Namer, Style

Convert = Callable[[Any], Any]
MONEY = frozenset(("USD", "EUR", "GBP", "CHF"))
FEWEST = 4  # tables that are always kept
FEWEST_COLUMNS = 3


@dataclass(frozen=True)
class Made:
    """A column: made of the domain's column `source` by `convert`. `readable` is false where its name is cut off."""

    name: str
    type: str
    source: str
    spec: ColumnSpec
    convert: Convert | None = None
    unit: str | None = None
    readable: bool = True
    said: str = ""
    """What a part of a name is called, where the domain has only the whole."""


@dataclass(frozen=True)
class MadeTable:
    """A table with its columns: of the domain's table `source`."""

    name: str
    source: str
    spec: TableSpec
    columns: tuple[Made, ...]
    label: str | None = None

    def named(self, source: str | None) -> str | None:
        """What a column of the domain is called here; None where it is left out or split."""
        found = [column.name for column in self.columns if column.source == source]
        return found[0] if len(found) == 1 else None


class Variant:
    """Draws how a domain is stored; `plain` stores it as its file says."""

    def __init__(self, domain: Domain, rng: random.Random, *, plain: bool) -> None:
        self._domain, self._rng, self._plain = domain, rng, plain
        self._style = Style() if plain else Style.drawn(rng)
        self._namer = Namer(self._style, rng)
        self._begun = {
            table.columns[spec.after]
            for table in domain.tables.values()
            for spec in table.columns.values()
            if isinstance(spec, Moment) and spec.after
        }
        self._case = None if plain else rng.choice((None, None, None, None, str.upper, str.title))
        self._int = "BIGINT" if plain else rng.choice(("INTEGER", "BIGINT"))
        self._float = "DECIMAL(12,2)" if plain else rng.choice(("DECIMAL(12,2)", "DECIMAL(18,2)", "DOUBLE"))

    def tables(self) -> tuple[MadeTable, ...]:
        """The tables that are kept."""
        kept = self._kept()
        names: dict[str, str] = {}
        for name in kept:
            names[name] = self._namer.table(name, self._domain.tables[name], names.values())
        keys: dict[str, str] = {}
        for name in kept:
            key = self._domain.tables[name].key
            if key:
                keys[name] = self._namer.key(key, name, names[name], ())
        return tuple(self._table(name, names, keys) for name in kept)

    def _chance(self, share: float) -> bool:
        return not self._plain and self._rng.random() < share

    def _kept(self) -> list[str]:
        kept = list(self._domain.tables)
        for name in list(kept):
            rest = [other for other in kept if other != name]
            if len(rest) >= FEWEST and self._whole(rest) and self._chance(0.12):
                kept = rest
        return kept

    def _whole(self, names: list[str]) -> bool:
        """True where every link of these tables leads to one of them, and none stands alone."""
        links = [(name, link.to) for name in names for link in self._domain.tables[name].links.values()]
        linked = {end for link in links if link[0] != link[1] for end in link}
        return all(to in names for _, to in links) and set(names) <= linked

    def _table(self, name: str, names: dict[str, str], keys: dict[str, str]) -> MadeTable:
        spec, columns = self._domain.tables[name], list[Made]()
        for source, column in self._columns(spec):
            taken = [made.name for made in columns] + ([keys[name]] if name in keys else [])
            columns += self._made(source, column, names[name], taken, names, keys.get(name, ""))
        return MadeTable(names[name], name, spec, tuple(columns), self._label(spec, columns))

    def _label(self, spec: TableSpec, columns: list[Made]) -> str | None:
        """The title of a row; of first and last names the last, if any."""
        found = [column.name for column in columns if column.source == spec.label]
        return found[-1] if found and (len(found) == 1 or self._chance(0.7)) else None

    def _columns(self, spec: TableSpec) -> Iterator[tuple[str, ColumnSpec]]:
        needed = {spec.key, spec.label, spec.time, *spec.links}
        left = len(spec.columns)
        for name, column in spec.columns.items():
            if name not in needed and left > FEWEST_COLUMNS and self._chance(0.1):
                left -= 1
            else:
                yield name, column

    def _made(
        self, source: str, spec: ColumnSpec, table: str, taken: list[str], names: dict[str, str], key: str
    ) -> Iterator[Made]:
        if isinstance(spec, Key):
            yield Made(key, self._key_type(spec), source, spec)
        elif isinstance(spec, Link):
            parent = self._domain.tables[spec.to]
            name = self._namer.link(source, spec, (spec.to, names[spec.to]), taken)
            yield self._column(name, self._key_type(parent.columns[parent.key or ""]), source, spec)
        elif isinstance(spec, Named) and spec.of == "person" and self._chance(0.25):
            yield from self._split(source, spec, taken)
        else:
            type_, convert, unit = self._stored(spec)
            name = self._namer.column(source, spec, table, taken)
            yield self._column(name, type_, source, spec, convert, unit)

    def _column(
        self,
        name: str,
        type_: str,
        source: str,
        spec: ColumnSpec,
        convert: Convert | None = None,
        unit: str | None = None,
    ) -> Made:
        readable = not {name, ENDING.sub("", name)} & self._namer.cut_off
        return Made(name, type_, source, spec, convert, unit, readable)

    def _key_type(self, spec: ColumnSpec) -> str:
        return "VARCHAR" if isinstance(spec, Key) and spec.pattern else self._int

    def _split(self, source: str, spec: Named, taken: list[str]) -> Iterator[Made]:
        lead = "" if source in ("name", "full_name") else f"{source.removesuffix('_name')}_"
        for at, part in enumerate(("first", "last")):
            name = f"{lead}{part}_name"
            if name not in taken:
                yield Made(name, "VARCHAR", source, spec, _part(at), said=f"{part} name")

    def _stored(self, spec: ColumnSpec) -> tuple[str, Convert | None, str | None]:
        """(type, how values are written in it, unit)"""
        if isinstance(spec, Moment):
            return *self._moment(spec), None
        if isinstance(spec, Flag):
            return "BOOLEAN", None, None
        if not isinstance(spec, Number):
            case = self._case if isinstance(spec, Choice) else None
            return "VARCHAR", (lambda text: case(text)) if case else None, None
        if spec.unit in MONEY and spec.kind == "amount" and self._chance(0.1):
            return "BIGINT", lambda value: round(value * 100), "cent"
        unit = None if self._chance(0.08) else spec.unit
        if spec.kind in ("count", "duration") or spec.unit == "cent":
            return "BIGINT" if spec.high > 1e9 else "INTEGER", None, unit
        return self._float if spec.kind == "amount" else "DOUBLE", None, unit

    def _moment(self, spec: Moment) -> tuple[str, Convert | None]:
        ordered = spec.kind == "time" and (spec.after is not None or spec in self._begun)
        changed = not ordered and self._chance(0.15)
        if (spec.kind == "date") == changed:
            return "TIMESTAMP", _midnight if changed else None
        return "DATE", _day if changed else None


def _part(at: int) -> Convert:
    return lambda name: name.split(" ", 1)[at]


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


def _day(time: datetime) -> date:
    return time.date()
