"""Who may see what: principals, grants, row filters and column masks. Nothing is granted by default."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from data.catalog import Catalog, Column, SourceConfig, Table
from data.errors import NotFound

MASKS = ("null", "redact", "hash", "partial")
"""The kinds of mask, the strictest first: where several apply to a column, the strictest holds."""

TEXT_MASKS = frozenset({"hash", "partial", "redact"})
"""Masks that make text of a value. A column that is no text keeps its type and is null instead, but for
`hash`."""


@dataclass(frozen=True)
class Principal:
    """Somebody who asks: a person or a service."""

    name: str
    groups: frozenset[str] = frozenset()
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Grant:
    """Members of `group` may read `table`: all of its columns, or those named (in lower case)."""

    group: str
    table: str
    columns: frozenset[str] | None = None


@dataclass(frozen=True)
class RowFilter:
    """Members of `group` see only the rows of `table` where `where` holds; `:name` is an attribute of
    theirs."""

    group: str
    table: str
    where: str


@dataclass(frozen=True)
class Mask:
    """Members of `group` see the column `table.column` (in lower case) only through the mask `kind`."""

    group: str
    table: str
    column: str
    kind: str


@dataclass(frozen=True)
class Policy:
    """All rules. Grants add up; row filters and masks of every group of a principal hold together."""

    catalog: Catalog
    principals: Mapping[str, Principal]
    grants: tuple[Grant, ...]
    unrestricted: frozenset[str]
    row_filters: tuple[RowFilter, ...]
    column_masks: tuple[Mask, ...]
    functions: frozenset[str]

    @classmethod
    def load(cls, path: Path, catalog: Catalog) -> Policy:
        """Read a policy file; Invalid names the file, the line and the value that is wrong."""
        from data.rules import load_policy

        return load_policy(path, catalog)

    @classmethod
    def for_owner(cls, catalog: Catalog) -> Policy:
        """The policy of a home that has none: its owner sees everything, and there is nobody else."""
        from data.functions import ALLOWED

        grants = tuple(Grant("owners", table.full_name) for table in catalog.tables)
        owner = Principal("owner", frozenset({"owners"}))
        return cls(catalog, {"owner": owner}, grants, frozenset({"owners"}), (), (), ALLOWED)

    def principal(self, name: str) -> Principal:
        """The principal of that name; NotFound otherwise, without saying which others there are."""
        try:
            return self.principals[name]
        except KeyError:
            remedy = "Use a name that the policy file lists under `principals`, or add this one."
            raise NotFound(f"There is no principal '{name}'.", remedy, principal=name) from None

    def sees_all(self, principal: Principal) -> bool:
        """Whether the whole catalogue is granted, so that nothing in it is a secret to the principal."""
        return bool(self.unrestricted & principal.groups)

    def columns(self, principal: Principal, table: Table) -> tuple[Column, ...]:
        """The granted columns in the table's order, unmasked; empty when the table is not granted."""
        grants = [g for g in self.grants if g.table == table.full_name and g.group in principal.groups]
        if any(grant.columns is None for grant in grants):
            return table.columns
        names = frozenset[str]().union(*(grant.columns or () for grant in grants))
        return tuple(column for column in table.columns if column.name.lower() in names)

    def masks(self, principal: Principal, table: Table) -> Mapping[str, str]:
        """Column name -> kind of mask, for the granted columns that have one."""
        rules = [m for m in self.column_masks if m.table == table.full_name and m.group in principal.groups]
        masks: dict[str, str] = {}
        for column in self.columns(principal, table):
            kinds = {rule.kind for rule in rules if rule.column == column.name.lower()}
            if kinds:
                masks[column.name] = min(kinds, key=MASKS.index)
        return masks

    def row_filter(self, principal: Principal, table: Table) -> str | None:
        """The condition that the table's rows must meet, with `:name` for the principal's attributes, or
        None."""
        rules = [r.where for r in self.row_filters if r.table == table.full_name and r.group in principal.groups]
        return " AND ".join(f"({where})" for where in dict.fromkeys(rules)) or None

    def visible(self, principal: Principal, catalog: Catalog | None = None) -> Catalog:
        """The catalogue cut to what the principal may see; a masked column has the type that its mask
        gives."""
        catalog = catalog or self.catalog
        sources = tuple(self._source(principal, source) for source in catalog.sources)
        seen = Catalog(tuple(source for source in sources if source.tables))
        links = (
            link
            for link in catalog.relationships
            if _has(seen, link.table, link.column) and _has(seen, link.to_table, link.to_column)
        )
        return Catalog(seen.sources, tuple(links))

    def fingerprint(self, principal: Principal) -> str:
        """Equal for two principals who see exactly the same names and the same rows, masked alike."""
        tables = {}
        for table in self.catalog.tables:
            columns = self.columns(principal, table)
            if columns:
                names = [column.name for column in columns]
                tables[table.full_name] = [
                    names,
                    self.masks(principal, table),
                    self._bound_filter(principal, table),
                ]
        text = json.dumps(tables, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _bound_filter(self, principal: Principal, table: Table) -> object:
        where = self.row_filter(principal, table)
        if where is None:
            return None
        known = {**principal.attributes, "principal": principal.name}
        return [where, {name: value for name, value in known.items() if f":{name}" in where}]

    def _source(self, principal: Principal, source: SourceConfig) -> SourceConfig:
        tables = (self._table(principal, table) for table in source.tables)
        return replace(source, tables=tuple(table for table in tables if table.columns))

    def _table(self, principal: Principal, table: Table) -> Table:
        masks = self.masks(principal, table)
        granted = self.columns(principal, table)
        columns = tuple(replace(c, type=masked_type(c, masks.get(c.name))) for c in granted)
        cut = replace(table, columns=columns)
        key, label, time = (name if name in cut else None for name in (table.key, table.label, table.time))
        return replace(cut, key=key, label=label, time=time)


def masked_type(column: Column, mask: str | None) -> str:
    """The type of a column seen through a mask: a hash is text whatever it is made of."""
    return "VARCHAR" if mask == "hash" else column.type


def is_text(column: Column) -> bool:
    """Whether a column's values are text, so that a part of them can be shown."""
    return column.type.upper().startswith(("VARCHAR", "TEXT", "CHAR", "STRING"))


def _has(catalog: Catalog, table: str, column: str) -> bool:
    return table in catalog and column in catalog.table(table)


def known_groups(principals: Iterable[Principal]) -> frozenset[str]:
    """The groups that somebody is in."""
    return frozenset[str]().union(*(principal.groups for principal in principals))
