"""DuckDB's parse tree, walked with the names of the CTEs that can be seen from each place in it."""

from __future__ import annotations

import string
from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]
Scope = frozenset[str]

FOLDED = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def fold(name: str) -> str:
    """A name as DuckDB compares it: of upper case it knows only that of ASCII."""
    return name.translate(FOLDED)


def walk(value: Any, scope: Scope = frozenset()) -> Iterator[tuple[Node, Scope]]:
    """Every object of the tree with the folded names of the CTEs in sight."""
    if isinstance(value, list):
        for item in value:
            yield from walk(item, scope)
    elif isinstance(value, dict):
        yield value, scope
        inner = scope
        for entry in (value.get("cte_map") or {}).get("map", []):
            yield from walk(entry["value"], inner)
            inner |= {fold(entry["key"])}
        for name, child in value.items():
            # A recursive CTE knows itself in its second arm only.
            own = value.get("type") == "RECURSIVE_CTE_NODE" and name == "right"
            if name != "cte_map":
                yield from walk(child, inner | {fold(value["cte_name"])} if own else inner)
