"""Queries over groups: how many there are, and averages over things."""

from __future__ import annotations

from collections.abc import Iterator

from agents.grammar.aggregates import Aggregates
from agents.grammar.numbers import converted
from agents.grammar.scope import Scope

NUMBER = "n"
"""What the groups' aggregate is called."""


def nested(scope: Scope, aggregates: Aggregates, where: str) -> Iterator[str]:
    """Bodies that follow `FROM (FROM path SELECT `."""
    basis = scope.basis
    names = (scope.column(a, c.name) for a, _, c in scope.columns("group") if c.name.lower() != NUMBER)
    key = basis.rules.add(*names)
    if not key:
        return
    keys, divided = basis.rules.series(key, 2), converted(basis.rules)
    bound = basis.rules.add(basis.compared, '" > 1"')
    bounded = basis.rules.optional(f'" HAVING " {aggregates.counted()} {bound}')
    end = basis.rules.add(f'{where} " GROUP BY ALL" {bounded} ") SELECT "')
    functions = basis.rules.terms(*(f"{name}(n)" for name in ("avg", "max", "min", "median", "sum")))
    yield f'{keys} {end} "count(*)"'
    yield f'{keys} ", " {aggregates.plain} {divided} " AS n" {end} {functions} {divided}'
