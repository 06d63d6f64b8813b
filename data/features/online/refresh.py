"""Bring the online store up to a version of a view's history."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from data.features.duration import SECOND
from data.features.entities import Entities
from data.features.events import CODE, Bools, Events, Ints, ints
from data.features.history import History
from data.features.online import packed
from data.features.online.answer import answer
from data.features.online.base import Row, Store
from data.features.online.state import NEVER, State, empty
from data.features.plan import KNOWN, TIME, Plan
from data.features.scan import Scan
from data.sources.growth import added_files

if TYPE_CHECKING:
    import pyarrow as pa

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


def refresh(history: History, store: Store, now: int, progress: Progress = lambda done: None) -> int:
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
    for piece in Scan.of(files, plan).pieces(PIECE):
        for rows in _written(piece, plan, store, now, version, anew=added is None):
            store.put(where, rows)
            done += len(rows)
            progress(done)
    store.finish(where, version)
    return done


def _written(piece: pa.Table, plan: Plan, store: Store, now: int, version: int, *, anew: bool) -> Iterator[list[Row]]:
    """The new rows of all entities with events in a piece, a batch at a time."""
    columns = [piece.column(key.name) for key in plan.keys]
    code = Entities(columns).codes(columns)
    known, first, place = np.unique(code, return_index=True, return_inverse=True)
    keys = list(zip(*(column.take(first).to_pylist() for column in columns), strict=True))
    matters = _matters(piece, plan, now - GRACE)
    events = Events.of(piece.append_column(CODE, [code]).filter(matters), plan)
    gone = _gone(place[~matters], ints(piece.column(TIME))[~matters], len(keys))
    starts, ends = (np.searchsorted(events.code, known, side) for side in ("left", "right"))
    for at in range(0, len(keys), BATCH):
        some = range(at, min(len(keys), at + BATCH))
        names = [packed.key(list(keys[entity])) for entity in some]
        kept = store.rows(space(plan), names)
        states = [_state(plan, kept.get(name), version, anew) for name in names]
        yield [
            _row(plan, name, state, events.part(starts[entity], ends[entity]), int(gone[entity]), now, version)
            for entity, name, state in zip(some, names, states, strict=True)
            if state.position < version
        ]


def _matters(piece: pa.Table, plan: Plan, since: int) -> Bools:
    """Which events a question of `since` or later may ask for, or may not have known of."""
    found: Bools = ints(piece.column(TIME)) > since - plan.horizon
    return found if plan.immediate else found | (ints(piece.column(KNOWN)) > since)


def _gone(entity: Ints, time: Ints, size: int) -> Ints:
    """When the newest event of each entity happened that does not matter any more."""
    found = np.full(size, NEVER, dtype=np.int64)
    np.maximum.at(found, entity, time)
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
