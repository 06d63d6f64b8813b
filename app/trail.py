"""The audit trail as it is read: newest first, through the gateway, so that reading it is in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.values import rows

if TYPE_CHECKING:
    from app.assembly import Lakewright
    from data.policy import Principal

TRAIL = """
SELECT seq, id, at, principal, kind, question, asked, versions, rows, bytes, ms, outcome, message, engine, request
FROM system.audit WHERE seq < :before
AND (:who = '' OR principal = :who) AND (:kind = '' OR kind = :kind)
AND (:words = '' OR contains(lower(concat_ws(' ', question, asked, message, outcome)), lower(:words)))
ORDER BY seq DESC
"""
NEWEST = 2**62


@dataclass(frozen=True)
class Sought:
    """Which records are wanted; an empty field stands for all."""

    who: str = ""
    kind: str = ""
    words: str = ""


def read(
    home: Lakewright, caller: Principal, limit: int, before: int | None = None, sought: Sought | None = None
) -> tuple[list[dict[str, Any]], int | None]:
    """So many records that are older than `before`, and the number that older ones begin before, if there are any."""
    params = {**vars(sought or Sought()), "before": NEWEST if before is None else before}
    result = home.gateway.query(caller, TRAIL, params=params, limit=limit + 1)
    records = [dict(zip(result.table.column_names, row, strict=True)) for row in rows(result.table)]
    return records[:limit], records[limit - 1]["seq"] if len(records) > limit else None
