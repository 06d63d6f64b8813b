"""One query on its way through the gateway: each step reads what the ones before it found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlglot import exp

from data.audit import Audit
from data.budget import Budget
from data.catalog import Catalog, Table
from data.engines.base import UNREAD, Engine, Plan, Read
from data.engines.parser import Parser
from data.gateway.flow import Flow, named
from data.gateway.prepared import Prepared
from data.policy import Policy, Principal
from data.sources.condition import Condition
from data.stop import Stop

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class SourceUse:
    """A table that a query read: the version of its store, and when its rows last changed if that is
    known; and for a table that a stream feeds, up to when it is whole."""

    table: str
    version: str
    freshness: datetime | None
    watermark: datetime | None = None


@dataclass(frozen=True)
class Result:
    """The rows with where they come from. `sql` is the governed query that ran on `engine`, `lineage` the
    columns it read, `read` how much the engine read for it, `flow` those that each output column is made of."""

    table: pa.Table
    truncated: bool
    lineage: tuple[str, ...]
    sources: tuple[SourceUse, ...]
    audit_id: str
    seconds: float
    sql: str
    engine: str = "duckdb"
    read: Read = UNREAD
    flow: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass
class Query:
    """What is asked and by whom, then what each step adds to it."""

    principal: Principal
    asked: str
    visible: Catalog
    params: Mapping[str, object] = field(default_factory=dict)
    limit: int = 0
    stop: Stop = field(default_factory=Stop)
    question: str = ""
    budget: Budget = field(default_factory=Budget)
    engine: str = "duckdb"

    tree: exp.Query = field(default_factory=exp.Select)
    references: list[tuple[exp.Table, Table]] = field(default_factory=list)
    """Each reference to a table of the catalogue, as it stands in `tree`. Names of CTEs are none."""
    ctes: frozenset[str] = frozenset()
    lineage: tuple[str, ...] = ()
    flow: Flow | None = None
    """Where the output columns come from, in the order of the result's."""
    scanned: list[tuple[exp.Table, Table]] = field(default_factory=list)
    """Each table that the rewritten `tree` reads, those of row filters among them."""
    conditions: list[tuple[Condition, ...]] = field(default_factory=list)
    """For each of `scanned`, what all rows meet that the query needs of it; nothing where no store asks for it."""
    bodies: dict[str, Query] = field(default_factory=dict)
    """What the views that are named in `tree` are made of, by their full names: already rewritten."""
    governed: str = ""
    texts: dict[tuple[tuple[str, ...], ...], str] = field(default_factory=dict)
    """The query in its engine's dialect, by the places where its tables are."""
    plan: Plan | None = None
    secrets: Mapping[str, object] = field(default_factory=dict)
    rows: pa.Table | None = None
    truncated: bool = False
    given: int = 0
    """Rows that were streamed."""
    read: Read = UNREAD
    audit_id: str = ""
    """The record of a query whose rows were streamed, once it is over."""

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables that the caller named, each once, as they may be seen."""
        return tuple({table.full_name: table for _, table in self.references}.values())

    @property
    def named_flow(self) -> Mapping[str, tuple[str, ...]]:
        """Output column -> the columns that it is made of; empty before there are rows."""
        return named(self.flow, self.rows.column_names, self.lineage) if self.rows is not None else {}


@dataclass(frozen=True)
class Door:
    """What the steps work with: one state of the catalogue and the policy, and what serves it."""

    catalog: Catalog
    policy: Policy
    engines: Mapping[str, Engine]
    parser: Parser
    audit: Audit
    salt: str = ""
    """Mixed into hashed values, so that nobody finds an e-mail by hashing guesses."""
    views: dict[tuple[object, str, bool], exp.Query | None] = field(default_factory=dict)
    """The sub-queries that were made before, by what the caller may see and the table."""
    bodies: dict[tuple[object, str], Query] = field(default_factory=dict)
    """The bodies of views that were read before, by whose rights they were read with and the view."""
    sights: dict[frozenset[str], Catalog] = field(default_factory=dict)
    """What groups see of the catalogue, as far as somebody has asked."""
    prepared: Prepared = field(default_factory=Prepared)
    """Queries that were asked before, so far as they do not depend on the rows."""

    def visible(self, principal: Principal) -> Catalog:
        """The catalogue as the principal may see it."""
        if principal.groups not in self.sights:
            self.sights[principal.groups] = self.policy.visible(principal, self.catalog)
        return self.sights[principal.groups]


Step = Callable[[Query, Door], None]
