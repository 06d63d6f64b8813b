"""The one door to the data: every query passes these steps, in this order, whoever asks."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress

from data.audit import Audit
from data.catalog import Catalog, Table
from data.engines.duckdb import Engine
from data.errors import Unavailable
from data.gateway.authorise import authorise
from data.gateway.bound import bound
from data.gateway.parse import parse
from data.gateway.query import Door, Query, Result, SourceUse, Step
from data.gateway.record import record
from data.gateway.resolve import resolve
from data.gateway.rewrite import rewrite
from data.gateway.run import run
from data.policy import Policy, Principal
from data.system import without_system

__all__ = ["STEPS", "Gateway", "Result", "SourceUse"]

STEPS: tuple[Step, ...] = (parse, resolve, authorise, rewrite, bound, run)
"""What happens to a query. `record` follows in every case, also after a refusal."""

LIMIT = 10_000
"""Rows of an answer, unless the caller names another limit."""

TIMEOUT = 30.0
"""Seconds that a query may run, unless the caller names another limit."""


class Gateway:
    """Governed SQL over all sources of a catalogue. Many threads may use one gateway at once."""

    def __init__(self, catalog: Catalog, policy: Policy, engine: Engine, audit: Audit, *, salt: str = "") -> None:
        self.catalog = catalog
        self.policy = policy
        self.engine = engine
        self.audit = audit
        self._door = Door(catalog, policy, engine, audit, salt)
        self._visible: dict[frozenset[str], Catalog] = {}

    def visible(self, principal: Principal) -> Catalog:
        """The catalogue as the principal may see it."""
        key = principal.groups
        if key not in self._visible:
            self._visible[key] = self.policy.visible(principal, self.catalog)
        return self._visible[key]

    def askable(self, principal: Principal) -> Catalog:
        """What the principal can ask questions about: all that is visible but the lakehouse's own tables."""
        return without_system(self.visible(principal))

    def query(
        self,
        principal: Principal,
        sql: str,
        *,
        params: Mapping[str, object] | None = None,
        limit: int | None = None,
        timeout: float | None = None,
        question: str = "",
    ) -> Result:
        """The rows that the principal may see of what one SELECT asks for.

        `params` are the values of `$name` in it; `question` is what a person asked, for the audit trail.
        Raises Forbidden, NotFound, Invalid, Unavailable or TooExpensive.
        """
        began = time.perf_counter()
        query = Query(
            principal=principal,
            asked=sql,
            params=params or {},
            limit=LIMIT if limit is None else limit,
            timeout=TIMEOUT if timeout is None else timeout,
            question=question,
            visible=self.visible(principal),
        )
        try:
            for step in STEPS:
                step(query, self._door)
        except BaseException as error:
            record(query, self._door, error, time.perf_counter() - began)
            raise
        seconds = time.perf_counter() - began
        return _result(query, record(query, self._door, None, seconds), seconds)

    def version(self, table: Table) -> str:
        """What the table's store is at: it changes with the rows, and is `live` where a store can't tell."""
        return self.engine.sources[table.source].state(table).version

    def warm(self) -> None:
        """Open all stores that answer, as a server does before its first question comes."""
        for source in self.catalog.sources:
            with suppress(Unavailable):
                self.engine.plan(source.tables)

    def close(self) -> None:
        """Let go of the stores and flush the audit trail."""
        self.engine.close()
        self.audit.close()


def _result(query: Query, audit_id: str, seconds: float) -> Result:
    if query.rows is None or query.plan is None:
        raise Unavailable("The query gave no rows.", "Ask again.")
    named = {table.full_name for table in query.tables}
    scans = (scan for scan in query.plan.scans.values() if scan.table.full_name in named)
    uses = (SourceUse(scan.table.full_name, scan.state.version, scan.state.freshness) for scan in scans)
    return Result(
        query.rows, query.truncated, query.lineage, tuple(uses), audit_id, seconds, query.governed, query.named_flow
    )
