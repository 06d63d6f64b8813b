"""The catalogue as a graph: tables joined by relationships."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable

from data.catalog import Catalog


def neighbours(catalog: Catalog) -> dict[str, set[str]]:
    """The tables that each table is related to, in either direction."""
    near: dict[str, set[str]] = defaultdict(set)
    for relationship in catalog.relationships:
        near[relationship.table].add(relationship.to_table)
        near[relationship.to_table].add(relationship.table)
    return near


def parents(catalog: Catalog) -> dict[str, set[str]]:
    """The tables that each table points at."""
    near: dict[str, set[str]] = defaultdict(set)
    for relationship in catalog.relationships:
        near[relationship.table].add(relationship.to_table)
    return near


def distances(near: dict[str, set[str]], starts: Iterable[str]) -> dict[str, int]:
    """Steps of `near` between each table and the nearest of `starts`; unreachable tables are left out."""
    steps = dict.fromkeys(starts, 0)
    queue = deque(steps)
    while queue:
        table = queue.popleft()
        for other in sorted(near.get(table, ())):
            if other not in steps:
                steps[other] = steps[table] + 1
                queue.append(other)
    return steps
