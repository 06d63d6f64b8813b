"""One governed query."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field

from app.api.presence import while_connected
from app.api.problems import documented
from app.api.routes import Body, Caller, Home, needs
from app.values import document_of
from data.stop import Stop

router = APIRouter(prefix="/api/sql", tags=["sql"], dependencies=[needs("sql")])

RESULT = {
    "columns": ["shops"], "rows": [[80]], "truncated": False, "lineage": [], "audit_id": "7c0c5e5e4a4f4e3f",
    "sources": [{"table": "square.merchants", "version": "1", "freshness": None}], "seconds": 0.01,
}  # fmt: skip

EXAMPLE = {"sql": "SELECT count(*) AS shops FROM square.merchants WHERE city = :city", "params": {"city": "Toronto"}}


class SqlBody(Body):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"sql": "SELECT count(*) AS shops FROM square.merchants"}]}
    )

    sql: str
    params: dict[str, str | int | float | bool | None] | None = None
    limit: int | None = Field(None, ge=1)
    timeout: float | None = Field(None, gt=0, le=3600, description="Seconds.")
    engine: str | None = Field(None, max_length=50)


@router.post("", responses=documented(RESULT))
async def sql(body: SqlBody, request: Request, home: Home, caller: Caller) -> dict[str, Any]:
    """One governed query. It ends when the client goes away."""

    def query(stop: Stop) -> dict[str, Any]:
        options = {"params": body.params, "limit": body.limit, "timeout": body.timeout, "engine": body.engine}
        return document_of(home.gateway.query(caller, body.sql, stop=stop, **options))

    return await while_connected(request, query)
