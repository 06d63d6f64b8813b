"""What only the administrator's tokens with the scope `admin` may see: the streams and the audit trail."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from app.api.pages import Cursor, Limit, before, going_on
from app.api.problems import documented
from app.api.routes import Caller, Home, needs
from app.values import rows

router = APIRouter(prefix="/api", tags=["administration"])

FIRST_LOOK = 4.0
"""Seconds that the first of those who look at the streams waits for the broker."""
TRAIL = """
SELECT seq, id, at, principal, kind, question, asked, versions, rows, bytes, ms, outcome, message, engine, request
FROM system.audit WHERE seq < :before ORDER BY seq DESC
"""
NEWEST = 2**62
RECORD = {
    "seq": 12, "id": "7c0c5e5e4a4f4e3f", "at": "2026-03-01T10:00:00", "principal": "owner", "kind": "query",
    "question": "", "asked": "SELECT 1", "versions": "{}", "rows": 1, "bytes": 0, "ms": 4.1, "outcome": "answered",
    "message": "", "engine": "duckdb", "request": "9f2c4be01d5e4f0c",
}  # fmt: skip
VERDICT = {"ok": True, "records": 12, "problem": "", "seq": 12, "hash": "5b1f"}


@router.get("/streams", dependencies=[needs("admin", "see the streams")], responses=documented({"streams": []}))
def streams(home: Home) -> dict[str, Any]:
    """How the streams are doing."""
    return {"streams": [status.as_json() for status in home.streams.view(patience=FIRST_LOOK).streams]}


@router.get(
    "/audit",
    dependencies=[needs("admin", "read the audit trail")],
    responses=documented({"records": [RECORD], "next": None}),
)
def audit(home: Home, caller: Caller, limit: Limit = 100, cursor: Cursor = "") -> dict[str, Any]:
    """The audit trail, newest first, through the gateway: reading it is in it."""
    start = before(cursor)
    params = {"before": NEWEST if start is None else start}
    result = home.gateway.query(caller, TRAIL, params=params, limit=limit + 1)
    records = [dict(zip(result.table.column_names, row, strict=True)) for row in rows(result.table)]
    following = going_on(records[limit - 1]["seq"]) if len(records) > limit else None
    return {"records": records[:limit], "next": following}


@router.get(
    "/audit/verification", dependencies=[needs("admin", "check the audit trail")], responses=documented(VERDICT)
)
def verification(home: Home) -> dict[str, Any]:
    """Whether no record of the trail was changed or removed."""
    return dict(vars(home.gateway.audit.verify()))
