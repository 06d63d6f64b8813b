"""Catalogue cards: one short text per table and per column, in the words that people would use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from data.catalog import Catalog, Column, Table
from data.naming import Lexicon, known, single, words


@dataclass(frozen=True)
class Card:
    """`target` is the full name of a table, or of a column of `table`."""

    target: str
    table: str
    text: str


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def table_card(table: Table, lexicon: Lexicon) -> Card:
    """What the table is, with its synonyms and columns."""
    columns = ", ".join(lexicon.said(table.name, column.name) for column in table.columns)
    said = ", ".join(_called(table, lexicon))
    return Card(table.full_name, table.full_name, f"{said}. {table.description} {columns}")


def column_card(table: Table, column: Column, lexicon: Lexicon) -> Card:
    """What the column is, with its synonyms and the table it is of."""
    said = ", ".join(_column_called(table, column, lexicon))
    return Card(
        f"{table.full_name}.{column.name}",
        table.full_name,
        f"{said} of {lexicon.said(table.name)}. {column.description}",
    )


def _called(table: Table, lexicon: Lexicon) -> list[str]:
    """The table's name as it is stored and written out, and its synonyms."""
    return list(dict.fromkeys((_spaced(table.name), lexicon.said(table.name), *map(_spaced, table.synonyms))))


def _column_called(table: Table, column: Column, lexicon: Lexicon) -> list[str]:
    names = (_spaced(column.name), lexicon.said(table.name, column.name), *map(_spaced, column.synonyms))
    return list(dict.fromkeys(names))


def cards(catalog: Catalog) -> Iterator[Card]:
    """All cards of a catalogue, each table's before its columns'."""
    for source in catalog.sources:
        lexicon = Lexicon(source.tables)
        for table in source.tables:
            yield table_card(table, lexicon)
            yield from (column_card(table, column, lexicon) for column in table.columns)


def phrases(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """(phrase, target) for all that tables and columns are called: what phrases are compared with.

    Keys, and links that are called like the table that they lead to, are left out: who says so means the table.
    """
    goals = {(link.table, link.column): link.to_table for link in catalog.relationships}
    for source in catalog.sources:
        lexicon = Lexicon(source.tables)
        for table in source.tables:
            said = [form for name in _called(table, lexicon) for form in _forms(name)]
            yield from ((form, table.full_name) for form in dict.fromkeys(said))
            for column in table.columns:
                goal = table.full_name if column.name == table.key else goals.get((table.full_name, column.name))
                if goal and _called_like(column, catalog.table(goal)):
                    continue
                target = f"{table.full_name}.{column.name}"
                yield from ((name, target) for name in _column_called(table, column, lexicon))


def _called_like(column: Column, table: Table) -> bool:
    """True for names that say a table's name, or nothing, and that this is its key."""
    called = {single(word) for name in (table.name, *table.synonyms) for word in words(name)}
    called |= {single(part) for name in (table.name, *table.synonyms) for part in ["".join(words(name))]}
    for name in (column.name, *column.synonyms):
        left = [single(word) for word in words(name) if word not in known("identifiers")]
        if set(left) <= called:
            return True
    return False


def _forms(name: str) -> Iterator[str]:
    """A table's name as it is, and in the other number."""
    yield name
    *front, last = name.split() or [""]
    one = single(last)
    yield " ".join([*front, one if one != last else _plural(last)])


def _plural(word: str) -> str:
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")
