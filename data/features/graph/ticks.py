"""What changes for entities from tick to tick."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from data.features.events import Array, Bools, Ints, ints
from data.features.graph.plan import Graph
from data.features.graph.web import Web

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class State:
    """The entities that are not as if alone, in order: their values, and the ticks of their newest events."""

    code: Ints
    values: Ints
    """A row an entity, a column a measure."""
    at: Ints

    @classmethod
    def of(cls, graph: Graph, code: Ints, values: Sequence[Ints], at: Ints) -> State:
        """Of columns with the newest events of some entities, those that are not as if alone."""
        rows = np.stack(values, axis=1)
        kept = (rows != graph.alone).any(axis=1)
        return cls(code[kept], rows[kept], at[kept])


@dataclass(frozen=True)
class Change:
    """The events of one tick."""

    tick: int
    code: Ints
    values: Ints


@dataclass(frozen=True)
class Edges:
    """Edges and marks that are there at some of a span of ticks. Ends are places in `nodes`, pairs are in order."""

    nodes: Ints
    entity: Bools
    left: Ints
    right: Ints
    """Of each pair of nodes that is ever joined."""
    pair: Ints
    """Of each edge."""
    link: Ints
    enter: Ints
    happened: Ints
    marks: tuple[Ints, Ints, Ints]
    """Of each mark: the place of its node, and the ticks from which and before which it counts."""

    def marked(self, tick: int) -> Bools:
        node, enter, leave = self.marks
        found = np.zeros(len(self.nodes), dtype=bool)
        found[node[(enter <= tick) & (tick < leave)]] = True
        return found

    def joined(self, links: tuple[int, ...], window: int, tick: int) -> Bools:
        """Of each pair, whether such an edge joins it."""
        there = np.isin(self.link, links) & (self.enter <= tick) & (tick < self.happened + window)
        found = np.zeros(len(self.left), dtype=bool)
        found[self.pair[there]] = True
        return found


def read(work: duckdb.DuckDBPyConnection, graph: Graph, state: State, start: int, end: int) -> Edges:
    """What the ticks from `start` to before `end` hang on."""
    reach = graph.reach // graph.every
    low, high = work.execute("SELECT min(code), max(code) FROM nodes WHERE kind = $1", [graph.entity]).fetchall()[0]
    link, left, right, enter, happened = _columns(
        work,
        "SELECT link, l, r, enter, happened FROM edges "
        f"WHERE enter < {end} AND happened + {reach} > {start} ORDER BY l, r",
    )
    node, since, leave = _columns(
        work, f"SELECT code, enter, leave FROM marks WHERE enter < {end} AND leave > {start} ORDER BY code"
    )
    nodes = np.unique(np.concatenate([left, right, state.code]))
    seen = np.isin(node, nodes)
    fresh = np.concatenate([[True], (left[1:] != left[:-1]) | (right[1:] != right[:-1])])[: len(left)]
    one, other = (np.searchsorted(nodes, ends[fresh]) for ends in (left, right))
    entity = np.zeros(len(nodes), dtype=bool) if low is None else (nodes >= low) & (nodes <= high)
    marks = (np.searchsorted(nodes, node[seen]), since[seen], leave[seen])
    return Edges(nodes, entity, one, other, np.cumsum(fresh) - 1, link, enter, happened, marks)


def _columns(work: duckdb.DuckDBPyConnection, sql: str) -> list[Ints]:
    return [ints(column) for column in work.execute(sql).to_arrow_table().columns]


class Walk:
    """Goes from tick to tick, and knows what was said last of each entity."""

    def __init__(self, graph: Graph, edges: Edges, state: State) -> None:
        self._graph, self._edges = graph, edges
        self._alone = np.array(graph.alone, dtype=np.int64)
        self._said = np.tile(self._alone, (len(edges.nodes), 1))
        self._at = np.zeros(len(edges.nodes), dtype=np.int64)
        places = np.searchsorted(edges.nodes, state.code)
        self._said[places], self._at[places] = state.values, state.at
        self._now = self._said.copy()
        self._kept: dict[tuple[tuple[int, ...], int], tuple[Array, Array]] = {}

    @property
    def state(self) -> State:
        return State.of(self._graph, self._edges.nodes, list(self._said.T), self._at)

    def through(self, ticks: range) -> Iterator[Change]:
        """The events of each tick: of entities whose values changed, and of those of which nothing was said for the
        time that values hold."""
        holds = self._graph.ttl // self._graph.every
        for tick in ticks:
            self._measure(tick)
            changed = (self._now != self._said).any(axis=1)
            due = (self._now != self._alone).any(axis=1) & (tick - self._at >= holds)
            rows = np.flatnonzero(changed | due)
            if len(rows):
                self._said[rows], self._at[rows] = self._now[rows], tick
                yield Change(tick, self._edges.nodes[rows], self._said[rows])

    def _measure(self, tick: int) -> None:
        marked = self._edges.marked(tick)
        taken = list(enumerate(self._graph.taken))
        for group in dict.fromkeys((each.links, each.window) for _, each in taken):
            mine = [(column, each.kind) for column, each in taken if (each.links, each.window) == group]
            self._group(group, mine, marked, tick)

    def _group(
        self, group: tuple[tuple[int, ...], int], taken: Sequence[tuple[int, str]], marked: Bools, tick: int
    ) -> None:
        joined = self._edges.joined(group[0], group[1] // self._graph.every, tick)
        before = self._kept.get(group)
        if before and np.array_equal(before[0], joined) and np.array_equal(before[1], marked):
            return
        self._kept[group] = (joined, marked)
        edges = self._edges
        left, right = edges.left[joined], edges.right[joined]
        seen = np.zeros(len(edges.nodes), dtype=bool)
        seen[left] = seen[right] = True
        nodes, place = np.flatnonzero(seen), np.cumsum(seen) - 1
        web = Web.of(place[left], place[right], edges.entity[nodes], marked[nodes], self._graph.hub)
        mine = nodes[web.entity]
        for column, kind in taken:
            self._now[:, column] = self._alone[column]
            self._now[mine, column] = web.measure(kind)[web.entity]
