"""Queries that were prepared before: dashboards and services ask the same ones again and again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data.gateway.query import Query

MOST = 128_000
"""Letters of the queries that are kept, all together: what one takes of memory grows with its length."""

LONGEST = 4_000
"""Characters of a query that is kept."""


class Prepared:
    """The queries used last, each under everything that its preparation depends on. Threads may share it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Query] = OrderedDict()
        self._letters = 0
        self._lock = threading.Lock()

    def of(self, query: Query, prepare: Callable[[Query], None]) -> Query:
        """The query after `prepare`, which is left out where the same one was prepared before."""
        key = _key(query)
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
        if found is None:
            prepare(query)
            self._keep(key, query)
            return query
        return replace(found, params=query.params, stop=query.stop, question=query.question, budget=query.budget)

    def _keep(self, key: Hashable, query: Query) -> None:
        if len(query.asked) > LONGEST:
            return
        with self._lock:
            if (old := self._kept.pop(key, None)) is not None:
                self._letters -= len(old.asked)
            self._kept[key] = replace(query)  # as it is now: without plan and rows
            self._letters += len(query.asked)
            while self._letters > MOST:
                self._letters -= len(self._kept.popitem(last=False)[1].asked)


def _key(query: Query) -> Hashable:
    principal = query.principal
    attributes = tuple(sorted((name, repr(value)) for name, value in principal.attributes.items()))
    # Whether a condition can fail depends on what its parameters are.
    params = tuple(sorted((name, repr(value)) for name, value in query.params.items()))
    return query.asked, params, query.limit, query.engine, principal.name, principal.groups, attributes
