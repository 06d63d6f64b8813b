"""Lists of rows."""

from __future__ import annotations

from collections.abc import Iterator

from agents.grammar.numbers import row_number
from agents.grammar.order import ordered
from agents.grammar.scope import Scope
from agents.grammar.windows import ranked

MOST_COLUMNS = 6


def listed(scope: Scope, where: str) -> Iterator[str]:
    """Bodies that show columns of rows: all, each once, in an order, or the first by a rank."""
    basis, column = scope.basis, scope.rule("any")
    if not column:
        return
    number = row_number(scope)
    items = basis.rules.series(basis.rules.add(column, number), MOST_COLUMNS)
    by = basis.rules.add(column, number)
    first = ranked(basis.rules, by, basis.count)
    among = ranked(basis.rules, by, basis.count, group) if (group := scope.rule("group")) else ""
    yield f"{items} {where} {basis.rules.optional(basis.rules.add(ordered(by, basis.count), first, among))}"
    yield f'"DISTINCT " {items} {where} (" ORDER BY 1" " DESC"?)?'
