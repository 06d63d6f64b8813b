"""The documents that the caller may read, and the passages of them that fit a question."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import Field

from app.api.routes import Body, Caller, Home, needs
from app.listing import passage_of, shelf_of

router = APIRouter(prefix="/api/documents", dependencies=[needs("documents")])


class SearchBody(Body):
    question: str = Field(min_length=1, max_length=4_000)
    top: int = Field(5, ge=1, le=20)


@router.get("")
def documents(home: Home, caller: Caller) -> dict[str, Any]:
    """The sources of documents with their files."""
    return {"documents": [shelf_of(shelf) for shelf in home.library.shelves(caller)]}


@router.post("/search")
def search(body: SearchBody, home: Home, caller: Caller) -> dict[str, Any]:
    """Passages, word for word, best first."""
    found = home.library.search(caller, body.question, body.top)
    return {"passages": [passage_of(one.passage, one.score) for one in found]}
