"""Reading a history by its row groups: those columns and those entities alone that are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.features.plan import KNOWN, TIME, Plan

if TYPE_CHECKING:
    import pyarrow as pa

SAMPLES = 64
"""Keys for each piece that are looked at, to find where to cut, where row groups lie across others."""


@dataclass(frozen=True)
class Group:
    """A row group, and the first keys between which its rows lie; None where they are not known."""

    file: Path
    number: int
    rows: int
    low: Any
    high: Any

    def meets(self, start: Any, end: Any) -> bool:
        """Whether it may have keys in [start, end); None is no bound."""
        if self.low is None:
            return True
        return (end is None or self.low < end) and (start is None or self.high >= start)


class Scan:
    """The Parquet files of one version of a history. Many threads may read at once."""

    def __init__(self, groups: Sequence[Group], plan: Plan) -> None:
        self.groups, self.plan = groups, plan

    @classmethod
    def of(cls, files: Sequence[Path], plan: Plan) -> Scan:
        return cls(tuple(group for file in files for group in _groups(file, plan.keys[0].name)), plan)

    def within(self, low: Any, high: Any) -> Scan:
        """What lies between two first keys, both included."""
        groups = (group for group in self.groups if group.meets(low, None))
        return Scan(tuple(group for group in groups if group.low is None or group.low <= high), self.plan)

    def cuts(self, size: int) -> list[Any]:
        """First keys that cut it into pieces of about `size` events."""
        across = _across(self.groups)
        found = [weight for group in self.groups for weight in self._weights(group, size, whole=group not in across)]
        cuts, waiting = dict[Any, None](), 0
        for key, weight in sorted(found, key=lambda one: one[0]):
            if waiting >= size and key not in cuts:
                cuts[key], waiting = None, 0
            waiting += weight
        return list(cuts)

    def meets(self, start: Any, end: Any) -> bool:
        """Whether there may be first keys in [start, end)."""
        return any(group.meets(start, end) for group in self.groups)

    def read(self, start: Any, end: Any) -> pa.Table:
        """The events of the row groups that may have first keys in [start, end): they may have others, too."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        wanted: dict[Path, list[int]] = {}
        for group in self.groups:
            if group.meets(start, end):
                wanted.setdefault(group.file, []).append(group.number)
        found = []
        for file, numbers in wanted.items():
            with pq.ParquetFile(file) as parquet:
                found.append(parquet.read_row_groups(numbers, columns=self._columns, use_threads=False))
        return pa.concat_tables(found)

    def pieces(self, size: int) -> Iterator[pa.Table]:
        """All events, those of about `size` at a time that have first keys beside each other."""
        import pyarrow.compute as pc

        cuts = self.cuts(size)
        for start, end in zip([None, *cuts], [*cuts, None], strict=True):
            if not self.meets(start, end):
                continue
            found, key = self.read(start, end), pc.field(self.plan.keys[0].name)
            if start is not None:
                found = found.filter(key >= start)
            yield found if end is None else found.filter(key < end)

    def _weights(self, group: Group, size: int, *, whole: bool) -> Iterator[tuple[Any, int]]:
        """Keys of a row group, and how many events each stands for."""
        if whole and group.rows <= size:
            yield group.low, group.rows
            return
        import pyarrow.parquet as pq

        with pq.ParquetFile(group.file) as parquet:
            keys = parquet.read_row_group(group.number, columns=[self.plan.keys[0].name], use_threads=False).column(0)
        step = max(1, size // SAMPLES)
        for key in keys[::step].to_pylist():
            yield key, step

    @property
    def _columns(self) -> list[str]:
        known = () if self.plan.immediate else (KNOWN,)
        return [*(key.name for key in self.plan.keys), TIME, *known, *(column.name for column in self.plan.stored)]


def _groups(file: Path, key: str) -> Iterator[Group]:
    import pyarrow.parquet as pq

    metadata = pq.read_metadata(file)
    place = next(i for i in range(metadata.num_columns) if metadata.schema.column(i).path == key)
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        found = group.column(place).statistics
        low, high = (found.min, found.max) if found is not None and found.has_min_max else (None, None)
        yield Group(file, number, group.num_rows, low, high)


def _across(groups: Sequence[Group]) -> set[Group]:
    """Those within which another one begins: where their events lie can't be told from where they begin."""
    found = {group for group in groups if group.low is None}
    known = sorted((group for group in groups if group.low is not None), key=lambda group: group.low)
    for group, after in pairwise(known):
        if group.low < after.low < group.high or group.low == after.low != group.high:
            found.add(group)
    return found
