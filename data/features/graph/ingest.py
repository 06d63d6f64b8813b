"""From the sources of a graph to the history of its view: tick by tick, in memory that does not grow with the past.

Nothing is kept but the history itself. What a tick is compared with are the newest events in it, and the graph of a
tick is made of the sources' edges in its windows; so a run goes on from any commit as if it had never stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from data.features.datafiles import ROW_GROUP
from data.features.events import ints
from data.features.graph.load import Loader
from data.features.graph.plan import Graph
from data.features.graph.ticks import Change, State, Walk, read
from data.features.history import History
from data.features.plan import KNOWN, TIME, Plan
from data.features.results import microseconds
from data.features.workspace import workspace
from data.gateway import Gateway
from data.policy import Principal
from data.sources.base import literal

if TYPE_CHECKING:
    import duckdb

TICKS = 128
"""Ticks of one commit, whose edges are held at once."""

WAITING = 50_000
"""Events that wait to be written together."""


def advance(
    plan: Plan, graph: Graph, gateway: Gateway, principal: Principal, home: Path, until: datetime
) -> tuple[int, int, bool]:
    """Compute the ticks up to `until` that are not in the view's history, under the rights of the principal: events,
    version, and whether the history is new. An edge that comes into its source after its ticks were computed counts
    from the next one on. Raises what the gateway raises."""
    history = History.of(plan, home)
    before = history.position()
    last = microseconds(until) // graph.every
    if before is not None and last * graph.every <= before:
        return 0, history.version or 0, False
    with workspace(home) as work:
        loader = Loader(work, graph)
        loader.sources(gateway, principal, before, last * graph.every)
        loader.history(history, before)
        loader.number()
        first = loader.first() if before is None else before // graph.every + 1
        rows = Ticks(work, history, graph).write(last if first is None else first, last, before)
    return rows, history.version or 0, before is None


class Ticks:
    """Writes ticks into a history, some at a time."""

    def __init__(self, work: duckdb.DuckDBPyConnection, history: History, graph: Graph) -> None:
        self._work, self._history, self._graph = work, history, graph

    def write(self, first: int, last: int, before: int | None) -> int:
        """Compute the ticks from `first` to `last`; how many events these have."""
        rows, state = 0, self._state()
        for start in range(first, last + 1, TICKS):
            end = min(start + TICKS, last + 1)
            state = self._made(state, start, end)
            rows += self._work.execute("SELECT count(*) FROM changes").fetchall()[0][0]
            position = (end - 1) * self._graph.every
            reader = self._work.execute(self._sorted()).to_arrow_reader(ROW_GROUP)
            self._history.write(reader, position, after=before)
            before = position
        return rows

    def _state(self) -> State:
        """What the history said last."""
        names = [column.name for column in self._history.plan.stored]
        table = self._work.execute(
            f"SELECT code, said, {', '.join(names)} FROM before JOIN nodes USING (id) "
            f"WHERE kind = {literal(self._graph.entity)} ORDER BY code"
        ).to_arrow_table()
        code, said, *values = (ints(column) for column in table.columns)
        return State.of(self._graph, code, values, said)

    def _made(self, state: State, start: int, end: int) -> State:
        """Fill the table `changes` with the events of some ticks."""
        names = "".join(f", {column.name} BIGINT" for column in self._history.plan.stored)
        self._work.execute(f"CREATE OR REPLACE TEMP TABLE changes (code BIGINT, {TIME} BIGINT{names})")
        walk = Walk(self._graph, read(self._work, self._graph, state, start, end), state)
        waiting: list[Change] = []
        for change in walk.through(range(start, end)):
            waiting.append(change)
            if sum(len(each.code) for each in waiting) > WAITING:
                self._add(waiting)
                waiting = []
        self._add(waiting)
        return walk.state

    def _add(self, changes: Sequence[Change]) -> None:
        import numpy as np
        import pyarrow as pa

        if not changes:
            return
        moments = [np.full(len(change.code), change.tick * self._graph.every) for change in changes]
        values = np.concatenate([change.values for change in changes]).T
        columns = [np.concatenate([change.code for change in changes]), np.concatenate(moments), *values]
        table = pa.table([pa.array(np.ascontiguousarray(c)) for c in columns], [str(n) for n in range(len(columns))])
        self._work.register("incoming", table)
        self._work.execute("INSERT INTO changes SELECT * FROM incoming")
        self._work.unregister("incoming")

    def _sorted(self) -> str:
        key = self._history.plan.keys[0]
        name = f'"{key.name}"'
        stored = "".join(f", {column.name}" for column in self._history.plan.stored)
        return (
            f"SELECT CAST(id AS {key.type}) AS {name}, {TIME}, {TIME} AS {KNOWN}{stored} "
            f"FROM changes JOIN nodes USING (code) ORDER BY {name}, {TIME}"
        )
