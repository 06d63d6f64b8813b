"""JSON events to columns where many are written alike, as those of one program are.

What differs between such events is cut out and read, all of it at once and with nothing left to guess; what is written
otherwise is left to `data.streams.decode.quick`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from data.streams.decode import bare, limits
from data.streams.decode.column import Column, schema_of
from data.streams.decode.layout import Layout, layout_of
from data.streams.decode.leaf import Values
from data.streams.decode.raw import Mask, Numbers

LAYOUTS, SAMPLES = 8, 8
"""Layouts that are kept for the next batch, and events of a batch that are looked at for new ones."""
LITTLE, PAUSE = 0.5, 50
"""The share of a batch below which it is not worth while, and the batches that are then not tried."""


class Alike:
    """Reads events for one flat schema; one thread at a time."""

    def __init__(self, root: Column) -> None:
        self.root, self.schema = root, schema_of(root)
        self.layouts: list[Layout] = []
        self.pause = 0

    def read(self, events: pa.BinaryArray) -> tuple[pa.Table, Numbers]:
        """The rows of the events that are proven valid, and the events' indices. It never raises for an event."""
        if self.pause:
            self.pause -= 1
            return self.schema.empty_table(), np.empty(0, np.int64)
        left, parts = np.ones(len(events), np.bool_), list[tuple[pa.Table, Numbers, Layout]]()
        for layout in self._tried(events, left):
            table, proven = self._read(layout, events, np.flatnonzero(left))
            left[proven] = False
            if len(proven):
                parts.append((table, proven, layout))
        self.layouts = [layout for *_, layout in sorted(parts, key=lambda part: -len(part[1]))][:LAYOUTS]
        proven = np.concatenate([np.empty(0, np.int64), *(part[1] for part in parts)])
        self.pause = PAUSE if len(proven) < LITTLE * len(events) else 0
        return pa.concat_tables([self.schema.empty_table(), *(part[0] for part in parts)]), proven

    def _tried(self, events: pa.BinaryArray, left: Mask) -> Iterator[Layout]:
        """The layouts of the last batch, then those of events that are still left."""
        tried = set(self.layouts)
        yield from self.layouts
        for _ in range(SAMPLES):
            sample = int(left.argmax())
            if not left[sample]:
                return
            layout = layout_of(events[sample].as_py(), self.root)
            if layout is not None and layout not in tried:
                tried.add(layout)
                yield layout
            left[sample] = False  # Where it still is, nothing here proves it.

    def _read(self, layout: Layout, events: pa.BinaryArray, rows: Numbers) -> tuple[pa.Table, Numbers]:
        rows, there = layout.cut(events, rows)
        columns, doubt = list[pa.Array](), np.zeros(len(rows), np.bool_)
        for column in self.root.children:
            if column.name not in there:
                columns.append(pa.nulls(len(rows), column.type))
                continue
            values, unclear = _values(column, there[column.name])
            columns.append(values)
            doubt |= unclear
        table = pa.table(columns, schema=self.schema)
        return (table.filter(pa.array(~doubt)), rows[~doubt]) if doubt.any() else (table, rows)


def _values(column: Column, array: pa.Array) -> Values:
    values, doubt = (bare.TEXTS if column.texts else bare.READINGS)[column.kind](column, array)
    broken = limits.doubt(column, values)
    return values, doubt if broken is None else doubt | broken
