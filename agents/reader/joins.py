"""The joins that have all that a frame asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.paths import Join, Path, paths
from agents.reader.frame import Among, Frame, Targets, measures_of
from agents.reader.marked import ROLE, Marked
from data.catalog import Relationship


def _needed(frame: Frame) -> Iterator[Targets]:
    for number in (*frame.numbers, *(bound.number for bound in frame.bounds)):
        for measure in measures_of(number):
            yield from (column for test in measure.tests for column in (test.column, test.other) if column)
            yield from (column for column in (measure.column, measure.until) if column)
    yield from (column for test in frame.tests for column in (test.column, test.other) if column)
    yield from (group.column for group in frame.groups if group.column)
    if frame.before:
        yield frame.before.by
        yield from (column for column in (frame.before.column,) if column)
    yield from (column for one in frame.peers for column in (one.column, one.by))
    yield from frame.columns
    yield from frame.shown
    if frame.tie:
        yield frame.tie
    if "." in frame.order:
        yield (frame.order,)


def joined(frame: Frame, marked: Marked, base: str) -> Path | None:
    """The fewest joins that have all columns and things."""
    tables = {group.table for group in frame.groups if group.table and not group.column and not group.unit}
    counted = {m.table for n in frame.numbers for m in measures_of(n) if m.function == "count"}
    if counted - {base}:
        return None
    needed = list(_needed(frame))
    for path in sorted(paths(marked.catalog), key=lambda path: (len(path.joins), _missing(path, frame))):
        if path.base.full_name != base:
            continue
        if not all(join.alias in frame.roles or _certain(join, path, marked) for join in path.joins):
            continue
        if not frame.roles <= set(path.scope):
            continue
        names = {table.full_name for table in path.scope.values()}
        there = all(_there(one, names, marked) for one in needed)
        if there and tables <= names and all(_near(among, names, marked) for among in frame.among):
            return path
    return None


def _missing(path: Path, frame: Frame) -> int:
    """How many of the tables that are named a path has not."""
    return len(frame.tables - {table.full_name for table in path.scope.values()})


def _certain(join: Join, path: Path, marked: Marked) -> bool:
    """Whether a table that is pointed at twice is reached in the part that the text names: the sender for who sent."""
    return said_role(path.scope[join.child].full_name, join.column, join.parent.full_name, marked)


def said_role(child: str, column: str, parent: str, marked: Marked) -> bool:
    """Whether a column is the only one that points at a table, or the one that the text names."""
    same = [r for r in marked.catalog.relationships if (r.table, r.to_table) == (child, parent)]
    said = re.findall(r"[a-z]+", f"{marked.text} {' '.join(hint.span.lower() for hint in marked.hints)}")
    return len(same) == 1 or any(word[:ROLE] == column[:ROLE] for word in said)


def pointer(child: str, parent: str, marked: Marked) -> Relationship | None:
    """The key by which rows of a table point at those of another; None for several of which none is named, or both."""
    same = [r for r in marked.catalog.relationships if (r.table, r.to_table) == (child, parent)]
    named = [link for link in same if said_role(child, link.column, parent, marked)]
    if not named and _AGENT.search(marked.text):
        return same[0] if same else None
    return named[0] if len(named) == 1 else None


_AGENT = re.compile(r"\b(?:made|make|makes|making|did|initiated)\b")
"""Who makes something is the first that the catalogue tells of it: a transfer's sender."""


def _there(targets: Targets, names: set[str], marked: Marked) -> bool:
    own = any(target.rpartition(".")[0] in names for target in targets)
    return own or any(pointing(targets, name, marked) for name in names)


def pointing(targets: Targets, table: str, marked: Marked) -> Targets:
    """The columns of a table that hold the same as some keys of others."""
    found = (r for r in marked.catalog.relationships if r.table == table and f"{r.to_table}.{r.to_column}" in targets)
    return tuple(f"{r.table}.{r.column}" for r in found)


def _near(among: Among, names: set[str], marked: Marked) -> bool:
    return any(links(among.table, name, marked) for name in names)


def links(child: str, parent: str, marked: Marked) -> tuple[Path, str, str, str] | None:
    """How rows of a table point at a thing: the path, its last alias, its column, and the thing's key."""
    direct = any((r.table, r.to_table) == (child, parent) for r in marked.catalog.relationships)
    for path in sorted(paths(marked.catalog, 0 if direct else 2), key=lambda path: len(path.joins)):
        if path.base.full_name != child or parent in {t.full_name for t in path.scope.values()}:
            continue
        for alias, table in path.scope.items():
            link = pointer(table.full_name, parent, marked) if alias == list(path.scope)[-1] else None
            if link is not None:
                return path, alias, link.column, link.to_column
    return None
