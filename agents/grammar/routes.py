"""Which join paths a question may be about: all of them where they are few."""

from __future__ import annotations

from agents.paths import Path, paths
from data.catalog import Catalog

MOST_PATHS = 40


def likely(catalog: Catalog, meant: frozenset[str]) -> list[Path]:
    """The single tables, then paths between meant tables before all others, until there are enough.

    A wrong hint shuts no table out: each can still be asked about alone, and near ones come with it.
    """
    found = paths(catalog)
    if len(found) <= MOST_PATHS:
        return list(found)
    alone = [path for path in found if not path.joins]
    joined = sorted((path for path in found if path.joins), key=lambda path: _strange(path, meant))
    return [*alone, *joined[: max(MOST_PATHS - len(alone), len(alone))]]


def _strange(path: Path, meant: frozenset[str]) -> tuple[int, int]:
    """How many of the tables that a path starts and ends at nobody meant, and its length."""
    through = {join.child for join in path.joins}
    ends = [path.base, *(join.parent for join in path.joins if join.alias not in through)]
    return sum(table.full_name not in meant for table in ends), len(path.joins)
