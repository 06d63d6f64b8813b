"""Lists in pages: `limit` items, and a `next` that the client sends back as `cursor`, until it is null."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Query

from data.errors import Invalid

Item = TypeVar("Item")

MOST = 1_000
DEEPEST = 10_000
"""Items of a list by age that can be reached: older ones are for SQL over `system.audit`."""

Limit = Annotated[int, Query(ge=1, le=MOST, description="Items of a page.")]
Cursor = Annotated[str, Query(max_length=500, description="The `next` of the page before; empty for the first.")]


def after(items: Sequence[Item], key: Callable[[Item], str], limit: int, cursor: str) -> tuple[list[Item], str | None]:
    """The items behind the cursor by their key, and where the next page begins: none is missed or given twice,
    whatever is added or removed in between."""
    start = _read(cursor, str) if cursor else ""
    ordered = sorted((item for item in items if not cursor or key(item) > start), key=key)
    given = ordered[:limit]
    return given, _written(key(given[-1])) if len(ordered) > limit else None


def newest(fetch: Callable[[int], Sequence[Item]], limit: int, cursor: str) -> tuple[list[Item], str | None]:
    """A page of a list that begins with the newest; `fetch` gives so many of them. Invalid beyond DEEPEST."""
    start = _read(cursor, int) if cursor else 0
    if not 0 <= start <= DEEPEST:
        raise Invalid(f"The cursor '{cursor}' leads too far back.", "Begin again without it.")
    found = fetch(start + limit + 1)[start:]
    return list(found[:limit]), _written(start + limit) if len(found) > limit else None


def before(cursor: str) -> int | None:
    """The number that a cursor of a list by number goes on from; None at its beginning."""
    number: int | None = _read(cursor, int) if cursor else None
    return number


def going_on(number: int) -> str:
    """The cursor behind an item of a list by number."""
    return _written(number)


def _written(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _read(cursor: str, kind: type) -> Any:
    try:
        value = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise Invalid(f"The cursor '{cursor[:80]}' is none of ours.", "Begin again without it.") from error
    if type(value) is not kind or (isinstance(value, int) and abs(value) >= 2**62):
        raise Invalid(f"The cursor '{cursor[:80]}' is none of ours.", "Begin again without it.")
    return value
