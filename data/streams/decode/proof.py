"""What a lenient reading of a batch proves: typed columns, rows in doubt, quotation marks that must be there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.streams.decode import leaf, limits
from data.streams.decode.column import Column
from data.streams.decode.raw import Mask, Numbers, mask

Path = tuple[str, ...]
"""The names that lead to a column."""
ITEM = "[]"
"""Stands for a list's items in a path."""
OFTEN = 0.02
"""The share of a batch in doubt from which a column is read with care."""


@dataclass(frozen=True)
class Place:
    """Elements of a column: the row that each is of, None for one a row, and which of them are there to judge."""

    rows: Numbers | None
    live: Mask | None
    size: int

    def of(self, found: Mask) -> Numbers:
        """The rows of the marked elements."""
        places = np.flatnonzero(found if self.live is None else found & self.live)
        return places if self.rows is None else self.rows[places]


class Proof:
    """Walks a batch's columns once.

    `quotes` is, for each row out of doubt, the least number of quotation marks that its event has: two for the name of
    every value that is there, two more for a text. An event with exactly as many has no other member, no member
    twice, no explicit null, no escaped quotation mark, and no text where a number was read.
    """

    def __init__(self, root: Column, rows: int, careful: set[Path]) -> None:
        self.root = root
        self.careful = careful
        self.doubt: Mask = np.zeros(rows, np.bool_)
        self.quotes: Numbers = np.zeros(rows, np.int64)
        self.absent: dict[Path, Mask] = {}
        """The columns outside lists that may be null, and where they are null or missing."""
        self.owing: dict[Path, Mask] = {}
        """Those among them that may not be missing."""

    def table(self, struct: pa.StructArray) -> pa.Table:
        """The rows' columns, of the schema's types."""
        columns = self._fields(self.root, struct, Place(None, None, len(struct)), ())
        fields = [child.field for child in self.root.children]
        return pa.table(columns, schema=pa.schema(fields))

    def _fields(self, column: Column, struct: pa.StructArray, place: Place, path: Path) -> list[pa.Array]:
        found = []
        for child, array in zip(column.children, struct.flatten(), strict=True):
            absent = mask(array.is_null()) if array.null_count else None
            if absent is not None:
                self._absent(child, absent, place, (*path, child.name))
            self._expect(place, absent, 4 if child.texts else 2)
            found.append(self._values(child, array, place, absent, (*path, child.name)))
        return found

    def _absent(self, column: Column, absent: Mask, place: Place, path: Path) -> None:
        if column.null and place.rows is None:
            here = absent if place.live is None else absent & place.live
            self.absent[path] = here
            if column.required:
                self.owing[path] = here
        elif column.required:
            self._doubt(place, absent)

    def _values(self, column: Column, array: pa.Array, place: Place, absent: Mask | None, path: Path) -> pa.Array:
        here = Place(place.rows, None if absent is None else ~absent, place.size)
        if column.kind == "struct":
            return self._struct(column, array, here, path)
        if column.kind == "list":
            return self._list(column, array, here, path)
        values, unclear = leaf.reading(column, path in self.careful)[1](column, array)
        if unclear.any():
            self._doubt(here, unclear)
            if column.kind in leaf.CAREFUL and here.of(unclear).size > OFTEN * len(array):
                self.careful.add(path)
        if (broken := limits.doubt(column, values)) is not None:
            self._doubt(here, broken)
        return values

    def _struct(self, column: Column, array: pa.StructArray, here: Place, path: Path) -> pa.Array:
        # Whatever is no object is read as one with no fields.
        empty = np.ones(len(array), np.bool_)
        for child in array.flatten():
            empty &= mask(child.is_null())
        self._doubt(here, empty)
        columns = self._fields(column, array, here, path)
        return pa.StructArray.from_arrays(columns, fields=list(column.type), mask=array.is_null())

    def _list(self, column: Column, array: pa.ListArray, here: Place, path: Path) -> pa.Array:
        item = column.children[0]
        values = array.values[array.offsets[0].as_py() : array.offsets[-1].as_py()]
        parents = pc.list_parent_indices(array).to_numpy()
        inside = Place(parents if here.rows is None else here.rows[parents], None, len(values))
        absent = mask(values.is_null()) if values.null_count else None
        if absent is not None:
            self._doubt(inside, absent)
        if item.texts:
            self._expect(inside, absent, 2)
        values = self._values(item, values, inside, absent, (*path, ITEM))
        offsets = pc.subtract(array.offsets, array.offsets[0])
        return pa.ListArray.from_arrays(offsets, values, column.type, mask=array.is_null())

    def _doubt(self, place: Place, found: Mask) -> None:
        self.doubt[place.of(found)] = True

    def _expect(self, place: Place, absent: Mask | None, quotes: int) -> None:
        if place.rows is None and absent is None and place.live is None:
            self.quotes += quotes
        elif place.rows is None and absent is not None:
            self.quotes += np.where(absent, 0, quotes)  # What is not live is absent too.
        else:
            there = np.ones(place.size, np.bool_) if absent is None else ~absent
            np.add.at(self.quotes, place.of(there), quotes)
