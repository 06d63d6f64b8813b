"""What can be read about a subject: columns of its row and of rows that it links to, and tables that point at it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agents.forms.vocabulary import listed, tokens
from agents.semantic.renamed import RenamedColumn, RenamedTable, renamed
from data.catalog import Catalog, Column, Relationship, Table

FARTHEST = 3
"""Links between a subject and a row that is read for it."""
DOWN = 2
"""Links between a subject and rows that are counted for it."""
MOST_PLACES = 60
"""Tables that are looked at, as a catalogue may link everything to everything."""


@dataclass(frozen=True)
class Place:
    """A table that is reached from the subject's. `entity` are the words for its rows, `role` those of the links that
    lead there: a merchant's `owner`. `through` are the tables between, as `card` between a payment and its holder."""

    table: Table
    semantic: RenamedTable
    links: tuple[Relationship, ...]
    entity: frozenset[str]
    role: frozenset[str]
    through: tuple[Table, ...] = ()

    def columns(self) -> Iterator[RenamedColumn]:
        """The columns with their names in plain words."""
        yield from self.semantic.columns.values()


def upward(catalog: Catalog, table: Table) -> tuple[Place, ...]:
    """The subject's own table, then those that it links to, nearest first."""
    places = [Place(table, known(catalog)[table.full_name], (), nouns(table), frozenset())]
    for place in places:
        if len(place.links) == FARTHEST or len(places) >= MOST_PLACES:
            break
        for link in catalog.relationships:
            if link.table == place.table.full_name and link not in place.links:
                target = catalog.table(link.to_table)
                role = place.role | _role(link, target)
                through = (*place.through, place.table) if place.links else ()
                made = (target, known(catalog)[target.full_name], (*place.links, link), nouns(target), role)
                places.append(Place(*made, through))
    return tuple(places)


def downward(catalog: Catalog, table: Table) -> tuple[Place, ...]:
    """The tables whose rows point at the subject, directly or by one between; `links` lead from there to it."""
    found: list[Place] = []
    level: list[tuple[str, tuple[Relationship, ...]]] = [(table.full_name, ())]
    for _ in range(DOWN):
        level = [
            (link.table, (link, *links))
            for name, links in level
            for link in catalog.relationships
            if link.to_table == name and link.table not in (name, table.full_name)
        ]
        for name, links in level[:MOST_PLACES]:
            target = catalog.table(name)
            role = frozenset[str]().union(*(_role(link, catalog.table(link.to_table)) for link in links))
            found.append(Place(target, known(catalog)[name], links, nouns(target), role))
    return tuple(found[:MOST_PLACES])


@lru_cache(maxsize=16)
def known(catalog: Catalog) -> dict[str, RenamedTable]:
    """Each table with its names in plain words, by its stored full name."""
    return {table.stored.full_name: table for table in renamed(catalog)}


@lru_cache(maxsize=4096)
def nouns(table: Table) -> frozenset[str]:
    """The stems of what the rows of a table are called."""
    return frozenset(one for said in (table.name, *table.synonyms) for one in tokens(said))


def phrases(table: Table) -> list[tuple[str, ...]]:
    """The same by phrase: ('contest', 'payment')."""
    return [found for said in (table.name, *table.synonyms) if (found := tokens(said))]


@lru_cache(maxsize=20_000)
def called(column: Column) -> tuple[tuple[str, ...], ...]:
    """What a column is called, each name as its tokens, also without its unit."""
    names = [tokens(said) for said in (column.name, *column.synonyms)]
    unit = set(tokens(column.unit or ""))
    names += [bare for name in names if (bare := tuple(one for one in name if one not in unit))]
    return tuple(dict.fromkeys(name for name in names if name))


def _role(link: Relationship, target: Table) -> frozenset[str]:
    """The words of a link that say more than which table it leads to."""
    own = nouns(target) | listed("fillers") | {"identifi·", "id"}
    return frozenset(one for one in tokens(link.column) if one not in own)


def is_numeric(column: Column) -> bool:
    """Whether a column holds numbers."""
    from data.units import NUMERIC

    return column.type.upper().startswith(NUMERIC) and "[" not in column.type


def is_day(column: Column) -> bool:
    """Whether a column holds days or moments."""
    return column.type.upper().startswith(("DATE", "TIMESTAMP"))


def is_boolean(column: Column) -> bool:
    return column.type.upper().startswith("BOOL")


def keys_of(catalog: Catalog, tables: Sequence[Table]) -> frozenset[str]:
    """The columns that only say which row is meant, as `table.column` in lower case."""
    own = {f"{table.full_name}.{table.key}".lower() for table in tables if table.key}
    links = {f"{link.table}.{link.column}".lower() for link in catalog.relationships}
    return frozenset(own | links)
