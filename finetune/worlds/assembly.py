"""A world: an invented lakehouse of one domain, with the words in which people speak of it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from data.catalog import Catalog, Column, Relationship, SourceConfig, Table
from finetune.phrasing import Bank
from finetune.worlds import files
from finetune.worlds.domain import Link, Note
from finetune.worlds.rows import Draw, Rows
from finetune.worlds.variant import Made, MadeTable, Variant
from finetune.worlds.wording import wording

if TYPE_CHECKING:
    import duckdb

ENUMERABLE = 1_000
"""The most different texts of a column that are listed, unless it holds the titles of rows."""
Stored = dict[str, dict[str, list[Any]]]
"""What the rows hold, by the full name of the table and the column."""
Sources = dict[str, tuple[str, dict[str, str]]]
"""By the name of a table: the table of the file that it is made of, and of each column that stores what the file says
the column of the file."""


@dataclass(frozen=True)
class World:
    """A catalogue with rows, the words for them, the texts in them, what they do not tell, and what it is made of."""

    name: str
    catalog: Catalog
    words: Bank
    values: dict[str, dict[str, list[str]]]
    lacks: dict[str, list[str]]
    stored: Stored
    sources: Sources

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A new database in memory with all tables, one schema for the world."""
        import duckdb
        import pyarrow as pa

        connection = duckdb.connect(config={"threads": 1})
        connection.execute(f"CREATE SCHEMA {self.name}")
        for table in self.catalog.tables:
            rows = pa.table(self.stored[table.full_name])
            items = ", ".join(f"{column.name}::{column.type} AS {column.name}" for column in table.columns)
            connection.register("rows", rows)
            connection.execute(f"CREATE TABLE {table.full_name} AS FROM rows SELECT {items}")
            connection.unregister("rows")
        return connection


def worlds() -> tuple[str, ...]:
    """The names of all worlds."""
    return files.names()


def world(name: str, seed: int) -> World:
    """The world of that name: seed 0 stores it as its file says, every other seed in a way of its own."""
    domain = files.read(name)
    rng = random.Random(f"{name}-{seed}")
    rows = Draw(domain, rng, codes=seed != 0 and rng.random() < 0.3).rows()
    tables = Variant(domain, rng, plain=seed == 0).tables()
    catalog = _catalog(name, tables, rng, told=seed != 0 and rng.random() < 0.3)
    stored = {f"{name}.{table.name}": _stored(table, rows) for table in tables}
    return World(
        name,
        catalog,
        wording(name, tables, catalog),
        {f"{name}.{table.name}": _values(table, stored[f"{name}.{table.name}"]) for table in tables},
        {f"{name}.{table.name}": list(table.spec.lacks) for table in tables},
        stored,
        {table.name: (table.source, {c.name: c.source for c in table.columns if not c.convert}) for table in tables},
    )


def _stored(table: MadeTable, rows: Rows) -> dict[str, list[Any]]:
    return {column.name: _converted(column, rows[table.source][column.source]) for column in table.columns}


def _converted(column: Made, values: list[Any]) -> list[Any]:
    convert = column.convert
    return [None if v is None else convert(v) for v in values] if convert else values


def _values(table: MadeTable, stored: dict[str, list[Any]]) -> dict[str, list[str]]:
    """The different texts of each column that a question may name; notes are too long for that."""
    found = dict[str, list[str]]()
    for column in table.columns:
        if column.type == "VARCHAR" and not isinstance(column.spec, Note):
            texts = sorted({text for text in stored[column.name] if text is not None})
            if texts and (len(texts) <= ENUMERABLE or column.name == table.label):
                found[column.name] = texts
    return found


def _catalog(name: str, tables: tuple[MadeTable, ...], rng: random.Random, *, told: bool) -> Catalog:
    made = {table.source: table for table in tables}
    config = SourceConfig(name, "duckdb", ":memory:", tables=tuple(_table(name, t, rng, told) for t in tables))
    return Catalog((config,), tuple(r for table in tables for r in _relationships(name, table, made)))


def _table(world: str, table: MadeTable, rng: random.Random, told: bool) -> Table:
    spec = table.spec
    return Table(
        world,
        table.name,
        synonyms=tuple(pair.split("|")[0] for pair in spec.nouns[:3]) if told and rng.random() < 0.5 else (),
        columns=tuple(_column(column, rng, told) for column in table.columns),
        key=table.named(spec.key),
        label=table.label,
        time=table.named(spec.time),
    )


def _column(column: Made, rng: random.Random, told: bool) -> Column:
    synonyms = column.spec.words if told and rng.random() < 0.5 else ()
    return Column(column.name, column.type, synonyms=synonyms, unit=column.unit)


def _relationships(world: str, table: MadeTable, made: dict[str, MadeTable]) -> list[Relationship]:
    found = []
    for column in table.columns:
        if isinstance(column.spec, Link):
            parent = made[column.spec.to]
            key = parent.named(parent.spec.key)
            assert key is not None
            found.append(Relationship(f"{world}.{table.name}", column.name, f"{world}.{parent.name}", key))
    return found
