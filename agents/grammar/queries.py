"""All queries over one join path."""

from __future__ import annotations

from collections.abc import Iterator

from agents.grammar.aggregates import Aggregates
from agents.grammar.groups import Groups
from agents.grammar.nested import nested
from agents.grammar.rows import listed
from agents.grammar.rules import terminal
from agents.grammar.scope import Basis, Scope
from agents.grammar.where import Where, parts
from agents.grammar.windows import running
from agents.paths import Path

MOST_RANKED = 1
"""Joins of a path over which there are running totals and ranks within groups."""


def query(basis: Basis, path: Path) -> str:
    """A rule for the queries over a path; "" where none can use what is required."""
    scope = Scope(basis, path)
    where, aggregates = Where(scope), Aggregates(scope)
    groups = Groups(scope, aggregates)
    bodies, inner = list(_filtered(basis, where, aggregates, groups)), []
    clause = where.clause(where.whole)
    if clause is not None:
        bodies += _whole(basis, scope, clause, aggregates, groups)
        inner = list(nested(scope, aggregates, clause))
    select = f"{path.clause} SELECT "
    body, counted = basis.rules.add(*bodies), basis.rules.add(*inner)
    options = [
        f"{terminal(select)} {body}" if body else "",
        f"{terminal(f'FROM ({select}')} {counted}" if counted else "",
    ]
    return basis.rules.add(*options)


def _whole(basis: Basis, scope: Scope, where: str, aggregates: Aggregates, groups: Groups) -> Iterator[str]:
    """Bodies with all that is required in WHERE."""
    alone, grouped = aggregates.alone(), groups.aggregate
    yield f"{basis.rules.series(alone, 3)} {where}"
    yield from listed(scope, where)
    shown = basis.rules.series(grouped, 3)
    yield from groups.bodies(shown, where)
    yield from groups.unshown(where)
    if len(scope.path.joins) <= MOST_RANKED:
        yield from groups.within(grouped, where)
        yield from running(scope, aggregates, where)


def _filtered(basis: Basis, where: Where, aggregates: Aggregates, groups: Groups) -> Iterator[str]:
    """Bodies with FILTER: what is required stands in it or in WHERE."""
    alone = aggregates.alone()
    for part in parts(where.whole):
        rest, some = where.clause(where.whole - part), aggregates.filtered(part)
        if some and rest is not None:
            other = basis.rules.add(alone, aggregates.filtered(frozenset()))
            shown = basis.rules.add(f'({alone} ", ")? {some} (", " {other})?')
            yield f"{shown} {rest}"
            yield from groups.bodies(shown, rest, other)
