"""Stored tables and columns beside what they are called and what they mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from agents.semantic.kept import Coded, Kept, kept
from agents.semantic.names import column_names, fits, table_names
from data.catalog import Catalog, Column, SourceConfig, Table
from data.naming import Lexicon


@dataclass(frozen=True)
class RenamedColumn:
    """A stored column, its semantic one, and how the store keeps its values where that is not by their type."""

    stored: Column
    semantic: Column
    kept: Kept | None

    @property
    def is_text(self) -> bool:
        """Whether what is meant by a stored text is a text too."""
        return self.kept is None or isinstance(self.kept, Coded)

    def meaning(self, text: str) -> str:
        """What a stored text means."""
        return self.kept.meaning(text) if isinstance(self.kept, Coded) else text

    def meanings(self, texts: Sequence[str]) -> Sequence[str]:
        """The same for many: the texts themselves, where these are what is meant."""
        return [self.meaning(text) for text in texts] if self.kept else texts


@dataclass(frozen=True)
class RenamedTable:
    """A stored table and its semantic one; `columns` are by semantic name, in lower case."""

    stored: Table
    semantic: Table
    columns: dict[str, RenamedColumn] = field(hash=False)

    def origin(self, part: Catalog) -> Table | None:
        """The stored table with the columns that a semantic catalogue has; None where it has no such table."""
        if self.semantic.full_name not in part:
            return None
        there = part.table(self.semantic.full_name)
        own = tuple(column.stored for column in self.columns.values() if column.semantic.name in there)
        return replace(self.stored, columns=own)


def renamed(catalog: Catalog) -> Iterator[RenamedTable]:
    """All tables of a catalogue."""
    for number, source in enumerate(catalog.sources, start=1):
        name = source.name if fits(source.name) else f"source_{number}"
        lexicon = Lexicon(source.tables)
        for table, called in zip(source.tables, table_names(lexicon, source.tables), strict=True):
            links = frozenset(link.column for link in catalog.relationships if link.table == table.full_name)
            yield _table(lexicon, table, name, called, links)


def semantic_sources(catalog: Catalog, tables: list[RenamedTable]) -> tuple[SourceConfig, ...]:
    """The catalogue's sources with the semantic tables."""
    left = iter(tables)
    sources = []
    for source in catalog.sources:
        own = tuple(next(left).semantic for _ in source.tables)
        sources.append(replace(source, name=own[0].source if own else source.name, tables=own))
    return tuple(sources)


def _table(lexicon: Lexicon, table: Table, source: str, called: str, links: frozenset[str]) -> RenamedTable:
    names = dict(zip((c.name for c in table.columns), column_names(lexicon, called, table, links), strict=True))
    columns = [_column(column, names[column.name]) for column in table.columns]
    roles = {role: names.get(name, name) for role in ("key", "label", "time") if (name := getattr(table, role))}
    own = tuple(column.semantic for column in columns)
    semantic = replace(table, source=source, name=called, columns=own, **roles)
    return RenamedTable(table, semantic, {column.semantic.name.lower(): column for column in columns})


def _column(column: Column, name: str) -> RenamedColumn:
    way = kept(column)
    semantic = replace(column, name=name, type=way.type, format=None, labels=()) if way else replace(column, name=name)
    return RenamedColumn(column, semantic, way)
