"""How a flat JSON event is written: its members, their order, and the bytes around their values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from data.streams.decode.column import Column
from data.streams.decode.cut import cut
from data.streams.decode.raw import Numbers

ESCAPED = re.compile(rb"[\\\x00-\x1f]")
MEMBER = re.compile(rb' *"([^"]*)" *: *(?:"([^"]*)"|([^",:{}\[\] ]+)) *([,}])')
"""A member of an object in which no text has an escape, and what follows it."""


@dataclass(frozen=True)
class Layout:
    """Events that differ in some members' values only. The other members are null."""

    literals: tuple[bytes, ...]
    """What stands before, between and after the values: one more than there are names."""
    names: tuple[str, ...]
    quoted: tuple[bool, ...]
    """Whether each value stands in quotation marks, which belong to the literals."""

    def cut(self, events: pa.BinaryArray, rows: Numbers) -> tuple[Numbers, Mapping[str, pa.StringArray]]:
        """Those of the rows that are written so, and each member's values of theirs."""
        found, values = cut(events, rows, self.literals, np.array(self.quoted))
        return found, {name: values.texts(number) for number, name in enumerate(self.names)}


def layout_of(event: bytes, root: Column) -> Layout | None:
    """The layout of an event that has no escapes; None where the column does not say what each member must be."""
    literals, names, quoted, seen = list[bytes](), list[str](), list[bool](), set[str]()
    if ESCAPED.search(event):
        return None
    fields, at, edge, more = {child.name: child for child in root.children}, 1, 0, event[:1] == b"{"
    while more:
        found = MEMBER.match(event, at)
        column = fields.get(found[1].decode(errors="replace")) if found else None
        if found is None or column is None or column.name in seen or not _fits(column, found):
            return None
        if found[3] != b"null":
            literals.append(event[edge : found.start(2 if column.texts else 3)])
            names.append(column.name)
            quoted.append(column.texts)
            edge = found.end(2 if column.texts else 3)
        seen.add(column.name)
        at, more = found.end(), found[4] == b","
    whole = at == len(event) and all(child.name in seen for child in root.children if child.required)
    return Layout((*literals, event[edge:]), tuple(names), tuple(quoted)) if names and whole else None


def _fits(column: Column, member: re.Match[bytes]) -> bool:
    return column.null if member[3] == b"null" else (member[2] is not None) == column.texts
