"""The same functions where events became known in another order: each point is paired with its events."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from data.features.events import Events, Ints
from data.features.places import slices
from data.features.ranges import Edges

MOST = 2_000_000
"""Pairs that are made at once."""


def gathered(edges: Edges, window: int) -> Iterator[tuple[slice, Events, Ints, Ints]]:
    """Pieces of the points, each with its own copy of the events of their windows and the range of each point."""
    events, points = edges.events, edges.points
    start, end = edges.left(window), edges.left(0)
    for piece in slices(end - start, MOST):
        index, of = _pairs(start[piece], end[piece])
        known = events.known[index] <= points.at[piece][of]
        index, of = index[known], of[known]
        ends = np.cumsum(np.bincount(of, minlength=piece.stop - piece.start))
        values = tuple(column.take(index) for column in events.values)
        # Pairs of one point are an entity of their own.
        paired = Events(of, events.time[index], events.known[index], values)
        yield piece, paired, np.concatenate(([0], ends[:-1])), ends


def _pairs(start: Ints, end: Ints) -> tuple[Ints, Ints]:
    """The numbers of all ranges one after the other, and the range that each is of."""
    sizes = end - start
    of = np.repeat(np.arange(len(start)), sizes)
    first = np.concatenate(([0], np.cumsum(sizes)[:-1])) if len(sizes) else sizes
    return np.arange(int(sizes.sum())) - first[of] + start[of], of
