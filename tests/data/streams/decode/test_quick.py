"""What the quick reading lands, the exact one lands too, with the same values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from itertools import combinations, product
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.streams.decode.alike import Alike
from data.streams.decode.json import JsonReader
from data.streams.decode.quick import Quick

TEXT: dict[str, Any] = {"type": "string"}
FLAT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": TEXT,
        "n": {"type": "integer", "minimum": -5, "maximum": 2**40},
        "x": {"type": ["number", "null"], "exclusiveMinimum": -1.5},
        "ok": {"type": "boolean"},
        "at": {"type": "string", "format": "date-time"},
        "fee": {"type": "string", "x-arrow": "decimal(6,2)"},
        "sum": {"type": "number", "x-arrow": "decimal(20,3)"},
        "day": {"type": ["string", "null"], "format": "date"},
        "kind": {"enum": ["a", "b", "true", None], "type": ["string", "null"]},
        "code": {"type": "string", "maxLength": 4, "minLength": 1, "pattern": "^[A-Z0-9]*$"},
    },
    "required": ["id", "n", "kind"],
}
NESTED: dict[str, Any] = {
    "type": "object",
    "properties": {
        "a": {"type": ["object", "null"], "properties": {"b": TEXT, "c": {"type": ["number", "null"]}}},
        "r": {"type": "object", "properties": {"b": TEXT}, "required": ["b"], "additionalProperties": False},
        "l": {"type": "array", "items": TEXT},
        "m": {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
        "s": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"b": {"type": "boolean"}, "l": {"type": "array", "items": {"type": "number"}}},
            },
        },
    },
    "required": ["l"],
}
CLOSED = {**FLAT, "additionalProperties": False, "required": []}

WORDS = [
    "",
    "a",
    "b",
    "true",
    "false",
    "null",
    "nan",
    "NaN",
    "Infinity",
    "-inf",
    "1",
    "12.5",
    "1e5",
    "-",
    "[1]",
    "{}",
    "é",
]
DAYS = ["2026-05-01", "2026-13-01", "2026-02-30", "0000-01-01", "0001-01-01", " 2026-05-01", "2026-5-1", "epoch"]
TIMES = """
    2026-05-01T12:00:00Z 2026-05-01T12:00:00.123456789Z 2026-05-01t12:00:00z 2026-05-01T12:00Z 2026-05-01T12:00:00
    2026-05-01T12:00:00+02:00 2026-05-01T12:00:00.5-23:59 2026-05-01T12:00:00+0200 2026-05-01T24:00:00Z
    0001-01-01T00:00:00+01:00 0000-12-31T23:00:00Z 3000-05-01T12:00:00.123456789Z 9999-12-31T23:59:59-01:00
    1969-12-31T23:59:59.999999999Z 2016-12-31T23:59:60Z 2026-02-30T12:00:00Z 2026-05-01T12:00:00+24:00
    1500-01-01T00:00:00.0000001Z 2026-05-01T12:00:00.Z 2026-05-01T12:00:00,5Z 2026-05-01T12:00:00.5+02
    2026-05-01T12+02:00 2026-05-01T12:00:00.1234567890Z 2026-05-01T1:00:00.00Z +026-05-01T12:00:00Z
    2026-05-01T12:00:00.123Z+02:00
"""
AMOUNTS = [
    "12.500",
    "12.345",
    "1234.5",
    "12345",
    "-0.1",
    "+5",
    "5.",
    ".5",
    "1_0",
    "٣",
    "0" * 61,
    "1.2.3",
    "--5",
    "0005",
    "1E2",
    "12-3",
]
OTHERS = [
    "2026-05-01 12:00:00Z",
    "2026-05-01T12:00:00 Z",
    '"',
    "\\",
    'x":null',
    ',"n":1',
    "\0",
    "AB12",
    "ABCDE",
    "😀😀😀😀",
]
BRACKETS = ["a,}", "}", ",]", "line\n", "x" * 40]
TEXTS = [json.dumps(text, ensure_ascii=False) for text in [*WORDS, *DAYS, *TIMES.split(), *AMOUNTS, *OTHERS, *BRACKETS]]
INTEGERS = [0, 1, -1, 12, 2**40, 2**40 + 1, 2**53, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**64, 10**30]
DOUBLES = [0.0, -0.0, 1.0, 12.0, 12.5, -1.5, 1e22, 1e300, 5e-324, 0.1, 1e5]
ODD = """
    1e400 -1e400 NaN nan -Infinity inf 1E5 1e5 -0 1.0e1 0.1e1 01 +1 1. .5 0x1 1_0 True [,] [1,] true false null [] {}
"""
ESCAPED = ["ud800", "ud83d\\ude00", "u0061", "u0022", "/", "x", "u0000", "", "n"]
SCALARS = [
    *TEXTS,
    *map(repr, INTEGERS),
    *map(repr, DOUBLES),
    *ODD.split(),
    *(f'"\\{text}"' for text in ESCAPED),
    '"a\tb"',
    "'a'",
    '"a',
]
KEYS = st.sampled_from([*FLAT["properties"], *NESTED["properties"], "b", "c", "other", "ID", "\\u0069d", ""])
SPACES = st.sampled_from(["", "", "", "", " ", "\n", "\t", "\f", "\u00a0"])


def texts(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Objects and lists of values, as somebody might write them."""
    member = st.builds(lambda k, s, v: f'"{k}"{s}:{s}{v}', KEYS, SPACES, values)
    commas = st.sampled_from([",", ",", ",", ", "])
    ends = st.sampled_from(["", "", "", "", "", ",", ", "])
    lists = st.builds(lambda m, c, e: f"[{c.join(m)}{e}]", st.lists(values, max_size=3), commas, ends)
    objects = st.builds(
        lambda m, c, e, s: f"{{{s}{c.join(m)}{e}{s}}}", st.lists(member, max_size=5), commas, ends, SPACES
    )
    return lists | objects


VALUES = st.recursive(st.sampled_from(SCALARS), texts, max_leaves=5)


@st.composite
def events(draw: st.DrawFn, good: Mapping[str, Any]) -> bytes:
    """A good event with a member or two replaced, added, doubled or left out; now and then any text or bytes at all."""
    members = {name: json.dumps(value, ensure_ascii=False) for name, value in good.items()}
    pairs = list(draw(st.permutations(list(members.items()))))
    for _ in range(draw(st.integers(0, 3))):
        change = draw(st.sampled_from(["replace", "replace", "swap", "drop", "add", "double"]))
        at = draw(st.integers(0, max(len(pairs) - 1, 0)))
        if change in ("add", "double") or not pairs:
            pairs.insert(at, (draw(KEYS) if change == "add" or not pairs else pairs[at][0], draw(VALUES)))
        elif change == "drop":
            del pairs[at]
        elif change == "swap":
            other = draw(st.integers(0, len(pairs) - 1))
            pairs[at], pairs[other] = (pairs[at][0], pairs[other][1]), (pairs[other][0], pairs[at][1])
        else:
            pairs[at] = (pairs[at][0], draw(VALUES))
    colon, comma = draw(st.sampled_from([(":", ","), (": ", ", "), (" :", " ,")]))
    end = draw(st.sampled_from(["}", "}", "}", "}", ",}", " }", ", }", "}\n", "}}", "]"]))
    event = ("{" + comma.join(f'"{name}"{colon}{value}' for name, value in pairs) + end).encode("utf-8", "replace")
    if draw(st.integers(0, 9)) == 0 and event:
        at = draw(st.integers(0, len(event) - 1))
        event = event[:at] + draw(st.binary(max_size=2)) + event[at + draw(st.integers(0, 2)) :]
    return event


GOOD_FLAT = {
    "fee": "2.50",
    "sum": 12.5,
    "id": "x1",
    "n": 7,
    "x": 2.5,
    "ok": True,
    "at": "2026-05-01T12:00:00.5Z",
    "day": "2026-05-01",
    "kind": "a",
    "code": "AB",
}
GOOD_NESTED = {
    "a": {"b": "x", "c": 2.5},
    "r": {"b": "y"},
    "l": ["p", "q"],
    "m": [[7], []],
    "s": [{"b": True, "l": [2.5]}, {"b": False}],
}


INSIDE = [("a", "b"), ("a", "c"), ("l", "[]"), ("s", "[]", "l", "[]")]


@lru_cache
def reader_of(schema: str) -> JsonReader:
    return JsonReader(json.loads(schema), "'test'")


def proof(reader: JsonReader, reading: Alike | Quick, values: pa.BinaryArray) -> int:
    """How many events a reading proves: the exact one has the same rows for them."""
    rows, proven = reading.read(values)
    exact = reader.exact.read(values.take(pa.array(proven)))
    assert not exact.rejects
    rows.validate(full=True)
    # By their texts, as NaN is not itself and -0.0 is 0.0.
    for row, other, index in zip(rows.to_pylist(), exact.rows.to_pylist(), proven, strict=True):
        assert repr(row) == repr(other), values[int(index)]
    return len(proven)


def agree(schema: Mapping[str, Any], batch: list[bytes], careful: bool) -> int:
    reader = reader_of(json.dumps(schema))
    assert reader.quick is not None
    reader.quick.careful, reader.quick.wary = set(), 0
    if careful:
        reader.quick.careful |= {(name,) for name in schema["properties"]} | set(INSIDE)
    values = pa.array(batch, pa.binary())
    proven = proof(reader, reader.quick, values)
    if reader.alike is not None:
        reader.alike.layouts, reader.alike.pause = [], 0
        proof(reader, reader.alike, values)
        reader.alike.pause = 0
    whole = reader.read(values)
    assert whole.rows.schema == reader.schema
    indices = range(len(batch)) if whole.indices is None else whole.indices.tolist()
    assert sorted([*indices, *(reject.index for reject in whole.rejects)]) == list(range(len(batch)))
    alone = [reader.read(values[i : i + 1]) for i in range(min(len(batch), 4))]
    assert [i for i, one in enumerate(alone) if one.rows.num_rows] == [i for i in indices if i < 4]
    return proven


@settings(max_examples=80, deadline=None)
@given(st.data(), st.booleans())
@pytest.mark.parametrize(
    ("schema", "good"),
    [(FLAT, GOOD_FLAT), (CLOSED, GOOD_FLAT), (NESTED, GOOD_NESTED)],
    ids=["flat", "closed", "nested"],
)
def test_both_readings_judge_alike(
    schema: dict[str, Any], good: dict[str, Any], data: st.DataObject, careful: bool
) -> None:
    agree(
        schema,
        data.draw(
            st.lists(events(good) | VALUES.map(lambda text: text.encode("utf-8", "replace")), min_size=1, max_size=30)
        ),
        careful,
    )


def written(members: Mapping[str, str]) -> bytes:
    return ("{" + ",".join(f'"{name}":{value}' for name, value in members.items()) + "}").encode()


TRICKY = ["true", "false", "null", "1", "0", "2.5", '"1"', '"true"', '"a"', "NaN", "[]", "{}", '["a"]', '"x\\"y"', None]
INNER = ['{"b":1}', '{"b":"x"}', '["1"]', "[1]", "[[1]]", '[["1"]]', '[{"b":true}]', '[{"b":"x"}]', "[null]", "[{}]"]


@pytest.mark.parametrize("careful", [False, True])
@pytest.mark.parametrize(("schema", "good"), [(FLAT, GOOD_FLAT), (CLOSED, GOOD_FLAT), (NESTED, GOOD_NESTED)])
def test_every_odd_value_in_every_field(schema: dict[str, Any], good: dict[str, Any], careful: bool) -> None:
    """One field changed by each value, and two fields by each two: what one lacks in quotation marks, another has."""
    members = {name: json.dumps(value) for name, value in good.items()}
    odd = [*TRICKY, *INNER] if schema is NESTED else TRICKY
    batch = [written({**members, name: value}) for name in good for value in SCALARS]
    for one, other in combinations(good, 2):
        for values in product(odd, odd):
            changed = {**members, one: values[0], other: values[1]}
            batch.append(written({name: value for name, value in changed.items() if value is not None}))
    assert 20 < agree(schema, batch, careful) < len(batch)
    for start in range(0, len(batch), 197):
        agree(schema, batch[start : start + 3], careful)


PLAIN = st.text(st.characters(exclude_characters='"\\', exclude_categories=("Cc", "Cs")), max_size=40)
VARIED: dict[str, st.SearchStrategy[str]] = {
    "id": PLAIN.map('"{}"'.format),
    "n": st.integers(-3, 2**40).map(str) | st.sampled_from(["007", "-", "0x1", "1.0", "-0", "+1", "1 2", "null"]),
    "x": st.floats(-1, 1e9).map(repr)
    | st.sampled_from(["-0", "0", "1.", ".5", "01.5", "1-2", "1.2.3", "1e999", "NaN"]),
    "ok": st.sampled_from(["true", "false", "True", "1", "null"]),
    "at": st.datetimes().map(lambda at: f'"{at.isoformat()}Z"') | st.sampled_from(TIMES.split()).map('"{}"'.format),
    "sum": st.integers(-999, 999).map(lambda cents: str(cents / 100)) | st.sampled_from(["00.5", "5.", "1.2345"]),
    "kind": st.sampled_from(['"a"', '"b"', '"c"', "null"]),
    "code": st.text("AB1", max_size=6).map('"{}"'.format),
}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.fixed_dictionaries(VARIED), min_size=1, max_size=20),
    st.sampled_from(
        ['{{"id":{id},"n":{n},"kind":{kind}}}', '{{"n": {n}, "kind": {kind}, "code": {code}, "id": {id}}}']
    ),
    st.sampled_from([*VARIED]),
    st.data(),
)
def test_what_is_written_alike_is_judged_alike(
    members: list[dict[str, str]], shape: str, added: str, data: st.DataObject
) -> None:
    """One layout or two, in which the values are of any length, and may be anything."""
    other = f'{{{{"{added}":{{{added}}},"id":{{id}},"n":{{n}},"kind":{{kind}}}}}}'
    shapes = data.draw(st.lists(st.sampled_from([shape, other]), min_size=len(members), max_size=len(members)))
    batch = [form.format(**each).encode() for form, each in zip(shapes, members, strict=True)]
    agree(FLAT, batch, False)


@pytest.mark.parametrize("number", [1, 40])
def test_events_that_are_written_alike_are_all_proven(number: int) -> None:
    names = ["", "é", "Ada", "x" * 11, "y" * 12, "z" * 13, "long " * 9]
    shapes = ['{{"id":"{id}","n":{n},"kind":"a"}}', '{{"n": {n}, "x": null, "id": "{id}", "kind": null}}']
    batch = [shape.format(id=name, n=n - 2).encode() for n in range(number) for name in names for shape in shapes]
    reader = reader_of(json.dumps(FLAT))
    assert reader.alike is not None
    reader.alike.layouts, reader.alike.pause = [], 0
    values = pa.array([b"{}", *batch], pa.binary())[1:]
    assert proof(reader, reader.alike, values) == len(batch)
    assert len(reader.alike.layouts) == len(shapes)
    assert proof(reader, reader.alike, values[5:]) == len(batch) - 5
