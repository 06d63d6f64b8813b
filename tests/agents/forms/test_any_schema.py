"""Any JSON Schema: what comes out meets it, or what is missing is listed."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest

from agents.forms.desk import Desk
from agents.forms.document import judge
from agents.forms.flatten import fields_of
from agents.forms.form import Form
from agents.forms.forms import Forms
from agents.forms.hints import Hints
from agents.forms.reading import check
from agents.forms.record import unfilled
from data.gateway import Gateway
from tests.agents.forms.conftest import AS_OF

SCHEMAS = 150
NAMES = (
    "name", "city", "email", "phone", "opened", "owner", "sales", "amount", "id", "note", "kind", "country", "status",
    "a/b", "c~d", "", "größe", "$ref", "count of sales", "date",
)  # fmt: skip
LEAVES: tuple[dict[str, Any] | bool, ...] = (
    {"type": "string"}, {"type": "string", "format": "email"}, {"type": "string", "format": "date"},
    {"type": "string", "pattern": "^[A-Z]{2}$"}, {"type": "string", "maxLength": 3}, {"type": "string", "minLength": 9},
    {"enum": ["Oslo", "Rome", 3, None]}, {"const": "fixed"}, {"type": "integer"}, {"type": "integer", "minimum": 5},
    {"type": "number", "maximum": 1}, {"type": ["number", "null"]}, {"type": "boolean"}, {"type": "null"}, True, {},
    {"type": "array", "items": {"type": "string"}}, {"type": "array", "minItems": 2}, {"$ref": "#/$defs/thing"},
    {"type": "array", "title": "Sales", "maxItems": 2, "items": {"properties": {"amount": {"type": "number"}}}},
    {"type": "array", "title": "Last 2 sales", "minItems": 9,
     "items": {"type": "object", "required": ["sold_at"], "properties": {"sold_at": {"format": "date"}, "x/y": {}}}},
    {"type": "array", "title": "Owners", "items": {"type": "object", "properties": {"name": {"maxLength": 3}}}},
    {"not": {}}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}, {"$ref": "#"},
)  # fmt: skip


def schema_of(random: random.Random, depth: int = 0) -> Any:
    """A random schema of an object."""
    names = random.sample(NAMES, random.randint(1, 6))
    properties = {
        name: schema_of(random, depth + 1) if depth < 2 and random.random() < 0.25 else random.choice(LEAVES)
        for name in names
    }
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if random.random() < 0.6:
        schema["required"] = random.sample(names, random.randint(1, len(names)))
    if random.random() < 0.3:
        schema["additionalProperties"] = False
    if random.random() < 0.2:
        schema["minProperties"] = random.randint(1, 4)
    if random.random() < 0.2:
        schema["dependentRequired"] = {names[0]: ["other"]}
    if random.random() < 0.3:
        schema["if"] = {"required": [names[0]]}
        schema["then"] = {"properties": {"extra": random.choice(LEAVES)}, "required": ["extra"]}
        schema["else"] = {"properties": {"less": random.choice(LEAVES)}}
    if random.random() < 0.2:
        schema["oneOf"] = [{"required": [names[0]]}, {"properties": {"either": random.choice(LEAVES)}}]
    if depth == 0:
        schema["$defs"] = {"thing": random.choice(({"type": "string", "title": "City"}, {"type": "object"}))}
    return schema


@pytest.fixture
def desk(open_forms: Callable[..., Forms], gateway: Gateway) -> Desk:
    return open_forms().desk(gateway.policy.principal("owner"))


def test_what_comes_out_is_valid_or_what_is_missing_is_listed(desk: Desk) -> None:
    complete = 0
    for seed in range(SCHEMAS):
        schema = schema_of(random.Random(seed))
        check(schema, "random")
        form = Form(f"random {seed}", 0, "", "", fields_of(schema, Hints(), "random"), schema, Hints())
        plan, filler = desk.plan(form, "shop.stores"), desk.filler(form)
        values = filler.values(plan, desk.fetch("shop.stores", [1], plan, AS_OF)[1])
        document, verdict = filler.document(values)
        valid = jsonschema_rs.validator_for(schema, validate_formats=True).is_valid(document)
        assert valid == verdict.is_valid
        assert valid or unfilled(form, values, verdict) or verdict.others, schema
        assert all(one.source is not None for one in values.values() if one.status == "filled")
        complete += valid
    assert complete > SCHEMAS / 10


def test_an_unmet_choice_lists_the_fields_of_its_nearest_branch(desk: Desk) -> None:
    properties = {name: {"type": "string", "title": f"Zz {name}"} for name in ("p", "q", "r")}
    nested = {"anyOf": [{"required": ["r"]}, {"not": {}}]}
    schema = {"type": "object", "properties": properties, "oneOf": [{"required": ["p", "q"]}, nested, {"type": "null"}]}
    form = Form("choice", 0, "", "", fields_of(schema, Hints(), "choice"), schema, Hints())
    assert judge(form, {}).mending == ("r",)
    assert judge(form, {"r": "x"}).mending == ()
