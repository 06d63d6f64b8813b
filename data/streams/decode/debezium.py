"""Changes of another database, in Debezium's envelope: the row before and after, what was done, and its log's place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from data.errors import Invalid
from data.streams.batch import DELETED, ORDER, Decoded, Reject
from data.streams.decode.column import Column, schema_of
from data.streams.decode.fit import Misfit
from data.streams.decode.quote import quote
from data.streams.decode.reader import Documents, Reader, Row, one_by_one

AFTER, BEFORE = ("c", "r", "u"), ("d",)
"""Operations that say the row after them (created, read in a snapshot, updated), and the one that says it before."""


class DebeziumReader(Reader):
    """Rows of the changed table with `_deleted` and `_order`.

    The schema of the documents is the envelope's, as a registry has it, or the row's, as a person declares it. A
    deletion needs only the row's key. `_order` is the place in the database's log (`source.lsn`) or, where that is not
    said, the time in milliseconds (`ts_ms`).
    """

    def __init__(self, documents: Documents, key: tuple[str, ...], name: str) -> None:
        self.documents = documents
        self.key = key
        fields = {child.name: child for child in documents.root.children}
        self.enveloped = "op" in fields and "after" in fields
        self.root = replace(fields["after"], name="event") if self.enveloped else documents.root
        if self.root.kind != "struct":
            raise Invalid(
                f"The schema {name} has no record in 'after'.", "It describes Debezium's envelope or the row."
            )
        self.schema = schema_of(keyed(self.root, key, name)).append(pa.field(DELETED, pa.bool_(), False))
        self.schema = self.schema.append(pa.field(ORDER, pa.int64()))

    def read(self, events: pa.BinaryArray) -> Decoded:
        return one_by_one(events, self._row, self.schema)

    def _row(self, event: bytes) -> Row | Reject:
        value = self.documents.load(event)
        if isinstance(value, Mapping) and "payload" in value and "op" not in value:
            value = value["payload"]
        if isinstance(value, Reject):
            return value
        if not isinstance(value, Mapping) or "op" not in value:
            return Reject(0, "invalid", f"The event is not Debezium's envelope, which has an 'op': {quote(event)}.")
        if value["op"] not in AFTER + BEFORE:
            why = "the table was emptied, which is not followed" if value["op"] == "t" else "expected c, r, u or d"
            return Reject(0, "invalid", f"'op' is {quote(value['op'])}: {why}.")
        try:
            return self._changed(value)
        except Misfit as error:
            return Reject(0, "invalid", str(error))

    def _changed(self, value: Mapping[str, Any]) -> Row | Reject:
        deleted = value["op"] in BEFORE
        row = self._before(value.get("before")) if deleted else self._after(value)
        if isinstance(row, Reject):
            return row
        return {**row, DELETED: deleted, ORDER: _order(value)}

    def _after(self, value: Mapping[str, Any]) -> Row | Reject:
        if not self.enveloped:
            if value.get("after") is None:
                raise Misfit("after", None, "the row")
            return self.documents.judged(value["after"])
        whole = self.documents.judged(value)
        if isinstance(whole, Reject):
            return whole
        row: Row = self.documents.fitted(replace(self.root, null=False), value.get("after"), "after")
        return row

    def _before(self, before: Any) -> Row:
        if not isinstance(before, Mapping):
            raise Misfit("before", before, "the deleted row, or its key at least")
        fields = {child.name: child for child in self.root.children}
        wanted = {name: replace(fields[name], null=False) for name in self.key}
        return {name: self.documents.fitted(c, before.get(name), f"before.{name}") for name, c in wanted.items()}


def keyed(root: Column, key: tuple[str, ...], name: str) -> Column:
    """The row of a table with a key: only the key's columns may not be null, a deletion says no others."""
    names = {child.name for child in root.children}
    if missing := [column for column in key if column not in names] or ([] if key else ["?"]):
        raise Invalid(f"The key column '{missing[0]}' is not in the schema {name}.", "Name columns that it has.")
    return replace(
        root, children=tuple(replace(c, required=c.name in key, null=c.name not in key) for c in root.children)
    )


def _order(value: Mapping[str, Any]) -> int | None:
    source = value.get("source")
    lsn = source.get("lsn") if isinstance(source, Mapping) else None
    for place in (lsn, value.get("ts_ms"), source.get("ts_ms") if isinstance(source, Mapping) else None):
        if place.__class__ is int and -(2**63) <= place < 2**63:
            return int(place)
    return None
