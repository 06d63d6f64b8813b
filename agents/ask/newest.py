"""When the newest row is from: nothing found in a period tells little where the rows end before it began."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from agents.ask import recency
from agents.ask.freshness import begun, moment
from data.errors import DataError
from retrieval.moments import instant

if TYPE_CHECKING:
    from agents.ask.nodes import Desk
    from data.catalog import Column, Table
    from retrieval import Context

LATELY = timedelta(days=366)
"""Only for periods that began within this time: about older ones nobody wonders whether they have come."""
PATIENCE = 3.0
"""Seconds that the look at the newest row may take: the answer is there already."""


def note(tree: exp.Query, context: Context, rows: Sequence[Sequence[Any]], desk: Desk) -> str:
    """From when the newest row of the period's column is that the caller may see, if that is before the period."""
    period = next((hint for hint in context.hints if hint.kind == "time"), None)
    since = begun(period) if period else None
    if period is None or since is None or not nothing(rows) or not timedelta(0) < context.now - since < LATELY:
        return ""
    place = next(recency.compared(tree, context.catalog, period), None)
    found = _newest(*place, desk) if place else None
    if place is None or found is None or instant(found).replace(tzinfo=UTC) >= since:
        return ""
    at = moment(found.replace(tzinfo=UTC)) if isinstance(found, datetime) else str(found)
    return f"The newest row of {place[0].full_name} that you may see is from {at}."


def nothing(rows: Sequence[Sequence[Any]]) -> bool:
    """No row, or one of nulls and zeros."""
    return not rows or (len(rows) == 1 and all(value is None or value == 0 for value in rows[0]))


def _newest(table: Table, column: Column, desk: Desk) -> date | None:
    """The latest time, naive in UTC, or None where there is none or it can't be had quickly."""
    latest = exp.Max(this=exp.column(column.name, quoted=True))
    sql = exp.select(latest).from_(exp.table_(table.name, db=table.source, quoted=True)).sql(dialect="duckdb")
    try:
        result = desk.gateway.query(desk.principal, sql, limit=1, timeout=min(PATIENCE, desk.timeout), stop=desk.stop)
        (value,) = result.table.column(0).to_pylist()
    except (DataError, ValueError):
        return None
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC).replace(tzinfo=None)
    return value if isinstance(value, date) else None
