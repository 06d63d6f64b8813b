"""A JSON Schema (draft 2020-12) as columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from data.errors import Invalid
from data.streams.decode.column import Column, Kind

TYPES: Mapping[str, Kind] = {"string": "string", "integer": "integer", "number": "number", "boolean": "boolean"}
FORMATS: Mapping[str, Kind] = {"date-time": "timestamp", "date": "date"}
DECIMAL = re.compile(r"decimal\(\s*(\d{1,2})\s*,\s*(\d{1,2})\s*\)")
DEEPEST = 16
"""Structs and lists within one another; what is deeper, and what refers to itself, becomes JSON text."""


class Shape:
    """Reads columns out of one schema document."""

    def __init__(self, document: Mapping[str, Any], name: str) -> None:
        self.document = document
        self.name = name
        self.unproven: set[str] = set()
        """Keywords that only a validator judges."""

    def root(self) -> Column:
        """The event as a struct; Invalid where the schema does not describe an object's fields."""
        root = self.column("event", self.document, required=True)
        if root.kind != "struct":
            raise Invalid(
                f"The schema {self.name} does not describe an object with properties.",
                'Give it "type": "object" and "properties": each property becomes a column.',
            )
        return root

    def column(self, name: str, schema: object, required: bool, depth: int = 0) -> Column:
        """The column that a sub-schema describes."""
        found = self.resolved(schema)
        inner, null = _without_null(found)
        if inner is None or depth > DEEPEST:
            return Column(name, "text", required, null=True)
        inner = self.resolved(inner)
        self.unproven |= {word for word in set(inner) - READ - ANNOTATIONS - LIMITS if not word.startswith("x-")}
        types = _types(inner)
        null = null or "null" in types
        kinds = [kind for kind in types if kind != "null"]
        if len(kinds) != 1 or any(word in inner for word in ("oneOf", "anyOf", "allOf", "not", "$ref")):
            return Column(name, "text", required, null=True)
        limits = {word: inner[word] for word in inner if word in LIMITS}
        return self._typed(Column(name, "text", required, null, limits), kinds[0], inner, depth)

    def _typed(self, column: Column, type: str, schema: Mapping[str, Any], depth: int) -> Column:
        if found := DECIMAL.fullmatch(str(schema.get("x-arrow", ""))):
            precision = int(found[1]), int(found[2])
            if type in ("string", "number", "integer") and precision[1] <= precision[0] <= 38 and precision[0]:
                return _as(column, "decimal", precision=precision, texts=type == "string")
            raise Invalid(
                f"The schema {self.name} says x-arrow {schema['x-arrow']!r} of '{column.name}', which is a {type}.",
                "A decimal is a string or a number, with at most 38 digits.",
            )
        if type == "object" and schema.get("properties"):
            return _as(column, "struct", children=self._fields(schema, depth))
        if type == "array" and isinstance(schema.get("items"), Mapping) and "prefixItems" not in schema:
            return _as(column, "list", children=(self.column("item", schema["items"], True, depth + 1),))
        if type == "string":
            return _as(column, FORMATS.get(str(schema.get("format")), "string"), texts=True)
        return _as(column, TYPES.get(type, "text"))

    def _fields(self, schema: Mapping[str, Any], depth: int) -> tuple[Column, ...]:
        required = schema.get("required", ())
        names = list(schema["properties"])
        self.unproven |= set(required) - set(names)
        if len({name.casefold() for name in names}) < len(names) or "" in names:
            raise Invalid(
                f"The schema {self.name} has properties that can't be told apart as columns: {', '.join(names)}.",
                "Give each a name, and names that differ by more than upper and lower case.",
            )
        if odd := [name for name in names if not name.isprintable()]:
            raise Invalid(f"The schema {self.name} has a property named {odd[0]!r}.", "Name it by letters and digits.")
        return tuple(self.column(name, sub, name in required, depth + 1) for name, sub in schema["properties"].items())

    def resolved(self, schema: object) -> Mapping[str, Any]:
        """The sub-schema, or what it refers to within the document; empty for what says nothing."""
        for _ in range(DEEPEST):
            if not isinstance(schema, Mapping):
                return {}
            if set(schema) - ANNOTATIONS != {"$ref"}:
                return schema
            schema = self._pointed(str(schema["$ref"]))
        return {}

    def _pointed(self, pointer: str) -> object:
        found: object = self.document
        if not pointer.startswith("#"):
            return None
        for part in pointer[1:].split("/")[1:]:
            part = part.replace("~1", "/").replace("~0", "~")
            found = found.get(part) if isinstance(found, Mapping) else None
        return found


ANNOTATIONS = frozenset(
    {"title", "description", "default", "examples", "$comment", "deprecated", "readOnly", "writeOnly"}
)
READ = frozenset(
    {"type", "properties", "required", "additionalProperties", "items", "$schema", "$id", "$defs", "definitions"}
)
LIMITS = frozenset(
    {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "enum", "const", "minLength", "maxLength", "pattern"}
    | {"format"}
)


def _as(column: Column, kind: Kind, **other: Any) -> Column:
    from dataclasses import replace

    return replace(column, kind=kind, **other)


def _without_null(schema: Mapping[str, Any]) -> tuple[Mapping[str, Any] | None, bool]:
    # anyOf or oneOf of null and one other is how many generators write "nullable".
    for word in ("anyOf", "oneOf"):
        if word in schema and set(schema) - ANNOTATIONS == {word}:
            others = [sub for sub in schema[word] if sub != {"type": "null"}]
            return (others[0] if len(others) == 1 else None), len(others) < len(schema[word])
    return schema, False


def _types(schema: Mapping[str, Any]) -> list[str]:
    if "type" in schema:
        return [schema["type"]] if isinstance(schema["type"], str) else list(schema["type"])
    if "properties" in schema:
        return ["object", "null"]
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    if values and all(isinstance(value, str) for value in values):
        return ["string"]
    return []
