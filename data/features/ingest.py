"""From a source to the prepared events of a view: governed, only what is new, in memory that does not grow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from data.errors import Unavailable
from data.features.duration import microseconds
from data.features.history import History
from data.features.plan import KNOWN, TIME, Plan, key_columns
from data.features.runs import Runs
from data.features.workspace import scratch, workspace
from data.gateway import Gateway
from data.gateway.stream import Stream
from data.policy import Principal
from data.sources.growth import BETWEEN

EPOCH = datetime(1970, 1, 1)


@dataclass(frozen=True)
class Ingested:
    """What one run added: `rows` events, of which `version` of the history is the first with them. `anew` when the
    source was read whole."""

    rows: int
    version: int
    anew: bool


def ingest(plan: Plan, gateway: Gateway, principal: Principal, home: Path, until: datetime) -> Ingested:
    """Bring a view's history up to date with its source, under the rights of the principal.

    A Delta table is read by its versions: all rows that were added, however late. Of another source those rows are
    read that became known up to `until` and were not known at the last run. Raises what the gateway raises.
    """
    history = History.of(plan, home)
    if plan.graph is not None:
        from data.features.graph.ingest import advance

        return Ingested(*advance(plan, plan.graph, gateway, principal, home, until))
    if plan.table is not None and _is_delta(plan.table, gateway):
        return _by_version(plan, history, gateway, principal, home)
    return _by_moment(plan, history, gateway, principal, home, until)


def _is_delta(table: str, gateway: Gateway) -> bool:
    found = gateway.catalog.table(table)
    return found.view is None and gateway.catalog.source(found.source).kind == "delta"


def _by_version(plan: Plan, history: History, gateway: Gateway, principal: Principal, home: Path) -> Ingested:
    position = history.position()
    if position is not None:
        assert plan.table is not None
        added = {plan.table: f"{position}{BETWEEN}"}
        try:
            with gateway.stream(principal, plan.select, versions=added) as stream:
                return _kept(plan, history, stream, _version(stream), position, home)
        except Unavailable as error:
            if not error.facts.get("rewritten"):
                raise
    with gateway.stream(principal, plan.select) as stream:
        return _kept(plan, history, stream, _version(stream), None, home)


def _version(stream: Stream) -> int:
    return int(stream.sources[0].version.rpartition(BETWEEN)[2])


def _by_moment(
    plan: Plan, history: History, gateway: Gateway, principal: Principal, home: Path, until: datetime
) -> Ingested:
    position = history.position()
    upto = (until - EPOCH) // timedelta(microseconds=1)
    if position is not None and upto <= position:
        return Ingested(0, history.version or 0, False)
    with gateway.stream(principal, _between(plan, position, upto)) as stream:
        return _kept(plan, history, stream, upto, position, home)


def _between(plan: Plan, after: int | None, upto: int) -> str:
    """The events that became known in (after, upto]."""
    conditions = [f"{KNOWN} <= {_moment(upto)}"]
    if after is not None:
        conditions.append(f"{KNOWN} > {_moment(after)}")
    if after is not None and not plan.view.known_at:
        # Said of the column itself, so that a store can leave out the older rows.
        conditions.append(f"{TIME} > {_moment(after - microseconds(plan.view.delay))}")
    return f"SELECT * FROM ({plan.select}) AS prepared WHERE {' AND '.join(conditions)}"


def _moment(at: int) -> str:
    return f"TIMESTAMP '{EPOCH + timedelta(microseconds=at)}'"


def _kept(plan: Plan, history: History, stream: Stream, position: int, before: int | None, home: Path) -> Ingested:
    if before == position:
        return Ingested(0, history.version or 0, False)
    import duckdb

    with workspace(home) as work, scratch(home) as folder:
        runs = Runs(work, folder, plan)
        try:
            runs.take(stream.reader)
            version = history.write(runs.ordered(*_sorted(plan)), position, after=before)
        except (duckdb.Error, OSError, ValueError) as error:
            raise stream.failure or error from None
    return Ingested(runs.rows, version, before is None)


def _sorted(plan: Plan) -> tuple[str, str]:
    """The columns of events, and their order."""
    keys = key_columns(plan.keys)
    moments = ", ".join(f"epoch_us({name}) AS {name}" for name in (TIME, KNOWN))
    stored = "".join(f", {column.name}" for column in plan.stored)
    return f"SELECT {keys}, {moments}{stored}", f"{keys}, {TIME}, {KNOWN}"
