"""What DuckDB tells about a query: how it would read its tables, and how much it has read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from data.engines.base import Access, Plan, Read, Scan

if TYPE_CHECKING:
    import duckdb

    from data.engines.sought import Sought

Node = Mapping[str, Any]

SOUGHT = "SQLITE_QUERY"
"""How the plan names the reading of rows that a store finds itself."""

GUARD = re.compile(r"CAST\(\"?~sound\"? AS BOOLEAN\)(?: AND )?")
"""The condition that looks after the types of such rows."""

LIMITS = ("LIMIT", "STREAMING_LIMIT", "TOP_N", "LIMIT_PERCENT")
BLOCKING = ("AGGREGATE", "GROUP_BY", "ORDER_BY", "JOIN", "WINDOW", "UNION", "DISTINCT", "FILTER")
"""Operators above a scan that take all of its rows, or drop some of them, before a limit counts them."""


def read(cursor: duckdb.DuckDBPyConnection) -> Read:
    """What the last query of a profiled connection has read; nothing is known of one that was cut off."""
    figures = json.loads(cursor.get_profiling_information(format="json"))
    return Read(figures.get("total_bytes_read"))


def accesses(explained: str, plan: Plan, sought: Sequence[Sought], *, limited: bool) -> tuple[Access, ...]:
    """The scans in DuckDB's plan (its EXPLAIN as JSON), each with what reaches the store.

    `sought` are the views of the query whose rows a store finds itself. `limited` says whether the query has a limit:
    the plan tells nothing of one that went into the store.
    """
    trees = json.loads(explained)
    left = list(plan.scans.values())
    paths = [path for tree in trees for path in _paths(tree, ())]
    found = [path for path in paths if _operator(path[0]) == SOUGHT]
    scans = [_access(path, left, limited) for path in paths if _operator(path[0]) != SOUGHT]
    # Of several, the plan does not tell which is which.
    alone = found[0] if len(found) == len(sought) == 1 else None
    return (*scans, *(_found(one, alone, limited) for one in sought))


def _found(one: Sought, path: Sequence[Node] | None, limited: bool) -> Access:
    """The rows that a store has found, with all columns; what is filtered there too is said once more behind it."""
    rest = [parent["extra_info"].get("Expression", "") for parent in path or () if _operator(parent) == "FILTER"]
    columns = tuple(column.name for column in one.table.columns)
    filters = tuple(str(condition) for condition in one.conditions)
    limit = _limit(path[1:], limited) if path is not None else "later" if limited else ""
    kept = tuple(text for one in rest if (text := GUARD.sub("", str(one))))
    return Access(one.table.full_name, SOUGHT, columns, filters, kept, limit)


def _paths(node: Node, above: tuple[Node, ...]) -> Iterator[tuple[Node, ...]]:
    """The way from each scan up to the root."""
    children = node.get("children", [])
    path = (node, *above)
    if not children and _operator(node) not in ("DUMMY_SCAN", "EMPTY_RESULT", "COLUMN_DATA_SCAN", "CTE_SCAN"):
        yield path
    for child in children:
        yield from _paths(child, path)


def _access(path: Sequence[Node], left: list[Scan], limited: bool) -> Access:
    node, above = path[0], path[1:]
    info = node.get("extra_info", {})
    columns = _listed(info.get("Projections"))
    scan = next((scan for scan in left if _fits(scan, info, columns)), None)
    if scan is not None:
        left.remove(scan)
    filtered = [parent for parent in above[:2] if _operator(parent) == "FILTER"]
    rest = [parent.get("extra_info", {}).get("Expression", "") for parent in filtered]
    return Access(
        table=scan.table.full_name if scan else str(info.get("Table", "")),
        operator=_operator(node),
        columns=columns,
        filters=_listed(info.get("Filters")),
        rest=tuple(str(text) for text in rest),
        limit=_limit(above, limited),
    )


def _fits(scan: Scan, info: Mapping[str, Any], columns: Sequence[str]) -> bool:
    known = {column.name.lower() for column in scan.table.columns}
    named = str(info.get("Table", "")).split("@")[0].lower()
    table = scan.table.name.lower()
    return (not named or named.rsplit(".", 1)[-1] == table.rsplit(".", 1)[-1]) and {c.lower() for c in columns} <= known


def _limit(above: Sequence[Node], limited: bool) -> str:
    """Where a limit acts: `store`, `scan` (reading stops early), or later."""
    if not limited:
        return ""
    for node in above:
        if _operator(node) in LIMITS:
            return "scan" if _operator(node) != "TOP_N" else "later"
        if any(word in _operator(node) for word in BLOCKING):
            return "later"
    return "store"


def _operator(node: Node) -> str:
    return str(node.get("name", "")).strip().upper()


def _listed(value: object) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
    return tuple(str(item) for item in value) if isinstance(value, list) else (str(value),)
