"""Avro events: by the registry's schemas and by a file's, old and new versions side by side, and hostile bytes."""

from __future__ import annotations

import io
import json
import struct
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import fastavro
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import Invalid, NotFound, Unavailable
from data.streams.batch import Batch
from data.streams.decode import Decoder
from data.streams.decode.avro import AvroReader
from data.streams.decode.framed import FramedReader
from data.streams.decode.registry import Registry, UnknownSchema
from data.streams.stream import Broker

Make = Callable[..., Decoder]
Messages = Callable[..., Batch]
V1: dict[str, Any] = {
    "type": "record",
    "name": "Payment",
    "namespace": "org.pay",
    "fields": [
        {"name": "id", "type": "string"},
        {"name": "amount", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
    ],
}


def grown(*fields: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**V1, "fields": [*V1["fields"], *fields], **changes}


NOTE = {"name": "note", "type": ["null", "string"], "default": None}


def plain(schema: Any, value: Any) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema), value)
    return out.getvalue()


def framed(id: int, payload: bytes) -> bytes:
    return struct.pack(">bI", 0, id) + payload


def paid(id: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "amount": Decimal("12.50"), **more}


def test_logical_types(decoder: Make, messages: Messages) -> None:
    logical = {
        "millis": {"type": "long", "logicalType": "timestamp-millis"},
        "micros": {"type": "long", "logicalType": "timestamp-micros"},
        "day": {"type": "int", "logicalType": "date"},
        "uuid": {"type": "string", "logicalType": "uuid"},
        "kind": {"type": "enum", "name": "Kind", "symbols": ["A", "B"]},
        "again": ["null", "Kind"],
        "list": {
            "type": "array",
            "items": {"type": "record", "name": "Item", "fields": [{"name": "n", "type": "int"}]},
        },
        "map": {"type": "map", "values": "long"},
        "either": ["string", "long"],
        "ratio": "float",
        "raw": "bytes",
    }
    schema = {"type": "record", "name": "R", "fields": [{"name": n, "type": t} for n, t in logical.items()]}
    at, name = datetime(2026, 5, 1, 12, tzinfo=UTC), uuid.uuid4()
    value = {
        "millis": at,
        "micros": at.replace(microsecond=1),
        "day": date(2026, 5, 1),
        "uuid": name,
        "kind": "B",
        "again": None,
        "list": [{"n": 1}],
        "map": {"k": 2},
        "either": 3,
        "ratio": 0.5,
        "raw": b"\xff",
    }
    found = decoder(schema, format="avro").decode(messages([plain(schema, value)]))
    assert not found.rejects
    expected = {**value, "uuid": str(name), "map": '{"k":2}', "either": "3"}
    assert found.rows.to_pylist() == [expected]
    types = {field.name: field.type for field in found.rows.schema}
    assert types["millis"] == types["micros"] == pa.timestamp("us", "UTC")
    assert (types["day"], types["ratio"], types["raw"]) == (pa.date32(), pa.float64(), pa.binary())


def test_old_and_new_schemas_side_by_side(decoder: Make, messages: Messages, known: Any) -> None:
    known.add(1, V1)
    reading = decoder(None, Broker("x", registry=known.url), format="avro")
    assert reading.schema.names == ["id", "amount"]
    v2 = grown(NOTE)
    known.add(2, v2)
    values = [
        framed(1, plain(V1, paid("a"))),
        framed(2, plain(v2, paid("b", note="n"))),
        framed(1, plain(V1, paid("c"))),
    ]
    found = reading.decode(messages(values))
    assert found.rows.select(["id", "note"]).to_pylist() == [
        {"id": "a", "note": None},
        {"id": "b", "note": "n"},
        {"id": "c", "note": None},
    ]
    assert reading.schema == found.rows.schema
    assert reading.schema.field("note").nullable
    reading.decode(messages(values))
    assert known.asked == ["/subjects/t-value/versions/latest", "/schemas/ids/2"]


def test_a_default_fills_what_older_events_lack(decoder: Make, messages: Messages, known: Any) -> None:
    v2 = grown({"name": "currency", "type": "string", "default": "EUR"})
    known.add(1, V1)
    known.add(2, v2)
    reading = decoder(None, Broker("x", registry=known.url), format="avro")
    found = reading.decode(messages([framed(1, plain(V1, paid("a"))), framed(2, plain(v2, paid("b", currency="USD")))]))
    assert found.rows["currency"].to_pylist() == ["EUR", "USD"]


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({**V1, "fields": [V1["fields"][0], {"name": "amount", "type": "string"}]}, "amount"),
        ({**V1, "fields": [V1["fields"][0]]}, "amount"),
    ],
)
def test_other_changes_are_a_mismatch(
    decoder: Make, messages: Messages, known: Any, changed: dict[str, Any], part: str
) -> None:
    known.add(1, V1)
    reading = decoder(None, Broker("x", registry=known.url), format="avro")
    known.add(3, changed)
    value = {"id": "x", "amount": "1"} if len(changed["fields"]) > 1 else {"id": "x"}
    found = reading.decode(messages([framed(3, plain(changed, value)), framed(1, plain(V1, paid("a")))]))
    (reject,) = found.rejects
    assert (reject.index, reject.kind) == (0, "mismatch")
    assert part in reject.reason
    assert found.rows["id"].to_pylist() == ["a"]


def test_bad_frames_and_bytes(decoder: Make, messages: Messages, known: Any) -> None:
    known.add(1, V1)
    reading = decoder(None, Broker("x", registry=known.url), format="avro")
    good = plain(V1, paid("a"))
    values = [b"{}", b"\0\0\0", framed(7, good), framed(1, good[:-1]), framed(1, good + b"x"), framed(1, b"\xff" * 12)]
    found = reading.decode(messages([*values, framed(1, good)]))
    kinds = [reject.kind for reject in found.rejects]
    assert kinds == ["undecodable", "undecodable", "unknown schema", "undecodable", "undecodable", "undecodable"]
    assert "id 7" in found.rejects[2].reason
    assert found.rows.num_rows == 1


def test_json_events_of_a_registry(decoder: Make, messages: Messages, known: Any) -> None:
    one = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
    two = {**one, "properties": {**one["properties"], "n": {"type": "integer"}}}
    bad = {"type": "object", "properties": {"id": {"type": "integer"}}}
    known.add(1, one, "JSON")
    reading = decoder(None, Broker("x", registry=known.url))
    known.add(2, two, "JSON")
    known.add(3, bad, "JSON")
    known.add(4, V1)
    values = [framed(1, b'{"id":"a"}'), framed(2, b'{"id":"b","n":1}'), framed(3, b'{"id":1}'), framed(2, b'{"id":1}')]
    found = reading.decode(messages([*values, framed(4, plain(V1, paid("a")))]))
    assert found.rows.to_pylist() == [{"id": "a", "n": None}, {"id": "b", "n": 1}]
    assert [(reject.index, reject.kind) for reject in found.rejects] == [
        (2, "mismatch"),
        (3, "invalid"),
        (4, "mismatch"),
    ]
    assert "string to int64" in found.rejects[0].reason


def test_a_registry_that_is_down_rejects_nothing(decoder: Make, messages: Messages, known: Any) -> None:
    known.add(1, V1)
    reading = decoder(None, Broker("x", registry=known.url), format="avro")
    reader = reading.reader  # type: ignore[attr-defined]
    assert isinstance(reader, FramedReader)
    reader.registry.pause = lambda seconds: None
    known.failures = [500] * 4
    with pytest.raises(Unavailable, match="answers 500") as raised:
        reading.decode(messages([framed(9, b"x")]))
    assert raised.value.remedy
    known.failures = [503, 429]
    assert reading.decode(messages([framed(9, b"x")])).rejects[0].kind == "unknown schema"


def test_the_registrys_client(known: Any) -> None:
    known.add(5, V1)
    known.auth = "Basic dTpw"
    pauses: list[float] = []
    now = [0.0]
    registry = Registry(known.url, "u:p", pauses.append, lambda: now[0])
    assert registry.schema(5).type == "AVRO"
    assert registry.latest("t-value").id == 5
    with pytest.raises(NotFound, match="'other-value'"):
        registry.latest("other-value")
    for moment, asked in ((0.0, 1), (1.0, 1), (31.0, 2)):
        now[0] = moment
        with pytest.raises(UnknownSchema):
            registry.schema(6)
        assert known.asked.count("/schemas/ids/6") == asked
    assert not pauses
    registry.close()
    with pytest.raises(Unavailable, match="refuses us") as raised:
        Registry(known.url, "u:secret", pauses.append).latest("t-value")
    assert "secret" not in str(raised.value)
    with pytest.raises(Unavailable, match="does not answer"):
        Registry("http://user:hidden@127.0.0.1:1", None, pauses.append).latest("t-value")
    assert len(pauses) == 3
    with pytest.raises(Invalid, match="ftp"):
        Registry("ftp://x")


@pytest.mark.parametrize(
    "type",
    [
        {"type": "array", "items": "null"},
        {"type": "array", "items": {"type": "record", "name": "E", "fields": []}},
        {"type": "array", "items": {"type": "fixed", "name": "F", "size": 0}},
        ["null", "R"],
    ],
)
def test_schemas_that_let_few_bytes_become_endless(type: Any) -> None:
    with pytest.raises(Invalid):
        AvroReader(json.dumps({"type": "record", "name": "R", "fields": [{"name": "a", "type": type}]}), "'x'")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_no_bytes_break_it(event: bytes) -> None:
    schema = grown(
        NOTE,
        {"name": "l", "type": {"type": "array", "items": "long"}},
        {"name": "m", "type": {"type": "map", "values": "bytes"}},
    )
    reader = AvroReader(json.dumps(schema), "'x'")
    found = reader.read(pa.array([event, event], pa.binary()))
    assert found.rows.num_rows + len(found.rejects) == 2
    for row in found.rows.to_pylist():
        row["m"] = {name: value.encode("latin-1") for name, value in json.loads(row["m"]).items()}
        assert reader.row(plain(schema, row)) == reader.row(event)


@pytest.mark.parametrize(
    "schema",
    [
        *([], {}, "string", {"type": "array", "items": "long"}, {"type": "record", "name": "R"}),
        {"type": "record", "name": "R", "fields": [{"name": "a", "type": "strin"}]},
        {"type": "record", "name": "R", "fields": [{"name": "a", "type": "long"}, {"name": "A", "type": "long"}]},
        {
            "type": "record",
            "name": "R",
            "fields": [{"name": "a", "type": {"type": "bytes", "logicalType": "decimal", "precision": "x"}}],
        },
    ],
)
def test_schemas_that_make_no_columns(schema: Any) -> None:
    with pytest.raises(Invalid, match="'x'"):
        AvroReader(json.dumps(schema), "'x'")
