"""Step 7: the stores answer, and the versions of the tables are fixed."""

from __future__ import annotations

from data.errors import Unavailable
from data.gateway.query import Door, Query


def attach(query: Query, door: Door) -> None:
    """Set `query.plan`. Unavailable where a store does not answer or the engine can't reach it."""
    try:
        query.plan = door.engines[query.engine].plan(table for _, table in query.scanned)
    except Unavailable as error:
        raise hushed(error, query) from None


def hushed(error: Unavailable, query: Query) -> Unavailable:
    """The error without the name of a source that the caller may not know, such as a row filter's look-up."""
    source = error.facts.get("source")
    if source is None or any(seen.name == source for seen in query.visible.sources):
        return error
    return Unavailable("A store that this query needs is not available.", "Ask the owner of the catalogue.")
