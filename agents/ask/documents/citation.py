"""Where in a document something stands, for answers and for their sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from retrieval.documents import Passage


def source(passage: Passage, quotes: Iterable[str]) -> dict[str, Any]:
    """A source of an answer: the file and its hash, the place of the passage, and what is quoted of it."""
    return {
        "document": passage.document,
        "version": passage.digest,
        "freshness": None,
        "heading": passage.heading,
        "page": passage.page,
        "start": passage.start,
        "end": passage.end,
        "quote": " … ".join(quotes),
    }


def place(passage: Passage) -> str:
    """The place in words: 'Refund policy › Limits, handbook/refunds.md' or '…, page 2'."""
    page = f", page {passage.page}" if passage.page else ""
    return f"{passage.heading}, {passage.document}{page}"


def named(used: Mapping[str, Any]) -> str:
    """What a source of an answer is called: a table or a document."""
    return str(used["document"] if "document" in used else used["table"])


def where(used: Mapping[str, Any]) -> str:
    """The place within a document that a source names; "" for a table."""
    if "document" not in used:
        return ""
    page = f", page {used['page']}" if used.get("page") else ""
    return f"{used['heading']}{page}"
