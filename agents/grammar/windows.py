"""Ranks by QUALIFY, and running totals."""

from __future__ import annotations

from collections.abc import Iterator

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


def buckets(*, ordered: bool = False) -> Iterator[str]:
    """The beginnings of what cuts a time into units; `ordered` ones follow each other in time."""
    for form in (*BUCKETS.values(), *_OTHERS):
        if not ordered or form.startswith(("date_trunc", "year")):
            yield form.split("{}")[0]


def ranked(rules: Rules, by: str, count: str, within: str = "") -> str:
    """QUALIFY for the first by a rule, or the first so many; `within` each group of that rule."""
    partition = f'"PARTITION BY " {within} " "' if within else ""
    bound = f'(" = " | " <= ") {count}'
    return rules.add(
        f'(" QUALIFY rank() OVER (" | " QUALIFY row_number() OVER (") {partition} "ORDER BY " {by} " DESC"? ")" {bound}'
    )


def running(scope: Scope, aggregates: Aggregates, where: str) -> Iterator[str]:
    """Bodies of running totals: each period with all until its end."""
    for alias, _, column in scope.columns("time"):
        name = scope.column(alias, column.name)
        for bucket in buckets(ordered=True):
            period = f'{terminal(bucket)} {name} ")"'
            total = f'"sum(" {aggregates.plain} ") OVER (ORDER BY " {period} ")"'
            yield f'{period} " AS p, " {total} {where} " GROUP BY ALL ORDER BY p"'
