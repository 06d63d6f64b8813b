"""Step 6: the stores answer, and the versions of the tables are fixed."""

from __future__ import annotations

from data.gateway.query import Door, Query


def attach(query: Query, door: Door) -> None:
    """Set `query.plan`. Unavailable where a store does not answer or the engine can't reach it."""
    query.plan = door.engines[query.engine].plan(table for _, table in query.scanned)
