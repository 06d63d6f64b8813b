"""Schemas of strangers: read within bounds, or refused with what is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agents.forms.field import steps
from agents.forms.flatten import MOST_FIELDS, fields_of
from agents.forms.hints import FieldHint, Hints, read_hints
from agents.forms.reading import MOST_BYTES, check, read_schema
from data.errors import Invalid


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


def wide(count: int) -> dict[str, Any]:
    return {"type": "object", "properties": {f"p{i}": {"type": "string"} for i in range(count)}}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "no JSON"),
        ("[1]", "no JSON object"),
        ("[" * 100_000, "nested"),
        (" " * (MOST_BYTES + 1), "bytes"),
        (json.dumps(nested(60)), "nested"),
        (json.dumps({"type": "strin"}), "not a JSON Schema"),
        (json.dumps({"$ref": "https://example.com/form.json"}), "example.com"),
        (json.dumps({"properties": {"a": {"$ref": "file:///etc/passwd"}}}), "passwd"),
        (json.dumps({"properties": {"a": {"$ref": "#/$defs/nowhere"}}}), "nowhere"),
        (json.dumps({"pattern": "((a{1,1000}){1,1000}){1,1000}"}), "regex"),
        (json.dumps({"pattern": "a" * 10_000}), "pattern"),
        (json.dumps({"x": [[]] * 150_000}), "parts"),
    ],
)
def test_what_is_hostile_is_refused(text: str, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        read_schema(text, "form.json")


def test_a_reference_to_itself_is_refused() -> None:
    loop = {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}
    check(loop, "loop")
    with pytest.raises(Invalid, match="leads to itself"):
        fields_of(loop, Hints(), "loop")


def test_too_many_fields_are_refused() -> None:
    with pytest.raises(Invalid, match="1,000"):
        fields_of(wide(10_000), Hints(), "wide")
    assert len(fields_of(wide(MOST_FIELDS), Hints(), "wide")) == MOST_FIELDS


def test_what_multiplies_is_taken_apart_less_deeply() -> None:
    definitions = {
        f"d{i}": {"type": "object", "properties": {k: {"$ref": f"#/$defs/d{i + 1}"} for k in "abcdefgh"}}
        for i in range(15)
    }
    schema = {"$ref": "#/$defs/d0", "$defs": {**definitions, "d15": {"type": "string"}}}
    found = fields_of(schema, Hints(), "wide")
    assert 8 <= len(found) <= MOST_FIELDS
    assert {field.kind for field in found} == {"object"}


def test_fields_of_objects_conditions_and_alternatives() -> None:
    schema = {
        "type": "object",
        "required": ["kind", "owner"],
        "properties": {
            "kind": {"enum": ["person", "company"]},
            "owner": {
                "title": "Owner",
                "type": "object",
                "required": ["a/b"],
                "properties": {"a/b": {"type": "string"}, "child": {"$ref": "#"}},
            },
            "tags": {"type": "array", "items": {"type": "string"}},
            "plan": {"oneOf": [{"const": "free"}, {"const": "paid"}]},
            "age": {"type": ["integer", "null"]},
            "form": {"const": "A1"},
        },
        "allOf": [{"properties": {"note": {"type": "string", "description": "Anything else"}}}],
        "if": {"properties": {"kind": {"const": "company"}}},
        "then": {"properties": {"tax_id": {"type": "string"}}, "required": ["tax_id"]},
    }
    found = {field.path: field for field in fields_of(schema, Hints(), "form")}
    assert found["owner/a~1b"].required
    assert found["owner/a~1b"].sections == ("Owner",)
    assert steps("owner/a~1b") == ("owner", "a/b")
    assert found["kind"].options == ("person", "company")
    assert found["plan"].options == ("free", "paid")
    assert found["age"].kind == "integer"
    assert (found["tags"].kind, found["tags"].items) == ("array", "string")
    assert found["form"].fixed
    assert found["note"].description == "Anything else"
    assert found["tax_id"].condition == "if kind is company"
    assert not found["tax_id"].required
    again = [field for path, field in found.items() if path.endswith("owner/child")]
    assert [field.kind for field in again] == ["object"]


def test_a_form_may_be_one_value() -> None:
    [field] = fields_of({"type": "integer"}, Hints(), "form")
    assert (field.path, field.kind) == ("", "integer")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("fields: {a: {colunm: x}}", "colunm"),
        ("fields: {a: {column: x, person: true}}", "one source"),
        ("fields: {a: {ratio: [b]}}", "two fields"),
        ("- 1", "hints.yaml"),
        ("a: [", "no YAML"),
    ],
)
def test_wrong_hints_are_refused(text: str, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        read_hints(text, "hints.yaml")


def test_hints_name_fields_that_there_are() -> None:
    with pytest.raises(Invalid, match="no field 'b'"):
        fields_of(wide(1), Hints(fields={"p0": FieldHint(sum=("b",))}), "form")
