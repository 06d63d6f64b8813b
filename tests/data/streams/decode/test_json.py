"""What becomes of JSON events: rows in order, and a reason for each that is none."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from data.errors import Invalid, NotFound
from data.streams.batch import Batch
from data.streams.decode import Decoder, decoder_of
from data.streams.decode.append import AppendDecoder
from data.streams.decode.json import JsonReader
from data.streams.stream import Broker, Stream

Make = Callable[..., Decoder]
Messages = Callable[..., Batch]

PAYMENT: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["id", "amount", "at"],
    "properties": {
        "id": {"type": "string", "minLength": 1, "maxLength": 36},
        "amount": {"type": "number", "minimum": 0},
        "quantity": {"type": "integer"},
        "currency": {"enum": ["EUR", "USD"]},
        "at": {"type": "string", "format": "date-time"},
        "day": {"type": "string", "format": "date"},
        "paid": {"type": "boolean"},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
}
GOOD = {"id": "p1", "amount": 12.5, "at": "2026-05-01T12:00:00Z"}


def event(**changes: Any) -> bytes:
    return json.dumps({name: value for name, value in {**GOOD, **changes}.items() if value != "-"}).encode()


MALFORMED: dict[str, tuple[bytes | None, str, Sequence[str]]] = {
    "null": (None, "empty", ["no value"]),
    "no bytes": (b"", "empty", ["no value"]),
    "cut off": (event()[:-4], "undecodable", ["not JSON", "byte"]),
    "no JSON": (b"hello", "undecodable", ["not JSON", "'hello'"]),
    "not UTF-8": (b'{"id": "\xff"}', "undecodable", ["not JSON"]),
    "a lone surrogate": (b'{"id": "\\ud800"}', "undecodable", ["surrogate"]),
    "two documents": (event() + event(), "undecodable", ["not JSON"]),
    "a trailing comma": (event()[:-1] + b",}", "undecodable", ["trailing comma"]),
    "a comment": (event()[:-1] + b"/* */}", "undecodable", ["not JSON"]),
    "a byte order mark": (b"\xef\xbb\xbf" + event(), "undecodable", ["not JSON"]),
    "not a number": (b'{"id": "p", "amount": NaN, "at": "2026-05-01T12:00:00Z"}', "undecodable", ["not JSON"]),
    "beyond doubles": (b'{"id": "p", "amount": 1e400, "at": "2026-05-01T12:00:00Z"}', "undecodable", ["infinity"]),
    "a hundred thousand lists": (b"[" * 100_000 + b"]" * 100_000, "undecodable", ["depth", "…"]),
    "deep inside": (b'{"id": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "undecodable", ["depth"]),
    "a list": (b"[1]", "invalid", ["'event' is '[1]'", "object"]),
    "a field missing": (event(amount="-"), "invalid", ['"amount" is a required']),
    "text for a number": (event(amount="12.5"), "invalid", ["'amount' is '12.5'", "number"]),
    "a number for text": (event(id=5), "invalid", ["'id' is '5'", "string"]),
    "true for a number": (event(amount=True), "invalid", ["'amount' is 'true'", "number"]),
    "too little": (event(amount=-1), "invalid", ["'amount' is '-1'", "minimum of 0"]),
    "too long": (event(id="x" * 37), "invalid", ["'id' is 'xxx", "36"]),
    "none of the choices": (event(currency="GBP"), "invalid", ["'currency' is 'GBP'", '"EUR"']),
    "half an integer": (event(quantity=1.5), "invalid", ["'quantity' is '1.5'", "integer"]),
    "beyond 64 bits": (event(quantity=2**63), "invalid", ["'quantity'", "64 bits"]),
    "null where none may be": (event(quantity=None), "invalid", ["'quantity' is 'null'", "integer"]),
    "no such day": (event(day="2026-02-30"), "invalid", ["'day' is '2026-02-30'", "date"]),
    "no such time": (event(at="2026-05-01 noon"), "invalid", ["'at' is '2026-05-01 noon'", "date-time"]),
    "the year 0": (event(at="0000-05-01T00:00:00Z"), "invalid", ["'at' is '0000", "as in 2026"]),
    "the far future": (event(at="2026-06-01T00:00:00Z"), "future", ["'at' is 2026-06-01", "1 day"]),
    "too large": (event(note="x" * 2000), "too large", ["2,0", "1,000"]),
}


@pytest.fixture
def payments(decoder: Make) -> AppendDecoder:
    found = decoder(PAYMENT, time="at", max_bytes=1000)
    assert isinstance(found, AppendDecoder)
    found.clock = lambda: datetime(2026, 5, 2, tzinfo=UTC)
    found.stream = Stream(**{**vars(found.stream), "max_bytes": 1000})
    return found


@pytest.mark.parametrize("name", MALFORMED)
def test_every_malformed_event_is_rejected_with_its_reason(
    messages: Messages, payments: AppendDecoder, name: str
) -> None:
    value, kind, parts = MALFORMED[name]
    if value is not None and len(value) > 1000 and kind != "too large":
        payments.stream = Stream(**{**vars(payments.stream), "max_bytes": 1 << 20})
    found = payments.decode(messages([event(), value, event(id="p2")]))
    (reject,) = found.rejects
    assert (reject.index, reject.kind) == (1, kind)
    for part in parts:
        assert part in reject.reason
    assert len(reject.reason) < 400
    assert found.rows["id"].to_pylist() == ["p1", "p2"]
    assert found.indices is not None
    assert found.indices.tolist() == [0, 2]


def test_a_batch_of_all_of_them_loses_no_good_one(messages: Messages, payments: AppendDecoder) -> None:
    values: list[bytes | None] = []
    for number in range(400):
        values.append(event(id=f"p{number}"))
        values.append([value for value, _, _ in MALFORMED.values()][number % len(MALFORMED)])
    found = payments.decode(messages(values))
    assert found.rows["id"].to_pylist() == [f"p{number}" for number in range(400)]
    assert [reject.index for reject in found.rejects] == list(range(1, 800, 2))
    assert {reject.kind for reject in found.rejects} == {"empty", "undecodable", "invalid", "future", "too large"}


def test_a_batch_of_nothing_else(messages: Messages, payments: AppendDecoder) -> None:
    values = [value for value, _, _ in MALFORMED.values()]
    found = payments.decode(messages(values))
    assert found.rows.num_rows == 0
    assert found.rows.schema == payments.schema
    assert len(found.rejects) == len(values)
    assert payments.decode(messages([])).rows.num_rows == 0


def test_an_event_of_fifty_megabytes(messages: Messages, decoder: Make) -> None:
    found = decoder(PAYMENT, max_bytes=1 << 26).decode(messages([event(note="x" * 50_000_000), event(id="p2")]))
    assert found.rows["id"].to_pylist() == ["p1", "p2"]


def test_columns(decoder: Make) -> None:
    schema = decoder(PAYMENT).schema
    assert schema == pa.schema(
        [
            pa.field("id", pa.string(), False),
            pa.field("amount", pa.float64(), False),
            pa.field("quantity", pa.int64()),
            pa.field("currency", pa.string()),
            pa.field("at", pa.timestamp("us", "UTC"), False),
            pa.field("day", pa.date32()),
            pa.field("paid", pa.bool_()),
            pa.field("note", pa.string()),
        ]
    )


WIDE: dict[str, Any] = {
    "type": "object",
    "required": ["who"],
    "$defs": {"person": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}},
    "properties": {
        "who": {"$ref": "#/$defs/person"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "price": {"type": "string", "x-arrow": "decimal(6,2)"},
        "any": {"oneOf": [{"type": "integer"}, {"type": "string"}]},
        "map": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
}


def test_what_is_nested_and_what_has_no_one_type(messages: Messages, decoder: Make) -> None:
    value = {"who": {"name": "a", "x": 1}, "tags": ["b", "c"], "price": "12.50", "any": 3, "map": {"k": 1}, "more": 1}
    found = decoder(WIDE).decode(messages([json.dumps(value).encode(), b'{"who": {"name": "d"}, "price": "12.345"}']))
    assert found.rows.to_pylist() == [
        {"who": {"name": "a"}, "tags": ["b", "c"], "price": Decimal("12.50"), "any": "3", "map": '{"k":1}'}
    ]
    assert "'price' is '12.345', expected a decimal of 6 digits" in found.rejects[0].reason


def test_values(messages: Messages, decoder: Make) -> None:
    one = event(day="2026-05-01", paid=True, note=None, quantity=2.0, at="2026-05-01T14:00:00.123456789+02:00")
    (row,) = decoder(PAYMENT).decode(messages([one])).rows.to_pylist()
    assert row["at"] == datetime(2026, 5, 1, 12, 0, 0, 123456, UTC)
    assert (row["day"], row["paid"], row["note"], row["quantity"]) == (date(2026, 5, 1), True, None, 2)


def test_an_event_is_judged_alike_in_any_batch(messages: Messages, payments: AppendDecoder) -> None:
    values = [event(), *(value for value, _, _ in MALFORMED.values()), event(note=None), event(other={"a": [1]})]
    whole = payments.decode(messages(values))
    reasons = {reject.index: reject for reject in whole.rejects}
    for index, value in enumerate(values):
        alone = payments.decode(messages([value]))
        assert [r.reason for r in alone.rejects] == ([reasons[index].reason] if index in reasons else [])


def test_the_quick_reading_takes_ordinary_events(decoder: Make) -> None:
    """A reading that proves nothing would still be right, and slow."""
    reader = JsonReader(PAYMENT, "'p'")
    assert reader.quick is not None
    events = [
        event(),
        event(quantity=3),
        event(currency="EUR", paid=True),
        event(note="true story"),
        event(day="2026-05-01"),
    ]
    assert len(reader.quick.read(pa.array(events, pa.binary()))[1]) == len(events)


@pytest.mark.parametrize("required", [[], ["opt", "in"]])
def test_the_quick_reading_takes_explicit_nulls(required: list[str]) -> None:
    inner = {"type": ["object", "null"], "properties": {"a/~b'": {"type": ["number", "null"]}, "c": {"type": "string"}}}
    schema = {"type": "object", "required": required, "properties": {"opt": {"type": ["string", "null"]}, "in": inner}}
    reader = JsonReader(schema, "'p'")
    assert reader.quick is not None
    texts = [
        '{"opt":null,"in":{"a/~b\'":null,"c":"x"}}',
        '{"opt":"x","in":null}',
        '{"in":null,"opt":null}',
        '{"in":null}',
    ]
    texts += [
        '{"opt":null,"opt":"x","in":null}',
        '{"opt":"x","opt":null,"in":null}',
        '{"opt":null,"in":{"c":null}}',
        "{}",
    ]
    events = pa.array([text.encode() for text in texts], pa.binary())
    assert reader.quick.read(events)[1].tolist() == ([0, 1, 2] if required else [0, 1, 2, 3, 7])
    assert reader.read(events).rows["opt"].to_pylist()[:3] == [None, "x", None]


def test_a_column_in_doubt_is_read_with_care() -> None:
    reader = JsonReader(PAYMENT, "'p'")
    assert reader.quick is not None
    events = pa.array([event(id=str(number), amount=number % 2) for number in range(100)], pa.binary())
    assert len(reader.quick.read(events)[1]) == 0
    assert len(reader.quick.read(events)[1]) == 100


def test_time_ahead_is_of_the_stream(messages: Messages, decoder: Make) -> None:
    found = decoder(PAYMENT, time="at", ahead=timedelta(days=400_000))
    assert isinstance(found, AppendDecoder)
    found.clock = lambda: datetime(2026, 5, 2, tzinfo=UTC)
    assert found.decode(messages([event(at="2999-01-01T00:00:00Z")])).rows.num_rows == 1


@pytest.mark.parametrize(
    ("schema", "part"),
    [
        ({"type": "string"}, "object with properties"),
        ({"type": "object", "properties": {"a": {"type": "strin"}}}, "not a JSON Schema"),
        ({"type": "object", "properties": {"a": {"$ref": "file:///etc/passwd"}}}, "not a JSON Schema"),
        ({"type": "object", "properties": {"a": {"type": "string"}, "A": {"type": "string"}}}, "told apart"),
        ({"type": "object", "properties": {"a": {"type": "boolean", "x-arrow": "decimal(3,1)"}}}, "decimal"),
        ({"type": "object", "properties": {"a\n": {"type": "string"}}}, "property named"),
        ({"type": "object", "properties": ["a"]}, "not a JSON Schema"),
        ({"type": "object", "properties": {"a": {"type": "string", "pattern": "("}}}, "not a JSON Schema"),
        ({"properties": {"a": {"type": {}}}, "type": ["object", 5]}, "not a JSON Schema"),
        ([1], "not a JSON object"),
    ],
)
def test_schemas_that_make_no_columns(decoder: Make, schema: Any, part: str) -> None:
    with pytest.raises(Invalid, match=part) as raised:
        decoder(schema)
    assert "schema.json" in raised.value.message
    assert raised.value.remedy


def test_a_schema_that_is_not_there(tmp_path: Path, decoder: Make) -> None:
    stream = Stream("s", "t", "json", tmp_path / "none.json", "lake.t")
    with pytest.raises(NotFound, match="none"):
        decoder_of(stream, Broker("127.0.0.1:1"))
    with pytest.raises(Invalid, match="no schema registry"):
        decoder(None)
    with pytest.raises(Invalid, match="'when'"):
        decoder(PAYMENT, time="when")


def test_days_ahead(messages: Messages, decoder: Make) -> None:
    found = decoder(PAYMENT, time="day")
    assert isinstance(found, AppendDecoder)
    found.clock = lambda: datetime(2026, 5, 2, 12, tzinfo=UTC)
    decoded = found.decode(messages([event(day="2026-05-03"), event(day="2026-05-04"), event()]))
    assert decoded.rows["day"].to_pylist() == [date(2026, 5, 3), None]
    assert [(reject.index, reject.kind) for reject in decoded.rejects] == [(1, "future")]


@pytest.mark.parametrize("depth", [200, 500, 1000, 1100])
@pytest.mark.parametrize("field", ["id", "note", "more", "any"])
def test_deep_values_anywhere(messages: Messages, decoder: Make, field: str, depth: int) -> None:
    schema = {**PAYMENT, "properties": {**PAYMENT["properties"], "any": {}}}
    deep = event()[:-1] + f',"{field}":'.encode() + b"[" * depth + b"]" * depth + b"}"
    found = decoder(schema).decode(messages([event(), deep, event()]))
    lands = (field == "more" and depth < 1024) or (field == "any" and depth < 254)
    assert found.rows.num_rows == 2 + lands
    assert len(found.rejects) == 1 - lands


def test_a_part_of_a_larger_batch(messages: Messages, decoder: Make) -> None:
    values = [event(id=f"p{number}") if number % 3 else b"{" for number in range(30)]
    batch = messages(values)
    whole, batch.values = batch.values, batch.values[5:17]
    found = decoder(PAYMENT).decode(batch)
    assert found.rows["id"].to_pylist() == [f"p{number}" for number in range(5, 17) if number % 3]
    assert [reject.index + 5 for reject in found.rejects] == [6, 9, 12, 15]
    assert len(whole) == 30


def test_decimals_are_proven() -> None:
    kinds = {"text": "string", "number": "number"}
    fields = {name: {"type": type, "x-arrow": "decimal(9,2)"} for name, type in kinds.items()}
    reader = JsonReader({"type": "object", "properties": fields}, "'d'")
    assert reader.quick is not None
    rows, proven = reader.quick.read(pa.array([b'{"text":"12.50","number":7}', b'{"number":0.1}', b'{"text":1}']))
    assert proven.tolist() == [0, 1]
    assert rows["text"].to_pylist() == [Decimal("12.50"), None]
    assert rows["number"].to_pylist() == [Decimal("7.00"), Decimal("0.10")]
