"""Numbers of one row: measures, differences of two of one unit, and times between two moments."""

from __future__ import annotations

from agents.grammar.rules import terminal
from agents.grammar.scope import Scope

CONVERSIONS = ("100.0", "60.0", "3600.0", "1000.0")
"""What numbers are divided by: cents, seconds, minutes, thousandths."""
CONVERTED = f"({' | '.join(terminal(f' / {number}') for number in CONVERSIONS)})?"
_BETWEEN = ("day", "hour", "minute", "month", "year", "week", "second")


def row_number(scope: Scope) -> str:
    """A rule for a number that each row has, "" where it has none."""
    measure, time = scope.rule("measure"), scope.rule("time")
    units = scope.basis.rules.add(*(f'{unit} " - " {unit}' for unit in scope.units().values()))
    return scope.basis.rules.add(f"{measure} {CONVERTED}" if measure else "", units, _between(scope, time))


def _between(scope: Scope, time: str) -> str:
    if len(list(scope.columns("time"))) < 2:
        return ""
    starts = " | ".join(terminal(f"date_diff('{unit}', ") for unit in _BETWEEN)
    return f'({starts}) {time} ", " {time} ")"'
