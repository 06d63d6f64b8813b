"""Step 10, for every query whatever became of it: the record in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from data.errors import DataError
from data.gateway.query import Door, Query


def record(query: Query, door: Door, error: BaseException | None, seconds: float) -> str:
    """Keep who asked what and what became of it; returns the record's id."""
    scans = query.plan.scans.values() if query.plan is not None else ()
    return door.audit.write(
        principal=query.principal.name,
        question=query.question,
        asked=query.asked,
        ran=query.governed,
        versions={scan.table.full_name: scan.state.version for scan in scans},
        rows=query.rows.num_rows if query.rows is not None else query.given,
        bytes=query.read.bytes or 0,
        ms=round(seconds * 1000, 3),
        outcome=_outcome(query, error),
        message=str(error) if error is not None else "",
        lineage=_lineage(query),
        engine=query.engine if query.plan is not None else "",
    )


def _lineage(query: Query) -> Mapping[str, Sequence[str]]:
    """Output column -> source columns; under "" those that were read without reaching an output."""
    flow = query.named_flow
    shown = {origin for origins in flow.values() for origin in origins}
    rest = [column for column in query.lineage if column not in shown]
    return {**flow, **({"": rest} if rest else {})}


def _outcome(query: Query, error: BaseException | None) -> str:
    if error is None:
        return "truncated" if query.truncated else "answered"
    return error.kind if isinstance(error, DataError) else "error"
