"""The catalogue as the caller sees it: listed, searched, described."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from app.api.pages import Cursor, Limit, after
from app.api.problems import documented
from app.api.routes import Caller, Home, needs
from app.listing import found, listing

router = APIRouter(prefix="/api/catalog", tags=["catalogue"], dependencies=[needs("catalog")])

TABLE = {
    "name": "square.merchants", "kind": "delta", "rows": 80, "version": "1", "description": "Shops that take payments.",
    "columns": [{"name": "city", "type": "VARCHAR", "description": "", "mask": None}],
}  # fmt: skip
BRIEF = {"name": "square.merchants", "description": "Shops that take payments.", "columns": ["merchant_id", "city"]}


@router.get("", responses=documented({"tables": [TABLE], "next": None}))
def tables(home: Home, caller: Caller, limit: Limit = 200, cursor: Cursor = "") -> dict[str, Any]:
    """The tables that the caller sees, by name."""
    names = [table.full_name for table in home.gateway.askable(caller).tables]
    page, following = after(names, lambda name: name, limit, cursor)
    return {"tables": listing(home.gateway, caller, only=page), "next": following}


@router.get("/search", responses=documented({"tables": [BRIEF]}))
def search(
    home: Home,
    caller: Caller,
    q: Annotated[str, Query(min_length=1, max_length=4_000, description="Words.")],
    top: Annotated[int, Query(ge=1, le=50)] = 10,
) -> dict[str, Any]:
    """The tables that fit some words, best first."""
    tables = found(home.gateway, home.retriever, caller, q, top)
    return {
        "tables": [
            {"name": one.full_name, "description": one.description, "columns": [c.name for c in one.columns]}
            for one in tables
        ]
    }


@router.get("/{name}", responses=documented(TABLE))
def table(name: str, home: Home, caller: Caller) -> dict[str, Any]:
    """One table: its columns with their meaning and masks, its rows and version."""
    full = home.gateway.visible(caller).table(name).full_name
    return listing(home.gateway, caller, full)[0]
