"""The places of a PDF form as a JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agents.forms.pdf.slot import Slot

MARK = "x-pdf"
"""The property's entry that holds its slot; validators read past it."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"
WRAPPER = re.compile(r"(topmost)?(sub)?(form|page)\d*", re.IGNORECASE)
"""Names of the frames that form editors put around fields."""
INDEX = re.compile(r"\[0\]$")


def schema_of(slots: Sequence[Slot], title: str) -> dict[str, Any]:
    """A schema whose documents nest as the PDF's fields do, without the frames that say nothing."""
    root: dict[str, Any] = {"$schema": DIALECT, "title": title, "type": "object", "properties": {}}
    for path, slot in zip(_paths(slots), slots, strict=True):
        node = root
        for name in path[:-1]:
            node = node["properties"].setdefault(name, {"type": "object", "properties": {}})
        node["properties"][path[-1]] = _property(slot)
        if slot.required:
            _require(root, path)
    return root


def slots_of(schema: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Slot]]:
    """The slots of a schema that `schema_of` made, each with the names that lead to it."""
    stack: list[tuple[tuple[str, ...], Mapping[str, Any]]] = [((), schema)]
    while stack:
        path, node = stack.pop()
        if MARK in node:
            yield path, Slot.of_json(node[MARK])
        stack.extend(((*path, name), inner) for name, inner in node.get("properties", {}).items())


def _paths(slots: Sequence[Slot]) -> list[tuple[str, ...]]:
    """Short paths where they are all different, and none goes through another; the full names otherwise."""
    short = [_short(slot.name) for slot in slots]
    inner = {path[:at] for path in short for at in range(1, len(path))}
    clash = len(set(short)) < len(short) or any(path in inner for path in short)
    return [(slot.name,) for slot in slots] if clash else short


def _short(name: str) -> tuple[str, ...]:
    *outer, last = (INDEX.sub("", part) for part in name.split("."))
    return (*(part for part in outer if not WRAPPER.fullmatch(re.sub(r"\[\d+\]", "", part))), last)


def _require(root: dict[str, Any], path: tuple[str, ...]) -> None:
    node = root
    for name in path:
        required = node.setdefault("required", [])
        if name not in required:
            required.append(name)
        node = node["properties"][name]


def _property(slot: Slot) -> dict[str, Any]:
    labels = [label for label, _ in slot.options]
    made: dict[str, Any]
    match slot.kind:
        case "check":
            made = {"type": "boolean"}
        case "radio" | "choice":
            made = {"type": "string", "enum": labels}
        case "list":
            made = {"type": "array", "items": {"type": "string", "enum": labels}, "uniqueItems": True}
        case "text":
            made = _text(slot)
    title = {"title": slot.title} if slot.title else {}
    return {**title, **made, MARK: slot.as_json()}


def _text(slot: Slot) -> dict[str, Any]:
    if slot.date:
        return {"type": "string", "format": "date"}
    if slot.places >= 0:
        return {"type": "number"}
    return {"type": "string", **({"maxLength": slot.longest} if slot.longest else {})}
