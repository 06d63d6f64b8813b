"""One query on its way through the gateway: each step reads what the ones before it found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlglot import exp

from data.audit import Audit
from data.catalog import Catalog, Table
from data.engines.duckdb import Engine, Plan
from data.gateway.flow import Flow, named
from data.policy import Policy, Principal

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class SourceUse:
    """A table that a query read: the version of its store, and when its rows last changed if that is
    known."""

    table: str
    version: str
    freshness: datetime | None


@dataclass(frozen=True)
class Result:
    """The rows with where they come from. `sql` is the governed query that ran, `lineage` the columns it
    read, `flow` those that each output column is made of."""

    table: pa.Table
    truncated: bool
    lineage: tuple[str, ...]
    sources: tuple[SourceUse, ...]
    audit_id: str
    seconds: float
    sql: str
    flow: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass
class Query:
    """What is asked and by whom, then what each step adds to it."""

    principal: Principal
    asked: str
    params: Mapping[str, object]
    limit: int
    timeout: float
    question: str
    visible: Catalog

    tree: exp.Query = field(default_factory=exp.Select)
    references: list[tuple[exp.Table, Table]] = field(default_factory=list)
    """Each reference to a table of the catalogue, as it stands in `tree`. Names of CTEs are none."""
    ctes: frozenset[str] = frozenset()
    lineage: tuple[str, ...] = ()
    flow: Flow | None = None
    """Where the output columns come from, in the order of the result's."""
    scanned: list[tuple[exp.Table, Table]] = field(default_factory=list)
    """Each table that the rewritten `tree` reads, those of row filters among them."""
    governed: str = ""
    plan: Plan | None = None
    secrets: Mapping[str, object] = field(default_factory=dict)
    rows: pa.Table | None = None
    truncated: bool = False

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
    """What the steps work with."""

    catalog: Catalog
    policy: Policy
    engine: Engine
    audit: Audit
    salt: str = ""
    """Mixed into hashed values, so that nobody finds an e-mail by hashing guesses."""
    views: dict[tuple[object, str], exp.Select | None] = field(default_factory=dict)
    """The sub-queries that were made before, by what the caller may see and the table."""


Step = Callable[[Query, Door], None]
