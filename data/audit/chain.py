"""The chain: each record's hash is made of its place, the hash before it and its text."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from data.audit.record import shown
from data.errors import Invalid

START = "0" * 64
"""What the first record's hash follows."""


@dataclass(frozen=True)
class Head:
    """A place in the chain with its hash. Written down elsewhere, it is an anchor: all before it is fixed."""

    seq: int = 0
    hash: str = START

    @classmethod
    def parse(cls, text: str) -> Head:
        """The head that `SEQ:HASH` says; Invalid otherwise."""
        found = re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", text.strip().lower())
        if found is None:
            raise Invalid(f"'{text}' is no anchor.", "Give it as SEQ:HASH, as `lakewright audit verify` printed it.")
        return cls(int(found[1]), found[2])


@dataclass(frozen=True)
class Row:
    """A record as it is kept: its place, hash and text, and the readable columns of the table, if it is
    there."""

    seq: Any
    hash: Any
    text: Any
    columns: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """Whether the chain is whole, how many records were checked, and otherwise where it breaks first.

    `seq` and `hash` are the last record that is sound: kept elsewhere, they anchor a later check.
    """

    ok: bool
    records: int
    problem: str = ""
    seq: int = 0
    hash: str = START


def digest(seq: int, last: str, text: str) -> str:
    """The hash of a record."""
    return hashlib.sha256(f"{seq}\n{last}\n{text}".encode()).hexdigest()


def follow(rows: Iterable[Row], head: Head, anchor: Head | None = None) -> Verdict:
    """Check the rows from the first to the head, and that the anchor is one of them."""
    last = Head()
    anchored = anchor is None or anchor == last
    for row in rows:
        problem = _problem(row, last)
        if problem:
            return _broken(last, problem)
        last = Head(row.seq, row.hash)
        if anchor is not None and anchor.seq == last.seq:
            if anchor != last:
                return _broken(last, f"Record {last.seq} is another one than the anchor's: the chain was made anew.")
            anchored = True
    if head != last:
        return _broken(last, f"The trail ends at record {last.seq}, but its head is record {head.seq} ({head.hash}).")
    if anchor is not None and not anchored:
        return _broken(last, f"The trail ends at record {last.seq}, before the anchor's record {anchor.seq}.")
    return Verdict(True, last.seq, "", last.seq, last.hash)


def _broken(last: Head, problem: str) -> Verdict:
    return Verdict(False, last.seq, problem, last.seq, last.hash)


def _problem(row: Row, last: Head) -> str:
    expected = last.seq + 1
    if row.seq != expected:
        return f"Record {expected} is missing or out of its place."
    if row.hash != digest(expected, last.hash, str(row.text)):
        return f"Record {expected} ('{_id(row)}') was changed."
    changed = _edited(row)
    return f"The column '{changed}' of record {expected} ('{_id(row)}') was changed." if changed else ""


def _edited(row: Row) -> str:
    """The first readable column that differs from the hashed text; "" where none does."""
    if not row.columns:
        return ""
    said = shown(row.text)
    # What the text does not have is from a later version of the table, and nobody may have put it there.
    return next((name for name, value in row.columns.items() if value != said.get(name)), "") or next(
        (name for name in said if name not in row.columns), ""
    )


def _id(row: Row) -> str:
    try:
        return str(json.loads(row.text)["id"])
    except (ValueError, TypeError, KeyError):
        return "?"
