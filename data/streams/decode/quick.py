"""JSON events to columns at the speed of the engine's reader, as far as that proves them valid.

DuckDB reads JSON fast and leniently: numbers for texts and the other way round, trailing commas, NaN, the first of two
members of one name. What it read is taken only where it can't have been anything but what the schema wants; the rest
is left to `data.streams.decode.exact`, which has the last word.
"""

from __future__ import annotations

import json
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.streams.decode.column import Column
from data.streams.decode.leaf import reading
from data.streams.decode.proof import ITEM, Path, Proof
from data.streams.decode.raw import QUOTE, Mask, Numbers, Raw, mask, text

if TYPE_CHECKING:
    import duckdb

LOOSE = r",[ \t\r\n]*[}\]]"
"""A trailing comma, or a text that looks like one."""
CLOSINGS = (ord("}"), ord("]"))
RUNS = 32
"""So many runs of rows are copied to one."""
WARY = 100
"""Batches after a malformed event in which each event is looked at before it is read."""


class Quick:
    """Reads events for one schema; one thread at a time."""

    def __init__(self, root: Column) -> None:
        self.root = root
        self.flat = all(child.kind not in ("struct", "list") for child in root.children)
        self.careful: set[Path] = set()
        self.wary = 0

    @cached_property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """Opened once there is something to read: events that are written alike need none."""
        import duckdb

        connection = duckdb.connect(config={"threads": 1, "enable_external_access": False})
        # Planning takes longer than reading a small batch, and there is nothing to optimise.
        return connection.execute("PRAGMA disable_optimizer")

    def read(self, events: pa.BinaryArray) -> tuple[pa.Table, Numbers]:
        """The rows of the events that are proven valid, and the events' indices. It never raises for an event."""
        shaped = np.flatnonzero(self._shaped(events))
        if not len(shaped):
            return self._nothing(), shaped
        if len(shaped) < len(events):
            events = events.take(pa.array(shaped))
        struct = self._transformed(text(events))
        if struct is None:
            return self._nothing(), shaped[:0]
        proof = Proof(self.root, len(struct), set(self.careful))
        if struct.null_count:
            proof.doubt |= struct.is_null().to_numpy(zero_copy_only=False)
        table = proof.table(struct)
        proven = self._counted(events, proof)
        self.careful = proof.careful
        if len(proven) < len(struct):
            table = chosen(table, proven)
        return table, shaped[proven]

    def _nothing(self) -> pa.Table:
        return pa.schema([child.field for child in self.root.children]).empty_table()

    def _shaped(self, events: pa.BinaryArray) -> Mask:
        # Objects from the first byte to the last, and no comma before a closing bracket.
        raw = Raw(events)
        shaped = (raw.head() == ord("{")) & (raw.tail() == ord("}")) & (raw.lengths >= 2)
        before = raw.tail(2)
        loose = (before == ord(",")) | (before <= ord(" ")) if self.flat else _spaced(raw)
        if loose.any():
            places = np.flatnonzero(loose)
            found = pc.match_substring_regex(text(events.take(pa.array(places))), LOOSE)
            shaped[places[found.to_numpy(zero_copy_only=False)]] = False
        return np.asarray(shaped, np.bool_)

    def _transformed(self, events: pa.StringArray) -> pa.StructArray | None:
        # One malformed event fails the whole read; then each is looked at first, for a while.
        structure = json.dumps(structure_of(self.root, self.careful), ensure_ascii=False).replace("'", "''")
        read = f"json_transform(event, '{structure}')"
        if not self.wary:
            if (found := self._run(read, events)) is not None:
                return found
            self.wary = WARY
        self.wary -= 1
        return self._run(f"CASE WHEN json_valid(event) THEN {read} END", events)

    def _run(self, expression: str, events: pa.StringArray) -> pa.Array | None:
        import duckdb

        # Not unregistered, which would take as long again: the next batch takes its place.
        self.connection.register("chunk", pa.table({"event": events}))
        try:
            found = self.connection.execute(f"SELECT {expression} FROM chunk").to_arrow_table()
        except (duckdb.Error, UnicodeDecodeError):  # The message may end within a letter.
            return None
        return found.column(0).combine_chunks()

    def _counted(self, events: pa.BinaryArray, proof: Proof) -> Numbers:
        """The rows out of doubt with no quotation mark more than there must be."""
        clear = ~proof.doubt
        for owing in proof.owing.values():
            clear &= ~owing
        rows = np.flatnonzero(clear)
        found = Raw(events).count(QUOTE)
        if len(rows) < len(events):
            found -= Raw(events.take(pa.array(np.flatnonzero(~clear)))).count(QUOTE)
        # No row has fewer than it must have, so where the sums agree, each row does.
        if found == int(proof.quotes[rows].sum()) and not proof.owing:
            return rows
        more = Raw(events).counts(QUOTE) - proof.quotes
        clear &= more == 0
        clear[self._with_nulls(events, proof, more)] = True
        return np.flatnonzero(clear)

    def _with_nulls(self, events: pa.BinaryArray, proof: Proof, more: Numbers) -> Numbers:
        """The rows out of doubt whose further quotation marks are those of the names of explicit nulls."""
        places = np.flatnonzero(~proof.doubt & (more > 0) & (more <= 2 * len(proof.absent)))
        if not len(places):
            return places
        found = self._run(types_of(list(proof.absent)), text(events.take(pa.array(places))))
        if found is None:
            return places[:0]
        # A member of the same name before or after a value that was read is no null of its column.
        named = mask(pc.equal(found.flatten(), "NULL")).reshape(len(places), -1)
        named &= np.stack([there[places] for there in proof.absent.values()], axis=1)
        proven = more[places] == 2 * np.count_nonzero(named, axis=1)
        for column, path in enumerate(proof.absent):
            if path in proof.owing:
                proven &= named[:, column] | ~proof.owing[path][places]
        return np.asarray(places[proven], np.int64)


def chosen(table: pa.Table, places: Numbers) -> pa.Table:
    """The rows at the places, which are not copied where they are but a few runs."""
    breaks = np.flatnonzero(np.diff(places) != 1) + 1
    if len(breaks) >= RUNS:
        return table.take(pa.array(places))
    edges = [0, *breaks.tolist(), len(places)]
    return pa.concat_tables([table.slice(int(places[a]), b - a) for a, b in pairwise(edges) if a < b] or [table[:0]])


def types_of(paths: list[Path]) -> str:
    """The types of some members, of each the first of its name."""
    pointers = ["".join("/" + name.replace("~", "~0").replace("/", "~1") for name in path) for path in paths]
    return "json_type(event, [" + ", ".join("'" + pointer.replace("'", "''") + "'" for pointer in pointers) + "])"


def structure_of(column: Column, careful: set[Path], path: Path = ()) -> object:
    """The column as `json_transform` wants it described."""
    if column.kind == "struct":
        return {child.name: structure_of(child, careful, (*path, child.name)) for child in column.children}
    if column.kind == "list":
        return [structure_of(column.children[0], careful, (*path, ITEM))]
    return reading(column, path in careful)[0]


def _spaced(raw: Raw) -> Mask:
    # Events with a comma or a space somewhere before a closing bracket.
    closing = np.isin(raw.data[1:], CLOSINGS)
    before = raw.data[:-1]
    places = np.flatnonzero(closing & ((before == ord(",")) | (before <= ord(" ")))) + 1
    return np.diff(np.searchsorted(places, raw.offsets)) > 0
