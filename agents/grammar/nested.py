"""Queries over groups: how many there are, and averages over things."""

from __future__ import annotations

from collections.abc import Iterator

from agents.grammar.aggregates import Aggregates
from agents.grammar.numbers import CONVERTED
from agents.grammar.rules import optional, terminal
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
    keys = f'{key} (", " {key})?'
    bound = basis.rules.add(basis.compared, '" > 1"')
    having = f'" HAVING " {basis.rules.add(aggregates.alone())} {bound}'
    functions = " | ".join(terminal(f"{name}(n)") for name in ("avg", "max", "min", "median", "sum"))
    yield f'{keys} {where} " GROUP BY ALL" {optional(having)} ") SELECT count(*)"'
    shown = f'{keys} ", " {aggregates.plain} {CONVERTED} " AS n" {where} " GROUP BY ALL" {optional(having)}'
    yield f'{shown} ") SELECT " ({functions}) {CONVERTED}'
