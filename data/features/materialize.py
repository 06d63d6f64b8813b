"""One run for one view: new events into its history, then into the online store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from data.errors import Busy
from data.features.history import History
from data.features.ingest import ingest
from data.features.online.base import Store
from data.features.online.refresh import refresh, space
from data.features.plan import Plan
from data.features.results import microseconds
from data.features.values import ValueTable
from data.features.workspace import sweep
from data.gateway import Gateway
from data.policy import Principal


@dataclass(frozen=True)
class Materialized:
    """What a run did: events that came, entities that were written online, rows of the table of values. `anew` when
    the source was read whole; `version` is that of the history."""

    view: str
    events: int
    entities: int
    rows: int
    version: int
    anew: bool


def materialize(
    plan: Plan,
    gateway: Gateway,
    principal: Principal,
    home: Path,
    store: Store,
    until: datetime,
    say: Callable[[str], None] = lambda text: None,
    *,
    values: bool = True,
) -> Materialized:
    """Bring a view up to `until` (UTC); without `values`, in the online store alone.

    It can be stopped at any moment: the next run goes on from there.

    Busy while another process does the same; raises what the gateway raises.
    """
    name = plan.view.name
    folder = History.of(plan, home).folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        # The operating system lets go of the lock of a process that dies.
        with FileLock(folder.with_suffix(".lock"), timeout=0):
            sweep(home)
            say(f"{name}: reading what is new")
            found = ingest(plan, gateway, principal, home, until)
            say(f"{name}: {found.rows:,} events")
            history = History.of(plan, home)
            moment = microseconds(until)
            entities = refresh(history, store, moment, _told(name, say))
            table = ValueTable(history, space(plan), home)
            rows = table.advance(moment, lambda done: say(f"{name}: {done:,} rows")) if values else 0
    except Timeout:
        raise Busy(f"'{name}' is being materialised by another process.", "Wait for it.") from None
    return Materialized(name, found.rows, entities, rows, found.version, found.anew)


def _told(name: str, say: Callable[[str], None]) -> Callable[[int], None]:
    def told(done: int) -> None:
        if done % 10_000 < 500:
            say(f"{name}: {done:,} entities online")

    return told
