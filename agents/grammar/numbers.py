"""Numbers of one row: measures, sums and differences of those of one unit, products of two, times between moments."""

from __future__ import annotations

from agents.grammar.rules import Rules
from agents.grammar.scope import Scope

MOST_ADDED = 4
_UNITS = ("day", "hour", "minute", "month", "year", "week", "second")


def converted(rules: Rules) -> str:
    """A rule for what numbers may be divided by: cents, seconds, minutes, thousandths."""
    return rules.optional(rules.terms(" / 100.0", " / 60.0", " / 3600.0", " / 1000.0"))


def row_number(scope: Scope) -> str:
    """A rule for a number that each row has, "" where it has none."""
    rules, measure = scope.basis.rules, scope.rule("measure")
    units = (f'{unit} (" - " {unit} | (" + " {unit}){{1,{MOST_ADDED - 1}}})' for unit in scope.units().values())
    several = measure and len(list(scope.columns("measure"))) > 1
    product = f'{measure} " * " {measure} {converted(rules)}' if several else ""
    return rules.add(f"{measure} {converted(rules)}" if measure else "", *units, product, _between(scope))


def _between(scope: Scope) -> str:
    if len(list(scope.columns("time"))) < 2:
        return ""
    rules, time = scope.basis.rules, scope.rule("time")
    starts = rules.terms(*(f"date_diff('{unit}', " for unit in _UNITS))
    return rules.add(f'{starts} {time} ", " {time} ")"')
