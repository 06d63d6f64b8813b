"""Small databases with awful names and ways of keeping things, each beside a clean copy with names in plain words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import duckdb

from agents.semantic import Semantic
from data.catalog import Catalog, Column, Relationship, SourceConfig, Table
from data.sources.base import quoted

TABLES = (
    "TBL_CUST",
    "order",
    "Bestellung 2024",
    "GROUP",
    "dim_störung",
    "x-y",
    "Table",
    "select",
    "PT",
    "名前",
    "n",
    "1st",
)
NAMES = (
    "PT_NO", "Unit Price ($)", "order", "GROUP", "Straße", "exhibitedOn", "select", "is ok?", "DT", "date", "Name", "n",
    "p", "k", "END", "Größe (cm)", "ACTV_FLG", "A-B", "2nd", "%", "from", "x", "value", "amt_c", "a.b", 'say "so"',
    "it's", "名", "NO", "no", "timestamp", "interval", "d", "flag", "level", "LVL", "qty", "Quantity",
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A kind of column: its stored type, format and labels, and the stored value of a meant one."""

    type: str
    format: str | None
    draw: Callable[[Random], Any]
    store: Callable[[Any], Any] = lambda value: value
    labels: tuple[tuple[str, str], ...] = ()

    def kept(self, value: Any) -> Any:
        """A meant value as it is stored."""
        return None if value is None else self.store(value)


def _text(random: Random) -> str:
    return random.choice(("red", "it's", "blue", ""))


def _day(random: Random) -> date:
    return date(2024, 1, 1) + timedelta(days=random.randint(0, 90))


def _moment(random: Random) -> datetime:
    return datetime(2024, 1, 1) + timedelta(hours=random.randint(0, 900))


def _yes(random: Random) -> bool:
    return random.random() < 0.5


KINDS = {
    "text": Kind("VARCHAR", None, _text),
    "code": Kind(
        "VARCHAR", None, _text, lambda text: {"red": "R", "it's": "I"}.get(text, text), (("R", "red"), ("I", "it's"))
    ),
    "number": Kind("INTEGER", None, lambda random: random.randint(0, 9)),
    "date": Kind("DATE", None, _day),
    "day number": Kind("INTEGER", "%Y%m%d", _day, lambda day: int(f"{day:%Y%m%d}")),
    "day count": Kind("INTEGER", "%days", _day, lambda day: (day - date(1970, 1, 1)).days),
    "day text": Kind("VARCHAR", "%Y-%m-%d", _day, str),
    "German day": Kind("VARCHAR", "%d.%m.%Y", _day, lambda day: f"{day:%d.%m.%Y}"),
    "moment": Kind("VARCHAR", "%Y-%m-%d %H:%M", _moment, lambda time: f"{time:%Y-%m-%d %H:%M}"),
    "letter": Kind("VARCHAR", "Y/N", _yes, lambda yes: "Y" if yes else "N"),
    "bit": Kind("INTEGER", "1/0", _yes, int),
    "minus": Kind("INTEGER", "-1/0", _yes, lambda yes: -int(yes)),
}
TIMES = ("date", "day number", "day count", "day text", "German day", "moment")
FLAGS = ("letter", "bit", "minus")


@dataclass(frozen=True)
class Place:
    """A table under its semantic name, with its columns by what they are."""

    name: str
    key: str
    parent: str
    """Its column that points at the parent, or at another row of its own."""
    columns: dict[str, list[str]]
    kinds: dict[str, Kind]
    """The kind of each column, by name."""


class Awful:
    """A database and its clean copy, both as schemas of one connection; `child` points at `parent`."""

    def __init__(self, random: Random) -> None:
        self._random = random
        names = random.sample(TABLES, 2)
        kinds = [self._kinds(), self._kinds()]
        tables = [self._table(name, found) for name, found in zip(names, kinds, strict=True)]
        ends = [(f"shop.{t.name}", t.columns[1].name) for t in tables]
        goals = [(f"shop.{t.name}", t.columns[0].name) for t in (tables[0], tables[0])]
        links = tuple(Relationship(*end, *goal) for end, goal in zip(ends, goals, strict=True))
        self.catalog = Catalog((SourceConfig("shop", "sqlite", "", tables=tuple(tables)),), links)
        self.semantic = Semantic.of(self.catalog)
        self.stored, self.clean = duckdb.connect(), duckdb.connect()
        for table, semantic, found in zip(tables, self.semantic.catalog.tables, kinds, strict=True):
            self._fill(table, semantic, found)
        self.parent, self.child = (
            _place(table, found) for table, found in zip(self.semantic.catalog.tables, kinds, strict=True)
        )

    def _kinds(self) -> list[str]:
        some = [*KINDS, self._random.choice(TIMES), self._random.choice(FLAGS), "number"]
        return ["number", "number", *self._random.sample(some, len(some))]

    def _table(self, name: str, kinds: list[str]) -> Table:
        taken: dict[str, str] = {}
        for drawn in self._random.sample(NAMES, len(NAMES)):
            taken.setdefault(drawn.lower(), drawn)
        columns = tuple(
            Column(called, KINDS[kind].type, format=KINDS[kind].format, labels=KINDS[kind].labels)
            for called, kind in zip(taken.values(), kinds, strict=False)
        )
        return Table("shop", name, columns=columns, key=columns[0].name)

    def _fill(self, table: Table, semantic: Table, kinds: list[str]) -> None:
        rows = [self._row(number, kinds) for number in range(1, 31)]
        _create(self.clean, semantic, rows)
        kept = [[KINDS[kind].kept(value) for kind, value in zip(kinds, row, strict=True)] for row in rows]
        _create(self.stored, table, kept)

    def _row(self, number: int, kinds: list[str]) -> list[Any]:
        drawn = [None if self._random.random() < 0.1 else KINDS[kind].draw(self._random) for kind in kinds[2:]]
        return [number, self._random.choice((None, *range(1, 31))), *drawn]


def _create(connection: duckdb.DuckDBPyConnection, table: Table, rows: list[list[Any]]) -> None:
    connection.execute("CREATE SCHEMA IF NOT EXISTS shop")
    name = f"shop.{quoted(table.name)}"
    columns = ", ".join(f"{quoted(column.name)} {column.type}" for column in table.columns)
    connection.execute(f"CREATE TABLE {name} ({columns})")
    connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' for _ in table.columns)})", rows)


def _place(table: Table, kinds: list[str]) -> Place:
    columns: dict[str, list[str]] = {}
    for column, kind in list(zip(table.columns, kinds, strict=True))[2:]:
        group = "time" if kind in TIMES else "flag" if kind in FLAGS else "text" if kind == "code" else kind
        columns.setdefault(group, []).append(column.name)
    own = {column.name: KINDS[kind] for column, kind in zip(table.columns, kinds, strict=True)}
    return Place(table.full_name, table.columns[0].name, table.columns[1].name, columns, own)
