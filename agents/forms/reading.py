"""A JSON Schema out of a stranger's file, with bounds on all that it may cost."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from data.errors import Invalid

MOST_BYTES = 2_000_000
DEEPEST = 100
"""Objects and lists of the file within one another."""
MOST_NODES = 100_000
LONGEST_PATTERN = 5_000


def read_schema(text: str | bytes, name: str) -> dict[str, Any]:
    """The schema in a file; Invalid where it is none, or asks for more than a form may."""
    if len(text) > MOST_BYTES:
        raise Invalid(f"'{name}' has {len(text):,} bytes; {MOST_BYTES:,} are the most.", "Split the form.")
    try:
        document = json.loads(text)
    except RecursionError:
        raise _deep(name) from None
    except ValueError as error:
        raise Invalid(f"'{name}' is no JSON: {error}.", "Give a JSON Schema.") from None
    if not isinstance(document, dict):
        raise Invalid(f"'{name}' holds no JSON object.", "Give a JSON Schema: an object with `type` and `properties`.")
    check(document, name)
    return document


def check(document: Mapping[str, Any], name: str) -> None:
    """Invalid for what is nested too deeply or too large, for a reference that leaves the file, for a pattern that
    takes too much to match, and for what is no JSON Schema."""
    from data.streams.decode.exact import validator_of

    for node in _nodes(document, name):
        pattern = node.get("pattern")
        if isinstance(pattern, str) and len(pattern) > LONGEST_PATTERN:
            said = f"'{name}' has a pattern of {len(pattern):,} characters; {LONGEST_PATTERN:,} are the most."
            raise Invalid(said, "Use a shorter pattern.")
    # It reads nothing but the document, and bounds the steps of a pattern.
    validator_of(document, f"'{name}'")


def _nodes(document: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    """All objects of the file; its depth and their number are bounded."""
    level: list[Any] = [document]
    seen = 0
    for _ in range(DEEPEST):
        inner: list[Any] = []
        for node in level:
            if isinstance(node, Mapping):
                yield node
                inner.extend(child for child in node.values() if isinstance(child, Mapping | list))
            else:
                inner.extend(child for child in node if isinstance(child, Mapping | list))
        seen += len(inner)
        if seen > MOST_NODES:
            raise Invalid(f"'{name}' has more than {MOST_NODES:,} parts.", "Split the form.")
        if not inner:
            return
        level = inner
    raise _deep(name)


def _deep(name: str) -> Invalid:
    return Invalid(f"'{name}' is nested more than {DEEPEST} deep.", "Use fewer objects within one another.")
