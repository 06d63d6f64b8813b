"""What every engine does: it fixes what a query will read, and runs it within bounds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Literal

from sqlglot import exp

from data.catalog import Table
from data.errors import DataError, Unavailable
from data.sources.base import Source, State
from data.sources.condition import Condition
from data.stop import Stop

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Scan:
    """One table as a query will read it: the state of its store, and the parts of the name that it has in
    the engine."""

    table: Table
    state: State
    place: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """The tables of one query, by lower-case full name. An engine adds what it needs to run it."""

    scans: Mapping[str, Scan]


@dataclass(frozen=True)
class Bounds:
    """What a query may take: rows and bytes of its answer, and `stop`, which ends it in time."""

    rows: int
    bytes: int
    stop: Stop


@dataclass(frozen=True)
class Read:
    """What an engine read for a query, in bytes of files; None where it can't tell."""

    bytes: int | None = None


UNREAD = Read()
"""Nothing, or nothing that is known."""


@dataclass(frozen=True)
class Rows:
    """The answer, cut at its bounds (`truncated`), and what was read for it."""

    table: pa.Table
    truncated: bool
    read: Read


@dataclass(frozen=True)
class Access:
    """How an engine reads one table: the columns and `filters` that reach the store or its files, the `rest`
    that is filtered right behind, and where a limit acts (`store`, `scan`, `later` or nowhere)."""

    table: str
    operator: str
    columns: tuple[str, ...]
    filters: tuple[str, ...]
    rest: tuple[str, ...]
    limit: str


Reason = Literal["stopped", "memory", "store", "query"]


class Failure(Exception):
    """A query that did not run: the gateway words it for the caller, who may not see all that is in it."""

    def __init__(self, reason: Reason, text: str, kind: str = "") -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text
        self.kind = kind


class Engine(ABC):
    """Runs governed SQL over a catalogue's sources. Many threads may use one engine at once."""

    name: ClassVar[str]
    dialect: ClassVar[str]
    """The dialect of sqlglot that this engine reads."""
    sources: Mapping[str, Source]
    """The stores of the catalogue, by name."""

    @abstractmethod
    def plan(self, tables: Iterable[Table]) -> Plan:
        """Reach what these tables need and fix their versions. Unavailable when a store does not answer, or
        can't be reached from this engine."""

    def place(self, plan: Plan, table: Table, conditions: Sequence[Condition]) -> tuple[str, ...]:
        """The parts of a name for the table's rows in the engine, of which those may be missing that do not meet the
        conditions."""
        return plan.scans[table.full_name.lower()].place

    def fixed(self, tables: Iterable[Table], versions: Mapping[str, str]) -> Plan:
        """The same with some tables (by full name) at a version that they had, or with only the rows that were added
        since a version, which is then written `12..`. Unavailable where that can't be told, with the fact `rewritten`
        where rows changed since."""
        raise Unavailable(f"The engine '{self.name}' can't read older versions.", "Use duckdb.")

    def stream(
        self, plan: Plan, sql: str, params: Mapping[str, object], stop: Stop
    ) -> AbstractContextManager[pa.RecordBatchReader]:
        """All rows of a query, a batch at a time. Raises Failure."""
        raise Failure("store", f"The engine '{self.name}' can't stream.")

    @abstractmethod
    def run(self, plan: Plan, sql: str, params: Mapping[str, object], bounds: Bounds) -> Rows:
        """The rows of a query over the plan's places. Raises Failure."""

    @abstractmethod
    def explain(self, plan: Plan, sql: str, params: Mapping[str, object]) -> tuple[Access, ...]:
        """How the engine would read each table, without running the query. Raises Failure."""

    def version(self, table: Table) -> str:
        """What the table's store is at now."""
        return self.sources[table.source].version(table)

    def changed(self, table: Table) -> datetime | None:
        """When the table's rows last changed, where its store can tell."""
        return self.sources[table.source].state(table).freshness

    def size(self, scan: Scan) -> int | None:
        """The bytes that a table's store holds for it, or None where it can't tell."""
        return self.sources[scan.table.source].size(scan.table, scan.state.version)

    @abstractmethod
    def failure(self, error: Exception, stop: Stop) -> Failure:
        """What has become of a query, by the error with which its rows ended."""

    @abstractmethod
    def fault(self, source: str, said: str) -> DataError | None:
        """The error for what the engine said while a query ran, where it is a fault of this source."""

    def text(self, tree: exp.Query) -> str:
        """A governed tree over the plan's places in this engine's dialect."""
        return tree.sql(dialect=self.dialect, comments=False)

    @abstractmethod
    def close(self) -> None:
        """Let go of all stores; the next query opens them again."""
