"""Bring the online store up to a version of a view's history."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data.features import pieces
from data.features.duration import SECOND
from data.features.events import CODE, Events, Ints
from data.features.history import History
from data.features.online import packed
from data.features.online.answer import answer
from data.features.online.base import Row, Store
from data.features.online.state import NEVER, State, empty
from data.features.plan import KNOWN, TIME, Plan, key_columns
from data.features.workspace import workspace
from data.sources.growth import added_files

if TYPE_CHECKING:
    import duckdb

PIECE = 250_000
"""Events that are held at once, as far as they are not of one value of the first key."""

BATCH = 500
"""Entities that are written together."""

GRACE = 300 * SECOND
"""How much older than `now` a question may be: clocks differ, and questions are under way while rows are written."""

Progress = Callable[[int], None]
"""Is told how many entities are written."""


def space(plan: Plan) -> str:
    """The space of a plan: another one whenever rows would have another meaning."""
    return f"{plan.view.name}-{plan.meaning}"


def refresh(history: History, store: Store, home: Path, now: int, progress: Progress = lambda done: None) -> int:
    """Add the events that came into the history since the last time; entities without new ones are not touched.

    A row says which version it is of, so that a run that was cut off goes on where it stopped. Returns how many
    entities were written.
    """
    plan, version = history.plan, history.version
    where = space(plan)
    before = store.position(where)
    if version is None or version == before:
        return 0
    added = None if before is None else added_files(history.folder, before, version)
    files = history.files(version) if added is None else added
    done = 0
    if added is None:
        store.begin(where, version)
    if files:
        with workspace(home) as work:
            pieces.expose(work, files)
            for rows in _written(work, plan, store, now, version, anew=added is None):
                store.put(where, rows)
                done += len(rows)
                progress(done)
    store.finish(where, version)
    return done


def _written(
    work: duckdb.DuckDBPyConnection, plan: Plan, store: Store, now: int, version: int, *, anew: bool
) -> Iterator[list[Row]]:
    """The new rows of all entities with events in `history`, a batch at a time."""
    since = now - GRACE
    for where in pieces.pieces(work, plan, PIECE):
        pieces.number(work, plan, "history", where)
        keys = work.execute(f"SELECT {key_columns(plan.keys)} FROM entities ORDER BY {CODE}").fetchall()
        matters = f"({TIME} > {since - plan.horizon} OR {KNOWN} > {since})"
        events = pieces.events(work, plan, f"{where} AND {matters}")
        gone = _gone(work, plan, f"{where} AND NOT {matters}", len(keys))
        starts = np.searchsorted(events.code, np.arange(len(keys) + 1))
        for first in range(0, len(keys), BATCH):
            some = range(first, min(len(keys), first + BATCH))
            names = [packed.key(list(keys[code])) for code in some]
            kept = store.rows(space(plan), names)
            states = [_state(plan, kept.get(name), version, anew) for name in names]
            yield [
                _row(plan, name, state, events.part(starts[code], starts[code + 1]), int(gone[code]), now, version)
                for code, name, state in zip(some, names, states, strict=True)
                if state.position < version
            ]


def _gone(work: duckdb.DuckDBPyConnection, plan: Plan, where: str, size: int) -> Ints:
    """When the newest event of each entity happened that does not matter any more."""
    found = np.full(size, NEVER, dtype=np.int64)
    rows = work.execute(
        f"SELECT {CODE}, max({TIME}) AS newest FROM history JOIN entities USING ({key_columns(plan.keys)}) "
        f"WHERE {where} GROUP BY {CODE}"
    ).to_arrow_table()
    found[rows.column(CODE).to_numpy()] = rows.column("newest").to_numpy()
    return found


def _state(plan: Plan, row: Row | None, version: int, anew: bool) -> State:
    """What is kept of an entity; when all are made anew, only what this very version has written."""
    found = empty(plan, NEVER) if row is None else packed.read(plan, row.state)
    return found if not anew or found.position == version else empty(plan, NEVER)


def _row(plan: Plan, name: str, state: State, events: Events, gone: int, now: int, version: int) -> Row:
    known = replace(state, gone=max(state.gone, gone))
    return row(plan, name, known.advanced(plan, events, now - GRACE, version), now)


def row(plan: Plan, name: str, state: State, now: int) -> Row:
    """A state with the values that it has now."""
    return Row(name, packed.head(answer(plan, state, max(now, state.since))), packed.state(state))


def key_of(plan: Plan, values: Sequence[Any]) -> str:
    """The name of an entity in the store."""
    return packed.key(list(values))
