"""Prepared events and the points at which features are asked for, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from data.features.places import order
from data.features.plan import KNOWN, TIME, Plan

if TYPE_CHECKING:
    import pyarrow as pa

Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]
Array = np.ndarray[Any, Any]

CODE = "_code"
"""The column that has the number of an entity within one piece of work."""


@dataclass(frozen=True)
class Values:
    """One value an element, where `valid`; what stands at other places means nothing."""

    data: Array
    valid: Bools

    @cached_property
    def whole(self) -> bool:
        """Whether there is a value at every place."""
        return bool(self.valid.all())

    def take(self, at: Array | slice) -> Values:
        return Values(self.data[at], self.valid[at])


@dataclass(frozen=True)
class Points:
    """Entities (`code`, -1 for one without events) and moments (microseconds) in the order of both."""

    code: Ints
    at: Ints

    def __len__(self) -> int:
        return len(self.code)


@dataclass(frozen=True)
class Events:
    """Events in the order of entity, time, `known` and values: so the last one of equals is the same one however
    they came. Times are microseconds."""

    code: Ints
    time: Ints
    known: Ints
    values: tuple[Values, ...]

    def __len__(self) -> int:
        return len(self.code)

    def part(self, start: int, end: int) -> Events:
        values = tuple(Values(v.data[start:end], v.valid[start:end]) for v in self.values)
        time = self.time[start:end]
        return Events(self.code[start:end], time, time if self.known is self.time else self.known[start:end], values)

    def take(self, at: Array | slice) -> Events:
        values = tuple(column.take(at) for column in self.values)
        time = self.time[at]
        return Events(self.code[at], time, time if self.known is self.time else self.known[at], values)

    @cached_property
    def ordered(self) -> bool:
        """Whether each entity's events became known in the order in which they happened."""
        same = self.code[1:] == self.code[:-1]
        return not bool(np.any(same & (self.known[1:] < self.known[:-1])))

    @classmethod
    def of(cls, table: pa.Table, plan: Plan) -> Events:
        """The events of an Arrow table with the columns of prepared events and `_code`, in whatever order. Without
        `_known`, they are known when they happen."""
        code, time = ints(table.column(CODE)), ints(table.column(TIME))
        known = ints(table.column(KNOWN)) if KNOWN in table.column_names else time
        found = cls(code, time, known, tuple(values(table.column(column.name)) for column in plan.stored))
        return found.take(order(code, time))._settled(plan)

    def _settled(self, plan: Plan) -> Events:
        """With those of one entity and moment in order among themselves."""
        same = (self.code[1:] == self.code[:-1]) & (self.time[1:] == self.time[:-1])
        at = np.flatnonzero(np.append(same, False) | np.append(False, same))
        if not len(at):
            return self
        tied, place = self.take(at), np.arange(len(self))
        place[at] = at[np.lexsort((*ranking(plan, tied.values), tied.known, tied.time, tied.code))]
        return self.take(place)


def ranking(plan: Plan, values: Sequence[Values]) -> list[Array]:
    """What tells the order of events of one moment, the last key first; nulls come first. Values only count where the
    last of equals is asked for."""
    if not any(output.function == "last" for output in plan.outputs):
        return []
    keys: list[Array] = []
    for column in reversed(values):
        blank = "" if column.data.dtype == object else 0
        data = np.where(column.valid, column.data, blank)
        keys += [np.unique(data, return_inverse=True)[1] if data.dtype == object else data, column.valid]
    return keys


def ints(column: pa.ChunkedArray) -> Ints:
    """Whole numbers, or moments as microseconds; without nulls."""
    import pyarrow as pa

    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us")).cast(pa.int64())
    found: Ints = column.to_numpy().astype(np.int64, copy=False)
    return found


def values(column: pa.ChunkedArray) -> Values:
    """A column with nulls. Texts stay Python's, as an array of objects."""
    import pyarrow as pa
    import pyarrow.compute as pc

    valid = column.is_valid().to_numpy()
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return Values(column.to_numpy(), valid)
    if column.null_count:
        column = pc.fill_null(column, 0)
    return Values(column.to_numpy(), valid)
