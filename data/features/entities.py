"""Entities as numbers, in the order of their keys: what events and questions meet by."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from data.features.events import Ints, ints

if TYPE_CHECKING:
    import pyarrow as pa

Columns = Sequence["pa.ChunkedArray"]
"""The keys, without nulls."""

SPREAD = 2
"""How much greater than their count whole numbers may be to stand for themselves."""


class Entities:
    """The entities of some questions. A whole number is its own, others are numbered from 0 on."""

    def __init__(self, keys: Columns) -> None:
        import pyarrow as pa

        self._own = len(keys) == 1 and pa.types.is_integer(keys[0].type) and _near(ints(keys[0]))
        self._known: list[pa.Array] = []
        self._ids: list[Ints] = []
        if not self._own:
            self._learn(keys)

    def codes(self, keys: Columns) -> Ints:
        """The number of each row's entity; -1, or one that nobody asks for, where it is not among them."""
        if self._own:
            return ints(keys[0])
        starts = _starts(keys)
        found = np.zeros(len(starts), dtype=np.int64)
        for known, ids, column in zip(self._known, self._ids, keys, strict=True):
            place = _places(column.take(starts), known)
            wanted = np.where((found < 0) | (place < 0), -1, found * len(known) + place)
            at = np.minimum(np.searchsorted(ids, wanted), max(0, len(ids) - 1))
            found = np.where(len(ids) and ids[at] == wanted, at, -1)
        return np.repeat(found, np.diff(np.append(starts, len(keys[0]))))

    def before(self, cut: Any) -> int:
        """The least number that an entity may have whose first key is not before `cut`."""
        if self._own:
            return int(cut)
        place = bisect_left(range(len(self._known[0])), cut, key=lambda at: self._known[0][at].as_py())
        return int(np.searchsorted(self._first, place))

    def _learn(self, keys: Columns) -> None:
        found = self._first = np.zeros(len(keys[0]), dtype=np.int64)
        for column in keys:
            known = _distinct(column)
            wanted = found * len(known) + _places(column, known)
            ids, found = np.unique(wanted, return_inverse=True)
            # Of each number the place of its first key.
            self._first = ids if not self._known else self._first[ids // len(known)]
            self._known.append(known)
            self._ids.append(ids)


def _near(keys: Ints) -> bool:
    return not len(keys) or int(keys.max()) - int(keys.min()) <= SPREAD * len(keys)


def _distinct(column: pa.ChunkedArray) -> pa.Array:
    import pyarrow.compute as pc

    found = pc.unique(column)
    return found.take(pc.array_sort_indices(found))


def _places(column: pa.ChunkedArray, known: pa.Array) -> Ints:
    import pyarrow.compute as pc

    found = pc.index_in(column, value_set=known).fill_null(-1)
    return np.asarray(found.to_numpy(), dtype=np.int64)


def _starts(keys: Columns) -> Ints:
    """Where rows begin that have other keys than the row before: in a history those of an entity follow each other."""
    import pyarrow.compute as pc

    if not len(keys[0]):
        return np.zeros(0, dtype=np.int64)
    differs = [pc.not_equal(column.slice(1), column.slice(0, len(column) - 1)).to_numpy() for column in keys]
    return np.flatnonzero(np.append(True, np.logical_or.reduce(differs)))
