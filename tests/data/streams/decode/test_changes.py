"""Rows that replace and delete by their key: plain events with tombstones, and Debezium's envelope."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from data.errors import Invalid
from data.streams.batch import Batch
from data.streams.decode import Decoder
from data.streams.stream import Broker

Make = Callable[..., Decoder]
Messages = Callable[..., Batch]
ROW: dict[str, Any] = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string"}, "n": {"type": "integer"}, "v": {"type": ["string", "null"]}},
}
PAIR = {**ROW, "required": ["id", "n"]}


def lines(*values: Any) -> list[bytes | None]:
    return [None if value is None else json.dumps(value).encode() for value in values]


def test_upserts_and_tombstones_in_order(decoder: Make, messages: Messages) -> None:
    reading = decoder(ROW, mode="upsert", key=("id",), order="n")
    keys = [b"-", b'"a"', b"-", b"b", b'{"id": "c"}']
    found = reading.decode(messages(lines({"id": "a", "n": 3}, None, {"id": 1}, None, None), keys))
    columns = ["id", "n", "v", "_deleted", "_order"]
    assert found.rows.schema == reading.schema
    assert [tuple(row[name] for name in columns) for row in found.rows.to_pylist()] == [
        ("a", 3, None, False, 3),
        ("a", None, None, True, None),
        ("b", None, None, True, None),
        ("c", None, None, True, None),
    ]
    assert found.indices is not None
    assert found.indices.tolist() == [0, 1, 3, 4]
    assert [(reject.index, reject.kind) for reject in found.rejects] == [(2, "invalid")]
    assert reading.schema.field("_order").type == pa.int64()
    assert [field.name for field in reading.schema if not field.nullable] == ["id", "_deleted"]


@pytest.mark.parametrize(
    "key", [None, b"", b"5", b'{"id": "a"}', b'{"id": "a", "n": null}', b'{"id": "a", "n": "x"}', b"\xff"]
)
def test_keys_that_name_no_row(decoder: Make, messages: Messages, key: bytes | None) -> None:
    found = decoder(PAIR, mode="upsert", key=("id", "n")).decode(messages([None], [key]))
    assert found.rows.num_rows == 0
    assert found.rejects[0].kind == "invalid"
    assert "key" in found.rejects[0].reason


@pytest.mark.parametrize(
    ("key", "expected"), [(b"a b", "a b"), (b'"5"', "5"), (b"5", "5"), (b'{"schema": {}, "payload": {"id": "x"}}', "x")]
)
def test_keys_of_one_column(decoder: Make, messages: Messages, key: bytes, expected: str) -> None:
    found = decoder(ROW, mode="upsert", key=("id",)).decode(messages([None], [key]))
    assert found.rows["id"].to_pylist() == [expected]


def test_rows_without_their_key(decoder: Make, messages: Messages) -> None:
    found = decoder({**ROW, "required": []}, mode="upsert", key=("id",)).decode(
        messages(lines({"n": 1}, {"id": "a"}, {"n": "x"}, {}), [b""] * 4)
    )
    assert found.rows["id"].to_pylist() == ["a"]
    assert [reject.index for reject in found.rejects] == [0, 2, 3]
    assert "null or missing" in found.rejects[0].reason


def change(op: str, before: Any, after: Any, **more: Any) -> dict[str, Any]:
    return {"op": op, "before": before, "after": after, "ts_ms": 1000, "source": {"lsn": 7}, **more}


def test_debeziums_envelope(decoder: Make, messages: Messages) -> None:
    reading = decoder(ROW, mode="cdc", key=("id",))
    found = reading.decode(
        messages(
            lines(
                change("c", None, {"id": "a", "n": 1}),
                {"schema": {}, "payload": change("u", {"id": "a"}, {"id": "a", "n": 2}, source={})},
                change("r", None, {"id": "b"}, source={"ts_ms": 5}, ts_ms=None),
                change("d", {"id": "a", "n": None}, None),
                None,
            )
        )
    )
    assert not found.rejects
    assert found.rows.to_pylist() == [
        {"id": "a", "n": 1, "v": None, "_deleted": False, "_order": 7},
        {"id": "a", "n": 2, "v": None, "_deleted": False, "_order": 1000},
        {"id": "b", "n": None, "v": None, "_deleted": False, "_order": 5},
        {"id": "a", "n": None, "v": None, "_deleted": True, "_order": 7},
    ]
    assert found.rows.schema == reading.schema


@pytest.mark.parametrize(
    ("value", "part"),
    [
        (change("t", None, None), "emptied"),
        (change("m", None, None), "expected c, r, u or d"),
        (change("c", None, None), "'after' is 'null'"),
        (change("c", None, {"id": 5}), "'id' is '5'"),
        (change("d", None, None), "'before' is 'null'"),
        (change("d", {"n": 1}, None), "'before.id'"),
        ({"id": "a"}, "'op'"),
        ([1], "'op'"),
        (change(["c"], None, None), "op"),  # type: ignore[arg-type]
    ],
)
def test_changes_that_say_no_row(decoder: Make, messages: Messages, value: Any, part: str) -> None:
    found = decoder(ROW, mode="cdc", key=("id",)).decode(messages(lines(value)))
    assert found.rows.num_rows == 0
    assert (found.rejects[0].index, found.rejects[0].kind) == (0, "invalid")
    assert part in found.rejects[0].reason


def test_debeziums_envelope_in_avro(decoder: Make, messages: Messages, known: Any) -> None:
    import io

    import fastavro

    row = {
        "type": "record",
        "name": "Value",
        "fields": [{"name": "id", "type": "long"}, {"name": "v", "type": ["null", "string"], "default": None}],
    }
    source = {
        "type": "record",
        "name": "Source",
        "fields": [{"name": "lsn", "type": ["null", "long"], "default": None}],
    }
    envelope = {
        "type": "record",
        "name": "Envelope",
        "fields": [
            {"name": "before", "type": ["null", row], "default": None},
            {"name": "after", "type": ["null", "Value"], "default": None},
            {"name": "source", "type": source},
            {"name": "op", "type": "string"},
            {"name": "ts_ms", "type": ["null", "long"], "default": None},
        ],
    }
    known.add(1, envelope)
    values = []
    for value in (change("c", None, {"id": 1, "v": "x"}), change("d", {"id": 1, "v": None}, None)):
        out = io.BytesIO()
        fastavro.schemaless_writer(out, fastavro.parse_schema(envelope), value)
        values.append(struct.pack(">bI", 0, 1) + out.getvalue())
    reading = decoder(None, Broker("x", registry=known.url), format="avro", mode="cdc", key=("id",))
    found = reading.decode(messages(values))
    assert not found.rejects
    assert found.rows.to_pylist() == [
        {"id": 1, "v": "x", "_deleted": False, "_order": 7},
        {"id": 1, "v": None, "_deleted": True, "_order": 7},
    ]


@pytest.mark.parametrize("mode", ["upsert", "cdc"])
def test_a_key_that_the_schema_lacks(decoder: Make, mode: str) -> None:
    for key in (("other",), ()):
        with pytest.raises(Invalid, match="key column"):
            decoder(ROW, mode=mode, key=key)


def test_keys_that_a_registrys_serializer_wrote(decoder: Make, messages: Messages, known: Any) -> None:
    import io

    import fastavro

    row = {"type": "record", "name": "R", "fields": [{"name": "id", "type": "long"}, {"name": "v", "type": "string"}]}
    record = {"type": "record", "name": "K", "fields": [{"name": "id", "type": "long"}]}
    schemas = {2: (record, {"id": 5}), 3: ("long", 6), 4: ("string", "x"), 5: (["null", "long"], None)}
    keys = [struct.pack(">bI", 0, 9) + b"x", b"\0", struct.pack(">bI", 0, 3)]
    for id, (schema, value) in schemas.items():
        known.add(id, schema, subject="t-key")
        out = io.BytesIO()
        fastavro.schemaless_writer(out, fastavro.parse_schema(schema), value)
        keys.append(struct.pack(">bI", 0, id) + out.getvalue())
    known.add(1, row)
    known.add(6, {"type": "integer"}, "JSON", "t-key")
    keys.append(struct.pack(">bI", 0, 6) + b"7")
    reading = decoder(None, Broker("x", registry=known.url), format="avro", mode="upsert", key=("id",))
    found = reading.decode(messages([None] * len(keys), keys))
    assert found.rows.select(["id", "v", "_deleted"]).to_pylist() == [
        {"id": id, "v": None, "_deleted": True} for id in (5, 6, 7)
    ]
    assert [reject.index for reject in found.rejects] == [0, 1, 2, 5, 6]
    plain = decoder(ROW, mode="upsert", key=("id",)).decode(messages([None], [keys[3]]))
    assert "no schema registry" in plain.rejects[0].reason


@pytest.mark.parametrize("mode", ["append", "upsert", "cdc"])
@pytest.mark.parametrize("values", [[], [None], [b""], [None, b"", b"x" * 2000]])
def test_batches_with_nothing_to_read(
    decoder: Make, messages: Messages, known: Any, mode: str, values: list[bytes | None]
) -> None:
    known.add(1, ROW, "JSON")
    for broker, schema in ((None, ROW), (Broker("x", registry=known.url), None)):
        reading = decoder(schema, broker, mode=mode, key=("id",), max_bytes=1000)
        found = reading.decode(messages(values, [b"k"] * len(values)))
        assert found.rows.schema == reading.schema
        gone = values.count(None) if mode == "upsert" else 0
        ignored = values.count(None) if mode == "cdc" else 0
        assert found.rows.num_rows == gone
        assert len(found.rejects) == len(values) - gone - ignored
