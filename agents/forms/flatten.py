"""The fields of a JSON Schema, out of its objects, alternatives and conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from agents.forms.field import Field, Kind, escaped
from agents.forms.hints import Hints
from agents.forms.references import References
from data.errors import Invalid
from data.naming import words

MOST_FIELDS = 1_000
MOST_COLUMNS = 50
"""Properties of an array's objects that are looked for."""
MOST_PARTS = 20_000
"""Parts of the schema that are looked at for one depth."""
DEPTHS = (16, 8, 5, 3, 2, 1)
"""How many objects within one another are taken apart; fewer where that makes too many fields. What is deeper is one
field."""
KINDS = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}
PLAIN = ("string", "integer", "number", "boolean", "array", "object")


class _TooMany(Exception):
    """More fields than a form may have."""


@dataclass(frozen=True)
class _Place:
    """Where in the form the reader is."""

    path: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    required: bool = True
    condition: str = ""
    through: frozenset[str] = frozenset()
    """The references that led here."""
    columns: bool = False
    """Whether it is a property of an array's objects."""


def fields_of(document: Mapping[str, Any], hints: Hints, name: str) -> tuple[Field, ...]:
    """What the form asks for, in its order; Invalid where that is nothing, or more than a form may have."""
    for depth in DEPTHS:
        try:
            found = tuple(_hinted(field, hints) for field in _Reader(document, name, depth).fields())
        except _TooMany:
            continue
        if not found:
            raise Invalid(f"The form '{name}' has no fields.", "Give its schema `properties`.")
        _check_hints(found, hints, name)
        return found
    raise Invalid(f"The form '{name}' has more than {MOST_FIELDS:,} fields.", "Split it into several forms.")


class _Reader:
    def __init__(self, document: Mapping[str, Any], name: str, depth: int) -> None:
        self._document, self._depth = document, depth
        self._references = References(document, name)
        self._parts_seen = 0

    def fields(self) -> Iterator[Field]:
        for count, field in enumerate(self._walk(self._document, _Place())):
            if count == MOST_FIELDS:
                raise _TooMany
            yield field

    def _walk(self, schema: Any, place: _Place) -> Iterator[Field]:
        parts = list(self._parts(schema, "", place.through))
        through = place.through.union(*(one.through for one in parts)) if parts else place.through
        again = bool(parts) and bool(place.through & parts[0].followed)
        properties = {} if again or len(place.path) >= self._depth else _properties(parts)
        if not properties:
            yield self._leaf(parts, place)
            return
        title = _text(parts, "title") or (" ".join(words(place.path[-1])) if place.path else "")
        inner = (*place.sections, title) if place.path else place.sections
        for name, (found, condition, required) in properties.items():
            yield from self._walk(
                found,
                _Place(
                    (*place.path, escaped(name)), inner, place.required and required and not condition,
                    _both(place.condition, condition), through,
                ),
            )  # fmt: skip

    def _leaf(self, parts: list[_Part], place: _Place) -> Field:
        options, fixed = _options(parts)
        kind = _kind(parts, options)
        name = place.path[-1].replace("~1", "/").replace("~0", "~") if place.path else ""
        return Field(
            path="/".join(place.path), kind=kind, title=_text(parts, "title") or " ".join(words(name)) or name,
            description=_text(parts, "description"), sections=place.sections, format=_text(parts, "format"),
            pattern=_text(parts, "pattern"), options=options, fixed=fixed, required=place.required,
            condition=place.condition, items=self._items(parts) if kind == "array" else None,
            columns=tuple(self._columns(parts, place)) if kind == "array" else (), most=_most(parts),
        )  # fmt: skip

    def _items(self, parts: list[_Part]) -> Kind | None:
        for part in parts:
            if isinstance(part.schema.get("items"), Mapping):
                inner = list(self._parts(part.schema["items"], "", part.through))
                return _kind(inner, _options(inner)[0])
        return None

    def _columns(self, parts: list[_Part], place: _Place) -> Iterator[Field]:
        """The plain properties of an array's objects."""
        if place.columns:
            return
        items = next((part for part in parts if isinstance(part.schema.get("items"), Mapping)), None)
        inner = list(self._parts(items.schema["items"], "", items.through)) if items else []
        if items is None or any(part.followed & items.through for part in inner):
            return
        for count, (name, (found, condition, required)) in enumerate(_properties(inner).items()):
            if count < MOST_COLUMNS:
                own = _Place((escaped(name),), (), required and not condition, condition, items.through, columns=True)
                yield self._leaf(list(self._parts(found, "", items.through)), own)

    def _parts(self, schema: Any, condition: str, through: frozenset[str]) -> Iterator[_Part]:
        """A schema and all that holds beside it, each with the condition under which it does."""
        self._parts_seen += 1
        if self._parts_seen > MOST_PARTS:
            raise _TooMany
        found, followed = self._references.resolved(schema)
        yield _Part(found, condition, through | followed, followed)
        if followed & through:
            return
        inner = through | followed
        for one in _list(found, "allOf"):
            yield from self._parts(one, condition, inner)
        for word, says in (("then", "if {}"), ("else", "unless {}")):
            if isinstance(found.get(word), Mapping) and "if" in found:
                yield from self._parts(found[word], _both(condition, says.format(_told(found["if"]))), inner)
        for one in (*_list(found, "anyOf"), *_list(found, "oneOf")):
            if not (isinstance(one, Mapping) and one.get("type") == "null"):
                yield from self._parts(one, _both(condition, "in one of several cases"), inner)
        dependent = found.get("dependentSchemas")
        for name, one in dependent.items() if isinstance(dependent, Mapping) else ():
            yield from self._parts(one, _both(condition, f"if {' '.join(words(name))} is given"), inner)


@dataclass(frozen=True)
class _Part:
    schema: Mapping[str, Any]
    condition: str
    through: frozenset[str]
    followed: frozenset[str] = frozenset()


def _properties(parts: list[_Part]) -> dict[str, tuple[Any, str, bool]]:
    """Property -> its schema, its condition, and whether it is required. The first to say what it is counts."""
    found: dict[str, tuple[Any, str, bool]] = {}
    required = {
        name for part in parts if not part.condition for name in _list(part.schema, "required") if isinstance(name, str)
    }
    for part in parts:
        properties = part.schema.get("properties")
        for name, schema in properties.items() if isinstance(properties, Mapping) else ():
            if schema is False:
                continue
            if name not in found or (not found[name][0] or found[name][0] is True):
                condition = part.condition if name not in found else found[name][1]
                found[name] = (schema, condition, name in required)
    return found


def _options(parts: list[_Part]) -> tuple[tuple[Any, ...], bool]:
    """The values that a field may have, and whether it is the only one."""
    for part in parts:
        if not part.condition and "const" in part.schema:
            return (part.schema["const"],), True
        if values := _list(part.schema, "enum"):
            return tuple(value for value in values if value is not None), False
    constants = tuple(part.schema["const"] for part in parts if "const" in part.schema)
    return constants, False


def _most(parts: list[_Part]) -> int:
    told = next((part.schema["maxItems"] for part in parts if "maxItems" in part.schema), 0)
    return int(told) if isinstance(told, int | float) and 0 < told < 1_000_000 else 0


def _kind(parts: list[_Part], options: tuple[Any, ...]) -> Kind:
    for part in parts:
        told = part.schema.get("type")
        kinds = [one for one in (told if isinstance(told, list) else [told]) if one in PLAIN]
        if kinds == ["integer", "number"] or kinds == ["number", "integer"]:
            return "number"
        if len(kinds) == 1:
            return cast(Kind, kinds[0])
        if len(kinds) > 1:
            return "string" if "string" in kinds and not options else "any"
    kinds = list({KINDS.get(type(value), "any") for value in options})
    if len(kinds) == 1:
        return cast(Kind, kinds[0])
    shapes = {"properties": "object", "additionalProperties": "object", "items": "array"}
    for part in parts:
        for word, kind in shapes.items():
            if word in part.schema:
                return cast(Kind, kind)
    return "any"


def _text(parts: list[_Part], word: str) -> str:
    return next((str(part.schema[word]).strip() for part in parts if isinstance(part.schema.get(word), str)), "")


def _list(schema: Mapping[str, Any], word: str) -> list[Any]:
    found = schema.get(word)
    return found if isinstance(found, list) else []


def _both(one: str, other: str) -> str:
    return " and ".join(dict.fromkeys(part for part in (one, other) if part))


def _told(condition: Any) -> str:
    """A condition in words, as far as it is about values of properties."""
    properties = condition.get("properties") if isinstance(condition, Mapping) else None
    said = []
    for name, schema in properties.items() if isinstance(properties, Mapping) else ():
        values = [schema["const"]] if isinstance(schema, Mapping) and "const" in schema else None
        values = values or (_list(schema, "enum") if isinstance(schema, Mapping) else [])
        is_what = f" is {' or '.join(str(value) for value in values)}" if values else " is so"
        said.append(f"{' '.join(words(name))}{is_what}")
    return " and ".join(said) or "a condition holds"


def _hinted(field: Field, hints: Hints) -> Field:
    hint = hints.fields.get(field.path)
    return field if hint is None else replace(field, instructions=hint.instructions, unit=hint.unit)


def _check_hints(fields: tuple[Field, ...], hints: Hints, name: str) -> None:
    from data.catalog import nearest

    known = {field.path for field in fields}
    for path, hint in hints.fields.items():
        for one in (path, *hint.sum, *hint.difference, *hint.ratio, *hint.join):
            if one not in known:
                raise Invalid(f"The form '{name}' has no field '{one}', which the hints name.", nearest(one, known))
    for path in (path for rule in hints.rules for path in rule.paths):
        if path not in known:
            raise Invalid(f"The form '{name}' has no field '{path}', which a rule names.", nearest(path, known))
