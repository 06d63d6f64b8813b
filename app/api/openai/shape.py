"""An answer in the shape of a JSON Schema that its asker gave: filled from what was found, never made up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from app.api.openai.protocol import Document
from data.errors import Invalid

MOST_BYTES = 32 * 1024
DEEPEST = 20


def checked(schema: Document | bool) -> Document | bool:
    """The schema; Invalid for one that is none, is too large, or names a document elsewhere."""
    import jsonschema_rs

    text = json.dumps(schema)
    if len(text) > MOST_BYTES or _depth(schema) > DEEPEST:
        raise Invalid("The JSON Schema is too large.", f"Send at most {MOST_BYTES // 1024} kB, {DEEPEST} levels deep.")
    if any(not reference.startswith("#") for reference in _references(schema)):
        raise Invalid("The JSON Schema refers to another document.", "Put everything that it needs under $defs.")
    try:
        jsonschema_rs.validator_for(schema)
    except (jsonschema_rs.ValidationError, ValueError) as error:
        raise Invalid(f"The JSON Schema can't be used: {str(error).splitlines()[0]}.", "Mend it.") from error
    return schema


def fits(value: Any, schema: Document | bool) -> bool:
    import jsonschema_rs

    return bool(jsonschema_rs.validator_for(schema).is_valid(value))


def answered(document: Document, schema: Document | bool) -> Any:
    """The first reading of an answer that meets the schema; None where none does.

    Readings: its rows as objects, or the first of them; its one value under the one name that the schema asks for;
    a list of rows under such a name; and the answer's own fields, with rows as objects.
    """
    return next((reading for reading in _readings(document, schema) if fits(reading, schema)), None)


def _readings(document: Document, schema: Document | bool) -> Iterator[Any]:
    columns, rows = document["columns"], document["rows"]
    objects = [dict(zip(columns, row, strict=True)) for row in rows]
    asked = schema.get("properties", {}) if isinstance(schema, dict) else {}
    names = [name for name in asked if name not in document] if isinstance(asked, dict) else []
    own = {name: document[name] for name in asked if name in document} if isinstance(asked, dict) else {}
    own_objects = {**own, **({"rows": objects} if "rows" in own else {})}
    if len(objects) == 1:
        yield {**own_objects, **objects[0]}
        yield {**own, **objects[0]}
    if len(rows) == 1 and len(rows[0]) == 1:
        yield from ({**own, name: rows[0][0]} for name in names)
        yield rows[0][0]
    if rows and len(columns) == 1:
        yield from ({**own, name: [row[0] for row in rows]} for name in names)
        yield [row[0] for row in rows]
    yield from ({**own, name: objects} for name in names)
    yield objects
    if own:
        yield own_objects
        yield own
    if not asked:
        yield document


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (str(value[key]) for key in ("$ref", "$dynamicRef", "$schema_") if key in value)
        for one in value.values():
            yield from _references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max((_depth(one) for one in value.values()), default=0)
    return 1 + max((_depth(one) for one in value), default=0) if isinstance(value, list) else 0
