"""One catalogue as the trained model sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from agents.semantic.renamed import RenamedColumn, RenamedTable, renamed, semantic_sources
from agents.semantic.translation import Translation
from data.catalog import Catalog, Relationship

if TYPE_CHECKING:
    from retrieval import Context
    from retrieval.hints import Hint

Texts = Mapping[str, Mapping[str, Sequence[str]]]
"""Texts by table and column."""


@dataclass(frozen=True)
class Semantic:
    """`catalog` has names in plain words and types of what is meant: a day is a DATE, a mark for yes a BOOLEAN."""

    catalog: Catalog
    _tables: dict[str, RenamedTable] = field(hash=False, repr=False)
    """By the full name of the stored table."""
    _same: bool
    """Whether every name and type is the stored one."""

    @classmethod
    def of(cls, catalog: Catalog) -> Semantic:
        """The semantic catalogue of a stored one; kept, as it is asked for with every question."""
        return _of(catalog)

    def origin(self, stored: Catalog, part: Catalog) -> Catalog:
        """The part of the stored catalogue, which this was made of, that a part of the semantic one is told of."""
        kept = {name: own for name, table in self._tables.items() if (own := table.origin(part)) is not None}
        sources = (
            replace(s, tables=tuple(kept[t.full_name] for t in s.tables if t.full_name in kept)) for s in stored.sources
        )

        def there(table: str, column: str) -> bool:
            return table in kept and column in kept[table]

        links = (
            link
            for link in stored.relationships
            if there(link.table, link.column) and there(link.to_table, link.to_column)
        )
        return replace(stored, sources=tuple(s for s in sources if s.tables), relationships=tuple(links))

    def context(self, context: Context) -> Context:
        """A context over the stored catalogue as one over the semantic: for the catalogue that this was made of."""
        if self._same:
            return context
        hints = (self._hint(hint) for hint in context.hints)
        told = tuple(hint for hint in hints if hint is not None)
        return replace(context, catalog=self.catalog, hints=told, values=self.values(context.values))

    def values(self, values: Texts) -> Texts:
        """The texts of columns that are texts here too, under the semantic names."""
        if self._same:
            return values
        return {
            table.semantic.full_name: {
                column.semantic.name: column.meanings(texts[column.stored.name])
                for column in table.columns.values()
                if column.is_text and column.stored.name in texts
            }
            for name, table in self._tables.items()
            if (texts := values.get(name)) is not None
        }

    def called(self, column: str) -> str:
        """The full semantic name of a stored column, `PT.DOB` in a source: `hospital.patient.date_of_birth`."""
        found = self._column(column)
        return f"{found[0].semantic.full_name}.{found[1].semantic.name}" if found else column

    def stored(self, sql: str) -> str:
        """A query over the semantic catalogue as one over the stored; text that is no query as it is."""
        return sql if self._same else Translation.of(self._tables.values()).stored(sql)

    def read(self, sql: str) -> str:
        """The same, but its rows are in semantic names and types, where `stored` shows them as they are stored."""
        return sql if self._same else Translation.of(self._tables.values()).stored(sql, read=True)

    def _hint(self, hint: Hint) -> Hint | None:
        """The hint with semantic targets; None for a text where there is none of that kind any more."""
        if hint.kind == "table":
            return replace(hint, targets=tuple(self.table(target) for target in hint.targets))
        found = [(target, self._column(target)) for target in hint.targets]
        literals = hint.literals
        if hint.kind == "value":
            told = [p[1].meaning(hint.literals[0]) for _, p in found if p and p[1].is_text]
            literals = tuple(told[:1])
            found = [(t, p) for t, p in found if p and p[1].is_text and p[1].meaning(hint.literals[0]) == told[0]]
        if hint.targets and not found:
            return None
        named = (f"{p[0].semantic.full_name}.{p[1].semantic.name}" if p else target for target, p in found)
        return replace(hint, targets=tuple(named), literals=literals)

    def table(self, target: str) -> str:
        """The full semantic name of a stored table."""
        found = self._tables.get(target)
        return found.semantic.full_name if found else target

    def _column(self, target: str) -> tuple[RenamedTable, RenamedColumn] | None:
        for name, table in self._tables.items():
            if target.startswith(f"{name}."):
                rest = target[len(name) + 1 :]
                found = next((column for column in table.columns.values() if column.stored.name == rest), None)
                if found:
                    return table, found
        return None


@lru_cache(maxsize=64)
def _of(catalog: Catalog) -> Semantic:
    tables = list(renamed(catalog))
    stored = {table.stored.full_name: table for table in tables}
    related = (_link(link, stored) for link in catalog.relationships)
    links = tuple(link for link in related if link is not None)
    semantic = replace(catalog, sources=semantic_sources(catalog, tables), relationships=links)
    same = all(table.stored == table.semantic for table in tables)
    return Semantic(catalog if same else semantic, stored, same)


def _link(link: Relationship, tables: Mapping[str, RenamedTable]) -> Relationship | None:
    table, goal = tables.get(link.table), tables.get(link.to_table)
    if table is None or goal is None:
        return None
    ends = _called(table, link.column), _called(goal, link.to_column)
    return Relationship(table.semantic.full_name, ends[0], goal.semantic.full_name, ends[1])


def _called(table: RenamedTable, column: str) -> str:
    return next(c.semantic.name for c in table.columns.values() if c.stored.name.lower() == column.lower())
