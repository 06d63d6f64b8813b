"""How a flat JSON event is written: its members, their order, and the bytes around their values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.streams.decode.column import Column
from data.streams.decode.raw import Mask, Numbers
from data.streams.decode.spans import Spans, Spelled

MEMBER = re.compile(rb' *"([^"]*)" *: *(?:"([^"]*)"|([^",:{}\[\] ]+)) *([,}])')
"""A member of an object in which no text has an escape, and what follows it."""


@dataclass(frozen=True)
class Layout:
    """Events that differ in some members' values only. The other members are null."""

    literals: tuple[bytes, ...]
    """What stands before, between and after the values: one more than there are names."""
    names: tuple[str, ...]

    @cached_property
    def quotes(self) -> int:
        """Quotation marks of an event."""
        return sum(literal.count(b'"') for literal in self.literals)

    def found(self, events: Spelled, rows: Numbers) -> tuple[list[Spans], Mask]:
        """Where the values of such rows stand, and which of them are written so. They have as many quotation marks.

        A literal after the first is looked for at its first quotation mark, of which it is known how many come before.
        Where all literals are where they ought to be, they have all quotation marks, and the values have none.
        """
        starts = self._starts(events, rows)
        written = np.ones(len(rows), np.bool_)
        for literal, start in zip(self.literals, starts, strict=True):
            written &= events.has(literal, start)
        spans = []
        for literal, start, end in zip(self.literals[:-1], starts[:-1], starts[1:], strict=True):
            spans.append(Spans(start + len(literal), end))
            written &= spans[-1].starts <= end
        return spans, written

    def _starts(self, events: Spelled, rows: Numbers) -> list[Numbers]:
        starts, before = [events.offsets[rows]], events.first[rows] + self.literals[0].count(b'"')
        for literal in self.literals[1:-1]:
            starts.append(events.quote(before) - literal.index(b'"'))
            before = before + literal.count(b'"')
        return [*starts, events.offsets[rows + 1] - len(self.literals[-1])]


def layout_of(event: bytes, root: Column) -> Layout | None:
    """The layout of an event that has no escapes; None where the column does not say what each member must be."""
    literals, names, seen = list[bytes](), list[str](), set[str]()
    fields, at, edge, more = {child.name: child for child in root.children}, 1, 0, event[:1] == b"{"
    while more:
        found = MEMBER.match(event, at)
        column = fields.get(found[1].decode(errors="replace")) if found else None
        if found is None or column is None or column.name in seen or not _fits(column, found):
            return None
        if found[3] != b"null":
            literals.append(event[edge : found.start(2 if column.texts else 3)])
            names.append(column.name)
            edge = found.end(2 if column.texts else 3)
        seen.add(column.name)
        at, more = found.end(), found[4] == b","
    whole = at == len(event) and all(child.name in seen for child in root.children if child.required)
    return Layout((*literals, event[edge:]), tuple(names)) if names and whole else None


def _fits(column: Column, member: re.Match[bytes]) -> bool:
    return column.null if member[3] == b"null" else (member[2] is not None) == column.texts
