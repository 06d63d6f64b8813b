"""What a caller may read for a form, and what they may know that they can't read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from agents.forms.binding import Binding
from data.catalog import Catalog, SourceConfig, Table
from data.system import without_system

if TYPE_CHECKING:
    from data.gateway import Gateway
    from data.policy import Principal


@dataclass(frozen=True)
class Sight:
    """`readable` has what the caller reads as it is stored: a masked value is no answer, so masked columns are left
    out. `whole` is the catalogue without the lakehouse's own tables."""

    gateway: Gateway
    principal: Principal

    @cached_property
    def whole(self) -> Catalog:
        return without_system(self.gateway.catalog)

    @cached_property
    def readable(self) -> Catalog:
        seen = self.gateway.askable(self.principal)
        sources = tuple(replace(one, tables=tuple(self._unmasked(one))) for one in seen.sources)
        left = Catalog(tuple(source for source in sources if source.tables))
        links = (
            link
            for link in seen.relationships
            if _has(left, link.table, link.column) and _has(left, link.to_table, link.to_column)
        )
        return Catalog(left.sources, tuple(links))

    @cached_property
    def limited(self) -> bool:
        """Whether there is anything that the caller can't read."""
        return not self.gateway.policy.sees_all(self.principal)

    @property
    def stamp(self) -> str:
        """Equal for callers who see the same."""
        return self.gateway.policy.fingerprint(self.principal)

    def reads(self, binding: Binding) -> bool:
        """Whether the caller reads all that a binding needs."""
        return all(_has(self.readable, table, column) for table, column in self._needed(binding))

    def is_known(self, binding: Binding) -> bool:
        """Whether the caller may know that what a binding reads is there: they see its tables, if not the columns."""
        seen = self.gateway.askable(self.principal)
        return all(table in seen for table, _ in self._needed(binding))

    def _needed(self, binding: Binding) -> Iterator[tuple[str, str]]:
        for link in binding.links:
            yield link.table, link.column
            yield link.to_table, link.to_column
        if binding.column:
            yield binding.table, binding.column
        if binding.rows is not None:
            yield from _of_rows(binding)
        if binding.measure is not None:
            yield from ((binding.table, one.column) for one in binding.measure.where)
            if binding.measure.period or binding.measure.aggregate in ("latest", "earliest"):
                yield binding.table, binding.measure.time
            yield from self._metric(binding)

    def _metric(self, binding: Binding) -> Iterator[tuple[str, str]]:
        assert binding.measure is not None
        if name := binding.measure.metric:
            metric = self.whole.table(binding.table).measure(name) if binding.table in self.whole else None
            yield from ((binding.table, column) for column in (metric.columns if metric else (name,)))

    def _unmasked(self, source: SourceConfig) -> Iterator[Table]:
        for table in source.tables:
            masked = self.gateway.policy.masks(self.principal, self.gateway.catalog.table(table.full_name))
            columns = tuple(column for column in table.columns if column.name not in masked)
            if columns:
                yield replace(table, columns=columns)


def _of_rows(binding: Binding) -> Iterator[tuple[str, str]]:
    assert binding.rows is not None
    for cell in binding.rows.cells:
        yield cell.table, cell.column
        for link in cell.links:
            yield link.table, link.column
            yield link.to_table, link.to_column
    yield from ((binding.table, one.column) for one in binding.rows.where)
    if binding.rows.time:
        yield binding.table, binding.rows.time


def _has(catalog: Catalog, table: str, column: str) -> bool:
    return table in catalog and column in catalog.table(table)
