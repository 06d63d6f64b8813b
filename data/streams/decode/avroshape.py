"""An Avro schema as columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from data.errors import Invalid
from data.streams.decode.column import Column, Kind

PLAIN: Mapping[str, Kind] = {
    "string": "string",
    "int": "integer",
    "long": "integer",
    "float": "number",
    "double": "number",
    "boolean": "boolean",
    "bytes": "binary",
    "fixed": "binary",
    "enum": "string",
}
LOGICAL: Mapping[str, Kind] = {
    "timestamp-millis": "timestamp",
    "timestamp-micros": "timestamp",
    "date": "date",
    "uuid": "string",
    "time-millis": "text",
    "time-micros": "text",
    "local-timestamp-millis": "text",
    "local-timestamp-micros": "text",
}


def columns_of(document: Any, name: str) -> Column:
    """The record as a struct; Invalid where the schema is none, or can't be read safely."""
    root = _Names(name).column("event", document, "")
    if root.kind != "struct":
        raise Invalid(f"The schema {name} is not a record.", "Each field of the record becomes a column.")
    return root


class _Names:
    """Reads columns, keeping the types that have names."""

    def __init__(self, schema: str) -> None:
        self.schema = schema
        self.known: dict[str, Column | None] = {}
        self.light: set[str] = set()

    def column(self, name: str, schema: Any, space: str) -> Column:
        if isinstance(schema, list):
            others = [branch for branch in schema if branch != "null"]
            if len(others) == 1:
                return replace(self.column(name, others[0], space), null=len(schema) > 1)
            for branch in others:
                self.column(name, branch, space)
            return Column(name, "text", True, null="null" in schema)
        if isinstance(schema, str):
            return self._named(name, schema, space)
        return self._typed(name, schema, space)

    def _named(self, name: str, type: str, space: str) -> Column:
        if type in PLAIN:
            return Column(name, PLAIN[type], True)
        if type == "null":
            return Column(name, "text", True, null=True)
        full = type if "." in type or not space else f"{space}.{type}"
        found = self.known.get(full, self.known.get(type))
        if found is None:
            # A type within itself may be as deep as an event likes.
            raise Invalid(f"The schema {self.schema} uses '{type}' inside itself or before it is there.", "Flatten it.")
        return replace(found, name=name)

    def _typed(self, name: str, schema: Mapping[str, Any], space: str) -> Column:
        type, logical = schema["type"], schema.get("logicalType")
        if not isinstance(type, str):
            return self.column(name, type, space)
        space, full = _full(schema, space)
        if full:
            self.known[full] = None
        found = self._composed(name, type, schema, space)
        if logical == "decimal" and type in ("bytes", "fixed") and 0 < int(schema.get("precision", 0)) <= 38:
            found = replace(found, kind="decimal", precision=(int(schema["precision"]), int(schema.get("scale", 0))))
        elif isinstance(logical, str) and logical in LOGICAL and found.kind in ("integer", "string"):
            found = replace(found, kind=LOGICAL[logical])
        if full:
            self.known[full] = found
            if self._weightless(schema, space):
                self.light.add(full)
        return found

    def _composed(self, name: str, type: str, schema: Mapping[str, Any], space: str) -> Column:
        if type in ("record", "error"):
            fields = tuple(self.column(f["name"], f["type"], space) for f in schema["fields"])
            if len({field.name.casefold() for field in fields}) < len(fields):
                raise Invalid(f"The schema {self.schema} has fields that differ by case alone.", "Rename one.")
            return Column(name, "struct", True, children=fields)
        if type in ("array", "map"):
            item = self.column("item", schema["items" if type == "array" else "values"], space)
            if type == "array" and self._weightless(schema["items"], space):
                # Nine bytes could then say that a million millions of them follow.
                raise Invalid(f"The schema {self.schema} has an array of what takes no bytes.", "Leave it out.")
            return Column(name, "list", True, children=(item,)) if type == "array" else Column(name, "text", True)
        return self._named(name, type, space)

    def _weightless(self, schema: Any, space: str) -> bool:
        if isinstance(schema, str):
            return schema == "null" or schema in self.light or f"{space}.{schema}" in self.light
        if not isinstance(schema, Mapping):
            return False
        if schema["type"] == "fixed":
            return not schema.get("size")
        if schema["type"] in ("record", "error"):
            return all(self._weightless(field["type"], space) for field in schema["fields"])
        return isinstance(schema["type"], (dict, str)) and self._weightless(schema["type"], space)


def _full(schema: Mapping[str, Any], space: str) -> tuple[str, str]:
    # The namespace inside the type, and the type's full name; none where it has no name.
    if schema["type"] not in ("record", "error", "enum", "fixed") or "name" not in schema:
        return space, ""
    name = str(schema["name"])
    if "." in name:
        return name.rpartition(".")[0], name
    space = str(schema.get("namespace", space))
    return space, f"{space}.{name}" if space else name
