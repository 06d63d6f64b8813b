"""Numbers of one row: measures, sums and differences of those of one unit, products of two, times between moments."""

from __future__ import annotations

from collections.abc import Iterator

from agents.grammar.rules import Rules
from agents.grammar.scope import Scope

MOST_ADDED = 4
_UNITS = ("day", "hour", "minute", "month", "year", "week", "second")
_STARTS = tuple(f"date_diff('{unit}', " for unit in _UNITS)


def converted(rules: Rules) -> str:
    """A rule for what numbers may be divided by: cents, seconds, minutes, thousandths."""
    return rules.optional(rules.terms(" / 100.0", " / 60.0", " / 3600.0", " / 1000.0"))


def row_number(scope: Scope) -> str:
    """A rule for a number that each row has, "" where it has none."""
    rules, measure, divided = scope.basis.rules, scope.rule("measure"), converted(scope.basis.rules)
    computed = scope.basis.once(("computed", scope.path.clause), lambda: rules.add(*_computed(scope)))
    return rules.add(f"{measure} {divided}" if measure else "", computed)


def _computed(scope: Scope) -> Iterator[str]:
    """Of two columns or more, none of them twice."""
    for measure, others in scope.units():
        yield f'{measure} (" - " {others} | (" + " {others}){{1,{MOST_ADDED - 1}}})'
    for measure, others in scope.pairs("measure"):
        yield f'{measure} " * " {others} {converted(scope.basis.rules)}'
    for time, others in scope.pairs("time"):
        yield f'{scope.basis.rules.terms(*_STARTS)} {time} ", " {others} ")"'
