"""The documents that the caller may read, and the passages of them that fit a question."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from app.api.problems import documented
from app.api.routes import Body, Caller, Home, needs
from app.listing import passage_of, shelf_of

router = APIRouter(prefix="/api/documents", tags=["documents"], dependencies=[needs("documents")])


SHELF = {
    "name": "handbook", "owner": "owner", "description": "How we work.",
    "files": [
        {"file": "leave.md", "title": "Leave", "version": "5b1f", "read_at": "2026-03-01T10:00:00", "problem": ""}
    ],
}  # fmt: skip
PASSAGE = {
    "document": "handbook/leave.md", "version": "5b1f", "heading": "Leave", "page": None, "start": 1, "end": 4,
    "text": "Everybody has thirty days.", "score": 0.71,
}  # fmt: skip


class SearchBody(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"question": "How many days of leave are there?"}]})

    question: str = Field(min_length=1, max_length=4_000)
    top: int = Field(5, ge=1, le=20)


@router.get("", responses=documented({"documents": [SHELF]}))
def documents(home: Home, caller: Caller) -> dict[str, Any]:
    """The sources of documents with their files."""
    return {"documents": [shelf_of(shelf) for shelf in home.library.shelves(caller)]}


@router.post("/search", responses=documented({"passages": [PASSAGE]}))
def search(body: SearchBody, home: Home, caller: Caller) -> dict[str, Any]:
    """Passages, word for word, best first."""
    found = home.library.search(caller, body.question, body.top)
    return {"passages": [passage_of(one.passage, one.score) for one in found]}
