"""The one door to the data: every query passes these steps, in this order, whoever asks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime

from sqlglot.errors import SqlglotError

from data.audit import Audit
from data.catalog import Catalog, Table
from data.documents import Reach
from data.engines.base import Access, Failure
from data.errors import Invalid, NotFound, Unavailable
from data.gateway.afford import afford
from data.gateway.attach import attach
from data.gateway.authorise import authorise
from data.gateway.bodies import DEFINER, beneath, uses, version
from data.gateway.bound import bound
from data.gateway.narrow import narrow
from data.gateway.parse import parse
from data.gateway.query import Door, Query, Result, SourceUse, Step
from data.gateway.record import record
from data.gateway.resolve import resolve
from data.gateway.rewrite import made_of, rewrite
from data.gateway.run import physical, run, worded
from data.gateway.stream import Stream, attach_fixed, streamed, whole
from data.gateway.turnstile import Turnstile
from data.observe import observed
from data.policy import Policy, Principal
from data.stop import Stop
from data.system import without_system

__all__ = ["EXECUTION", "PREPARATION", "Gateway", "Result", "SourceUse"]

PREPARATION: tuple[Step, ...] = (parse, resolve, authorise, rewrite, bound, narrow)
"""What happens to a query, whatever the rows are: once for each caller and text."""

UNBOUND: tuple[Step, ...] = (parse, resolve, authorise, rewrite, whole)
"""The same for a job that reads all rows."""

EXECUTION: tuple[Step, ...] = (attach, afford, run)
"""What happens to it each time. `record` follows in every case, also after a refusal."""

LONGEST = 86_400.0
"""Seconds that a job may read."""


class Gateway:
    """Governed SQL over all sources of a catalogue. Many threads may use one gateway at once."""

    def __init__(self, door: Callable[[], Door], audit: Audit, *, engine: str = "duckdb") -> None:
        """`door` gives the catalogue and policy of this moment; `engine` runs what names no other."""
        self._door = door
        self.audit = audit
        self._engine = engine
        self._turnstile = Turnstile()

    @property
    def catalog(self) -> Catalog:
        return self._door().catalog

    @property
    def policy(self) -> Policy:
        return self._door().policy

    def visible(self, principal: Principal) -> Catalog:
        """The catalogue as the principal may see it."""
        return self._door().visible(principal)

    def askable(self, principal: Principal) -> Catalog:
        """What the principal can ask questions about: all that is visible but the lakehouse's own tables."""
        return without_system(self.visible(principal))

    def reach(self, principal: Principal) -> Reach:
        """The documents that the principal may read."""
        return self.policy.reach(principal)

    def query(
        self,
        principal: Principal,
        sql: str,
        *,
        params: Mapping[str, object] | None = None,
        limit: int | None = None,
        timeout: float | None = None,
        question: str = "",
        engine: str | None = None,
        stop: Stop | None = None,
    ) -> Result:
        """The rows that the principal may see of what one SELECT asks for.

        `params` are the values of `$name` in it; `question` is what a person asked, for the audit trail.
        `limit` (rows) and `timeout` (seconds) narrow the principal's budget; `stop.cancel()` ends the query.
        Raises Forbidden, NotFound, Invalid, Unavailable, TooExpensive or Busy.
        """
        began = time.perf_counter()
        door = self._door()
        query = self._query(door, principal, sql, params, limit, timeout, question, engine, stop)
        try:
            with observed("query", "rows"), self._turnstile.entered(principal.name, query.budget.concurrency):
                query = door.prepared.of(query, lambda fresh: _pass(PREPARATION, fresh, door))
                _pass(EXECUTION, query, door)
        except BaseException as error:
            record(query, door, error, time.perf_counter() - began)
            raise
        seconds = time.perf_counter() - began
        return _result(query, record(query, door, None, seconds), seconds)

    @contextmanager
    def stream(
        self,
        principal: Principal,
        sql: str,
        *,
        params: Mapping[str, object] | None = None,
        versions: Mapping[str, str] | None = None,
        stop: Stop | None = None,
    ) -> Iterator[Stream]:
        """All rows that the principal may see of one SELECT, a batch at a time, for jobs. Their budget of rows,
        memory and seconds is for answers and does not hold; that of bytes to read does.

        `versions` maps full names of tables to versions that they had, or `12..` for the rows alone that were added
        since. Raises what `query` raises, and Unavailable where a version can't be read (with the fact `rewritten`
        where rows changed since).
        """
        began = time.perf_counter()
        door = self._door()
        query = self._query(door, principal, sql, params, None, None, "", "duckdb", None)
        query.stop = (stop or Stop()).within(LONGEST)
        error: BaseException | None = None
        try:
            with self._turnstile.entered(principal.name, query.budget.concurrency):
                _pass(UNBOUND, query, door)
                attach_fixed(query, door, versions or {})
                afford(query, door)
                yield from streamed(query, door)
        except BaseException as raised:
            error = raised
            raise
        finally:
            query.audit_id = record(query, door, error, time.perf_counter() - began)

    def explain(self, principal: Principal, sql: str, *, engine: str | None = None) -> tuple[str, tuple[Access, ...]]:
        """The governed SQL, and how the engine would read each of its tables. Raises what `query` raises."""
        door = self._door()
        query = self._query(door, principal, sql, None, None, None, "", engine, None)
        _pass((*PREPARATION, attach), query, door)
        assert query.plan is not None
        text = physical(query, query.plan, door)
        try:
            return query.governed, door.engines[query.engine].explain(query.plan, text, query.secrets)
        except Failure as failure:
            raise worded(failure, query, door) from None

    def version(self, table: Table) -> str:
        """What the table's store is at: it changes with the rows, and is `live` where a store can't tell."""
        door = self._door()
        if door.catalog.table(table.full_name).view is not None:
            made = made_of(table, Query(DEFINER, "", door.catalog), door)
            return version(made, (self.version(inner) for inner in beneath(made)))
        return door.engines["duckdb"].version(table)

    def changed(self, table: Table) -> datetime | None:
        """When the table's rows last changed, or None where its store can't tell. A view is left untold."""
        door = self._door()
        if door.catalog.table(table.full_name).view is not None:
            return None
        with suppress(Unavailable):
            return door.engines["duckdb"].changed(table)
        return None

    def under(self, policy: Policy) -> Gateway:
        """The same stores and trail under another policy, as one tries out before it is saved."""
        now = self._door()
        door = Door(now.catalog, policy, now.engines, now.parser, now.audit, now.salt)
        return Gateway(lambda: door, self.audit, engine=self._engine)

    def warm(self) -> None:
        """Open all stores that answer, as a server does before its first question comes."""
        door = self._door()
        for source in door.catalog.sources:
            with suppress(Unavailable):
                door.engines[self._engine].plan(source.tables)

    def close(self) -> None:
        """Let go of the stores and flush the audit trail."""
        for engine in self._door().engines.values():
            engine.close()
        self.audit.close()

    def _query(
        self,
        door: Door,
        principal: Principal,
        sql: str,
        params: Mapping[str, object] | None,
        limit: int | None,
        timeout: float | None,
        question: str,
        engine: str | None,
        stop: Stop | None,
    ) -> Query:
        budget = door.policy.budget(principal)
        seconds = budget.seconds if timeout is None else min(timeout, budget.seconds)
        return Query(
            principal=principal,
            asked=sql,
            params=params or {},
            limit=budget.rows if limit is None else min(limit, budget.rows),
            stop=(stop or Stop()).within(seconds),
            question=question,
            visible=door.visible(principal),
            budget=budget,
            engine=_known(door, engine or self._engine),
        )


def _pass(steps: tuple[Step, ...], query: Query, door: Door) -> None:
    for step in steps:
        try:
            step(query, door)
        except RecursionError:
            raise Invalid("The query is nested too deeply.", "Simplify it.") from None
        except SqlglotError as error:
            reason = str(error).splitlines()[0]
            raise Invalid(f"The query can't be followed: {reason}", "Give each table and sub-query an alias.") from None


def _known(door: Door, engine: str) -> str:
    if engine not in door.engines:
        known = ", ".join(f"'{name}'" for name in door.engines)
        raise NotFound(f"There is no engine '{engine}'.", f"Use one of: {known}.")
    return engine


def _result(query: Query, audit_id: str, seconds: float) -> Result:
    if query.rows is None or query.plan is None:
        raise Unavailable("The query gave no rows.", "Ask again.")
    return Result(
        query.rows,
        query.truncated,
        query.lineage,
        uses(query),
        audit_id,
        seconds,
        query.governed,
        query.engine,
        query.read,
        query.named_flow,
    )
