"""Who may see what: principals, grants, row filters and column masks. Nothing is granted by default."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from data.budget import Budget, BudgetRule, largest
from data.catalog import Catalog, Column, SourceConfig, Table, View
from data.documents import DocumentGrant, Reach, reach
from data.errors import NotFound
from data.grants import Denial, Grant, Mask, RowFilter, Rule, WriteGrant, by_table, leniency, look

BUILT_IN = "system"
"""The source that a grant on `*` leaves out: what everybody asked is not for everybody who sees the data."""

CALLER = "principal"
"""The attribute that everybody has without a line of their own: their name."""

Attribute = str | tuple[str, ...]
"""A value of a principal's attribute, or several."""


@dataclass(frozen=True)
class Principal:
    """Somebody who asks: a person or a service. `groups` has all groups and roles that they have, also by way
    of others, and `user:NAME` where a rule names them alone; `ways` tells for each how they came by it."""

    name: str
    groups: frozenset[str] = frozenset()
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    ways: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Policy:
    """All rules. Grants add up; denials win over them; row filters and masks of every group of a principal
    hold together."""

    catalog: Catalog
    principals: Mapping[str, Principal]
    grants: tuple[Grant, ...]
    unrestricted: frozenset[str]
    row_filters: tuple[RowFilter, ...]
    column_masks: tuple[Mask, ...]
    functions: frozenset[str]
    denials: tuple[Denial, ...] = ()
    budgets: tuple[BudgetRule, ...] = ()
    documents: tuple[DocumentGrant, ...] = ()
    writes: tuple[WriteGrant, ...] = ()

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
        """Whether the whole catalogue (but for the built-in source) is granted and nothing in it is filtered,
        masked or denied, so that nothing in it is a secret to the principal."""
        limited = {rule.group for rule in self.row_filters} | {rule.group for rule in self.column_masks}
        limited |= {rule.group for rule in self.denials}
        return bool(self.unrestricted & principal.groups) and not limited & principal.groups

    def budget(self, principal: Principal) -> Budget:
        """What one query of theirs may take. Where several of their groups have a budget, the largest of each
        quantity holds; where none sets a quantity, its default."""
        return largest(rule for rule in self.budgets if rule.group in principal.groups)

    def grants_on(self, principal: Principal, table: Table) -> tuple[Grant, ...]:
        """The grants that give the principal something of a table."""
        return _of(principal, self._granted, table)

    def denials_on(self, principal: Principal, table: Table) -> tuple[Denial, ...]:
        """The denials that take something of a table from the principal."""
        return _of(principal, self._denied, table)

    def filters_on(self, principal: Principal, table: Table) -> tuple[RowFilter, ...]:
        """The row filters that hold for the principal on a table."""
        return _of(principal, self._filtered, table)

    def columns(self, principal: Principal, table: Table) -> tuple[Column, ...]:
        """The granted columns in the table's order, unmasked; empty when the table is not granted, and for an
        invoker's view that reads what the principal may not see."""
        if table.view is not None and table.view.rights == "invoker" and not self._reaches(principal, table.view):
            return ()
        grants = self.grants_on(principal, table)
        names = frozenset[str]().union(*(grant.columns or () for grant in grants))
        denied = frozenset[str]().union(*(denial.columns for denial in self.denials_on(principal, table)))
        whole = any(grant.columns is None for grant in grants)
        if whole and not denied:
            return table.columns
        lower = ((column, column.name.lower()) for column in table.columns)
        return tuple(column for column, name in lower if (whole or name in names) and name not in denied)

    def masking(self, principal: Principal, table: Table) -> Mapping[str, Mask]:
        """Column name -> the mask that holds, for the granted columns that have one."""
        rules = _of(principal, self._masked, table)
        found: dict[str, Mask] = {}
        for column in self.columns(principal, table) if rules else ():
            own = [rule for rule in rules if rule.column == column.name.lower()]
            if own:
                found[column.name] = min(own, key=leniency)
        return found

    def masks(self, principal: Principal, table: Table) -> Mapping[str, str]:
        """Column name -> kind of mask, for the granted columns that have one."""
        return {name: mask.kind for name, mask in self.masking(principal, table).items()}

    def row_filter(self, principal: Principal, table: Table) -> str | None:
        """The condition that the table's rows must meet, with `:name` for the principal's attributes, or
        None."""
        rules = [rule.where for rule in self.filters_on(principal, table)]
        return " AND ".join(f"({where})" for where in dict.fromkeys(rules)) or None

    def reach(self, principal: Principal) -> Reach:
        """The documents that the principal may read: all of them where the whole catalogue is granted."""
        whole = bool(self.unrestricted & principal.groups)
        return reach(self.catalog, self.documents, principal.groups, whole=whole)

    def may_write(self, principal: Principal, source: str, table: str) -> bool:
        """Whether the principal may add rows to a table, or make it where it is not there."""
        names = (source.lower(), table.lower())
        own = (rule for rule in self.writes if rule.group in principal.groups)
        return any(rule.source.lower() == names[0] and rule.table.lower() in ("", names[1]) for rule in own)

    def sight(self, principal: Principal) -> object:
        """Equal for two principals whose queries are rewritten alike."""
        own = principal.name if self._personal else ""
        return principal.groups, tuple(sorted(principal.attributes.items())), own

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
                masks = {name: look(mask) for name, mask in self.masking(principal, table).items()}
                tables[table.full_name] = [names, masks, self._bound_filter(principal, table)]
        text = json.dumps(tables, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _bound_filter(self, principal: Principal, table: Table) -> object:
        from data.gateway.filters import values

        where = self.row_filter(principal, table)
        bound = [values(rule.where, principal) for rule in self.filters_on(principal, table)]
        return None if where is None else [where, {name: value for one in bound for name, value in one.items()}]

    def _reaches(self, principal: Principal, view: View) -> bool:
        """Whether the principal may see all that a view's body reads."""
        seen = {name: self.columns(principal, self.catalog.table(name)) for name in view.reads}
        known = {f"{name}.{column.name}" for name, columns in seen.items() for column in columns}
        return all(seen.values()) and known.issuperset(view.columns)

    @cached_property
    def _personal(self) -> bool:
        return any(f":{CALLER}" in rule.where for rule in self.row_filters)

    @cached_property
    def _granted(self) -> Mapping[str, tuple[Grant, ...]]:
        return by_table(self.grants)

    @cached_property
    def _denied(self) -> Mapping[str, tuple[Denial, ...]]:
        return by_table(self.denials)

    @cached_property
    def _filtered(self) -> Mapping[str, tuple[RowFilter, ...]]:
        return by_table(self.row_filters)

    @cached_property
    def _masked(self) -> Mapping[str, tuple[Mask, ...]]:
        return by_table(self.column_masks)

    def _source(self, principal: Principal, source: SourceConfig) -> SourceConfig:
        tables = (self._table(principal, table) for table in source.tables)
        return replace(source, tables=tuple(table for table in tables if table.columns))

    def _table(self, principal: Principal, table: Table) -> Table:
        masks = self.masks(principal, table)
        granted = self.columns(principal, table)
        if not masks and table.view is None and len(granted) == len(table.columns):
            return table
        columns = tuple(replace(c, type=masked_type(c, masks.get(c.name))) for c in granted)
        names = {column.name.lower() for column in columns}
        measures = tuple(measure for measure in table.measures if names.issuperset(measure.columns))
        # Whose rights a view has and what it is made of is not for those who may only read it.
        cut = replace(table, columns=columns, measures=measures, view=None)
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


def _of(principal: Principal, rules: Mapping[str, tuple[Rule, ...]], table: Table) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules.get(table.full_name, ()) if rule.group in principal.groups)
