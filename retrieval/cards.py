"""Catalogue cards: one short text per table and per column, in the words that people would use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from data.catalog import Catalog, Column, Table


@dataclass(frozen=True)
class Card:
    """`target` is the full name of a table, or of a column of `table`."""

    target: str
    table: str
    text: str


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def table_card(table: Table) -> Card:
    """What the table is, with its synonyms and columns."""
    columns = ", ".join(_spaced(column.name) for column in table.columns)
    said = ", ".join((_spaced(table.name), *table.synonyms))
    return Card(table.full_name, table.full_name, f"{said}. {table.description} {columns}")


def column_card(table: Table, column: Column) -> Card:
    """What the column is, with its synonyms and the table it is of."""
    said = ", ".join((_spaced(column.name), *column.synonyms))
    return Card(
        f"{table.full_name}.{column.name}",
        table.full_name,
        f"{said} of {_spaced(table.name)}. {column.description}",
    )


def cards(catalog: Catalog) -> Iterator[Card]:
    """All cards of a catalogue, each table's before its columns'."""
    for table in catalog.tables:
        yield table_card(table)
        yield from (column_card(table, column) for column in table.columns)


def phrases(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """(phrase, target) for all that tables and columns are called: what phrases are compared with."""
    for table in catalog.tables:
        yield from ((_spaced(said), table.full_name) for said in (table.name, *table.synonyms))
        for column in table.columns:
            target = f"{table.full_name}.{column.name}"
            yield from ((_spaced(said), target) for said in (column.name, *column.synonyms))
