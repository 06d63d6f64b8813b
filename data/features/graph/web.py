"""One graph: nodes and the pairs of them that are joined, as arrays, and what is measured in it.

A thing that entities share is a node like them, so that a thousand people at one device are a thousand edges. Only
where neighbours are counted by themselves do pairs of entities meet, a bounded number at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from data.features.events import Bools, Ints
from data.features.graph.plan import SCALES
from data.features.places import slices

DAMPING = 0.85
STEPS = 64
"""Rounds of PageRank: always as many, so that nothing hangs on what else is in the graph. What is left of the start is
less than 0.85 to their power, 0.00003."""

MEETINGS = 2_000_000
"""Paths from entity to entity by way of a shared node that are held at once."""


@dataclass(frozen=True)
class Web:
    """Nodes are numbered from 0 on; `left` and `right` are each pair once, in order, the smaller node first."""

    left: Ints
    right: Ints
    entity: Bools
    """Of each node, whether it is what the features tell about."""
    marked: Bools

    @classmethod
    def of(cls, left: Ints, right: Ints, entity: Bools, marked: Bools, hub: int) -> Web:
        """The graph of some pairs without its hubs."""
        degree = np.bincount(left, minlength=len(entity)) + np.bincount(right, minlength=len(entity))
        out = ~entity & (degree > hub)
        keep = ~(out[left] | out[right])
        return cls(left[keep], right[keep], entity, marked & entity)

    def measure(self, kind: str) -> Ints:
        """One whole number a node, which means something for entities: a measure times 10 to its scale."""
        found = MEASURES[kind](self)
        whole: Ints = np.rint(found * 10 ** SCALES[kind]).astype(np.int64) if kind in SCALES else found
        return whole

    @cached_property
    def degree(self) -> Ints:
        """Nodes at the other ends of a node's edges."""
        size = len(self.entity)
        return np.bincount(self.left, minlength=size) + np.bincount(self.right, minlength=size)

    @cached_property
    def _adjacent(self) -> Any:
        """What is joined, in both directions."""
        return self._matrix(self.left, self.right, self.right, self.left)

    def _matrix(self, rows: Ints, columns: Ints, *more: Ints) -> Any:
        """A sparse matrix of ones. Its rows are in order, so that sums over them have one order."""
        from scipy.sparse import coo_array

        places = np.concatenate([rows, *more[:1]]), np.concatenate([columns, *more[1:]])
        return coo_array((np.ones(len(places[0]), dtype=np.int64), places), shape=(len(self.entity),) * 2).tocsr()

    @cached_property
    def _component(self) -> Ints:
        from scipy.sparse.csgraph import connected_components

        found: Ints = connected_components(self._adjacent, directed=False)[1]
        return found

    @cached_property
    def component(self) -> Ints:
        """Entities in a node's component."""
        return _within(self._component, self.entity)

    @cached_property
    def component_marked(self) -> Ints:
        """Other entities of the component that are marked."""
        return _within(self._component, self.marked) - self.marked

    @cached_property
    def _near(self) -> tuple[Ints, Ints]:
        """Entities that a node is joined with, or shares a node of another kind with; and those of them marked."""
        one, other = self.entity[self.left], self.entity[self.right]
        who = np.concatenate([self.left[one & ~other], self.right[other & ~one]])
        what = np.concatenate([self.right[one & ~other], self.left[other & ~one]])
        pairs = self.left[one & other], self.right[one & other]
        direct, shared, sharing = self._matrix(*pairs, *pairs[::-1]), self._matrix(who, what), self._matrix(what, who)
        marked = self.marked.astype(np.int64)
        counts = np.zeros((2, len(marked)), dtype=np.int64)
        for rows in slices(shared @ np.diff(sharing.indptr), MEETINGS):
            met = direct[rows] + shared[rows] @ sharing
            met.data[:] = 1
            # Whoever shares a node meets also themselves there.
            oneself = np.diff(shared.indptr)[rows] > 0
            counts[0, rows] = np.diff(met.indptr) - oneself
            counts[1, rows] = met @ marked - oneself * marked[rows]
        return counts[0], counts[1]

    @cached_property
    def pagerank(self) -> Any:
        """PageRank as a multiple of the average of the node's component, so that other components do not change it."""
        degree = np.maximum(self.degree, 1)
        passes = self._adjacent.astype(np.float64)
        rank = np.ones(len(degree))
        for _ in range(STEPS):
            rank = 1 - DAMPING + DAMPING * (passes @ (rank / degree))
        return np.where(self.degree > 0, rank, 1.0)


MEASURES: dict[str, Callable[[Web], Any]] = {
    "degree": lambda web: web.degree,
    "neighbours": lambda web: web._near[0],
    "marked": lambda web: web._near[1],
    "marked_share": lambda web: web._near[1] / np.maximum(web._near[0], 1),
    "component": lambda web: web.component,
    "component_marked": lambda web: web.component_marked,
    "component_marked_share": lambda web: web.component_marked / np.maximum(web.component - 1, 1),
    "pagerank": lambda web: web.pagerank,
}


def _within(component: Ints, some: Bools) -> Ints:
    """Of each node, how many of some are in its component."""
    sizes = np.bincount(component[some], minlength=int(component.max(initial=-1)) + 1)
    found: Ints = sizes[component]
    return found
