"""Which join paths a question may be about: all of them where they are few."""

from __future__ import annotations

from collections.abc import Iterable

from agents.paths import Path, paths
from data.catalog import Catalog

MOST_PATHS = 40


def likely(catalog: Catalog, meant: frozenset[str]) -> list[Path]:
    """The single tables, then paths that hold many meant tables and few others, until there are enough.

    A wrong hint shuts no table out: each can still be asked about alone, and near ones come with it.
    """
    found = paths(catalog)
    if len(found) <= MOST_PATHS:
        return list(found)
    alone = [path for path in found if not path.joins]
    joined = sorted((path for path in found if path.joins), key=lambda path: _strange(path, meant))
    return [*alone, *joined[: max(MOST_PATHS - len(alone), len(alone))]]


def _strange(path: Path, meant: Iterable[str]) -> tuple[int, int]:
    """How many tables nobody meant, less those that somebody did."""
    names = [table.full_name for table in path.scope.values()]
    known = len(set(names) & set(meant))
    return len(names) - 3 * known, len(names)
