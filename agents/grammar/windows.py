"""Ranks by QUALIFY, and running totals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agents.columns import times
from agents.grammar.aggregates import Aggregates
from agents.grammar.rules import Rules, terminal
from agents.grammar.scope import Scope

BUCKETS = {
    "year": "year({})",
    "quarter": "date_trunc('quarter', {})",
    "month": "date_trunc('month', {})",
    "week": "date_trunc('week', {})",
    "day": "date_trunc('day', {})",
    "hour": "hour({})",
    "weekday": "dayname({})",
}
"""Calendar units as SQL, with a place for the column."""
_OTHERS = ("month({})", "quarter({})", "dayofweek({})", "day({})")


def buckets() -> Iterator[str]:
    """The beginnings of what cuts a time into units."""
    return (form.split("{}")[0] for form in (*BUCKETS.values(), *_OTHERS))


def ranked(rules: Rules, by: str, count: str, within: str = "") -> str:
    """QUALIFY for the first by a rule, or the first so many; `within` each group of that rule."""
    start = rules.terms(" QUALIFY rank() OVER (", " QUALIFY row_number() OVER (")
    partition = f'"PARTITION BY " {within} " "' if within else ""
    end = rules.add(f'"ORDER BY " {by} " DESC"? ")" (" = " | " <= ") {count}')
    return rules.add(f"{start} {partition} {end}")


def running(scope: Scope, aggregates: Aggregates, where: str) -> Iterator[str]:
    """Bodies of running totals: each period with all until its end."""
    rules = scope.basis.rules
    total = rules.add(f'" AS p, " "sum(" {aggregates.plain} ") OVER (ORDER BY "')
    end = rules.add(f'")" {where} " GROUP BY 1 ORDER BY p"')
    yield from (f"{period} {total} {period} {end}" for period in periods(scope))


def periods(scope: Scope, units: Iterable[str] = ("day", "week", "month", "quarter", "year")) -> list[str]:
    """A rule for each time of the base cut into each of the units."""
    starts = [terminal(BUCKETS[unit].split("{}")[0]) for unit in units]
    names = [scope.column(scope.path.base.name, column.name) for column in times(scope.path.base)]
    return [scope.basis.rules.add(f'{start} {name} ")"') for name in names for start in starts]
