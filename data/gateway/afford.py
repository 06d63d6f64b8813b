"""Step 8: whether the caller's budget covers what the query would read."""

from __future__ import annotations

from data.errors import TooExpensive
from data.gateway.query import Door, Query


def afford(query: Query, door: Door) -> None:
    """TooExpensive when the tables hold more bytes than the budget lets the caller read."""
    most = query.budget.scan_bytes
    if most is None or query.plan is None:
        return
    size = sum(door.engines[query.engine].size(scan) or 0 for scan in query.plan.scans.values())
    if size > most:
        message = f"The query would read up to {megabytes(size)}; your budget is {megabytes(most)}."
        raise TooExpensive(message, "Ask for smaller tables, or ask the owner of the policy.", bytes=size)


def megabytes(size: int) -> str:
    """A size for people."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"
