"""Prepared events and the points at which features are asked for, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from data.features.plan import KNOWN, TIME, Stored

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

    def take(self, at: Array) -> Values:
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
        return Events(self.code[start:end], self.time[start:end], self.known[start:end], values)

    @cached_property
    def ordered(self) -> bool:
        """Whether each entity's events became known in the order in which they happened."""
        same = self.code[1:] == self.code[:-1]
        return not bool(np.any(same & (self.known[1:] < self.known[:-1])))

    @classmethod
    def of(cls, table: pa.Table, stored: Sequence[Stored]) -> Events:
        """The events of a sorted Arrow table with the columns of prepared events and `_code`."""
        code, time, known = (ints(table.column(name)) for name in (CODE, TIME, KNOWN))
        return cls(code, time, known, tuple(values(table.column(column.name)) for column in stored))


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
