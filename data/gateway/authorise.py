"""Step 3: only allowed functions, only known tables: checked on the tree of the parser that will run the
query."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from data.errors import Forbidden, Invalid
from data.functions import TABLE_FUNCTIONS
from data.gateway.query import Door, Query
from data.gateway.resolve import find, unseen

FROM = frozenset({"BASE_TABLE", "JOIN", "SUBQUERY", "TABLE_FUNCTION", "EMPTY", "EXPRESSION_LIST", "COLUMN_DATA"})
"""What may stand after FROM. Left out: SHOW_REF, PIVOT, DELIM_GET and whatever a later DuckDB brings."""

NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
"""What a query may be made of."""


def authorise(query: Query, door: Door) -> None:
    """Forbidden for a function that is not allowed, and for anything that the first parser read in another
    way."""
    tree = door.parser.tree(query.tree.sql(dialect="duckdb"))
    statements = tree.get("statements", [])
    if len(statements) != 1:
        raise Forbidden(f"{len(statements)} statements were given where one is allowed.", "Write one SELECT.")
    for node in _walk(statements[0]):
        _check(node, query, door)


def _walk(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for child in value.values():
            yield from _walk(child)
    elif isinstance(value, list):
        for child in value:
            yield from _walk(child)


def _check(node: dict[str, Any], query: Query, door: Door) -> None:
    kind = str(node.get("type", ""))
    if "sample" in node and "alias" in node and "select_list" not in node:
        _check_from(node, kind, query, door)
    elif kind.endswith("_NODE") and "modifiers" in node and kind not in NODES:
        raise Forbidden(f"'{kind.removesuffix('_NODE')}' is not allowed in a query.", "Write one SELECT.")
    elif "function_name" in node:
        _check_function(node, query, door)


def _check_from(node: dict[str, Any], kind: str, query: Query, door: Door) -> None:
    if kind not in FROM:
        raise Forbidden(f"'{kind}' may not stand after FROM.", "Name a table, or write a sub-query.")
    if kind == "TABLE_FUNCTION":
        name = str(node["function"]["function_name"]).lower()
        if name not in TABLE_FUNCTIONS:
            raise _refused(name)
    if kind == "BASE_TABLE":
        _check_table(node, query, door)


def _check_table(node: dict[str, Any], query: Query, door: Door) -> None:
    if node.get("at_clause") is not None:
        raise Forbidden("'AT' is not allowed in a query.", "Name the table alone.")
    parts = [part for part in (node["catalog_name"], node["schema_name"], node["table_name"]) if part]
    if len(parts) == 1 and parts[0].lower() in query.ctes:
        return
    if find(parts, query.visible) is None:
        raise unseen(".".join(parts), query, door)


def _check_function(node: dict[str, Any], query: Query, door: Door) -> None:
    name = str(node["function_name"]).lower()
    if node.get("is_operator") and not name[:1].isalpha():
        return
    if name in TABLE_FUNCTIONS or name in door.policy.functions or not name.strip("+-*/%<>=!~&|^@#"):
        _check_place(node, name)
        return
    raise _refused(name)


def _check_place(node: dict[str, Any], name: str) -> None:
    # A macro of another schema could have the name of a function that is allowed.
    if node.get("schema") not in ("", "main", None) or node.get("catalog") not in ("", "system", None):
        raise Invalid(f"The function '{name}' is written with a schema.", "Write its name alone.")


def _refused(name: str) -> Forbidden:
    remedy = "Use another function, or ask the owner of the policy to allow it."
    return Forbidden(f"The function '{name}' is not allowed.", remedy, function=name)
