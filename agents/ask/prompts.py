"""What the small model reads, in training and in use alike."""

from __future__ import annotations

from collections.abc import Iterable

from data.catalog import Catalog
from retrieval.hints import Hint

TASK = "Write one SQL query that answers the question. Tables:"


def system(catalog: Catalog) -> str:
    """The tables that the caller may see, one a line; the same for all questions, so it is kept."""
    tables = (f"{t.full_name}({', '.join(c.name for c in t.columns)})" for t in catalog.tables)
    return "\n".join((TASK, *tables))


def user(question: str, hints: Iterable[Hint]) -> str:
    """The question, then what its phrases mean."""
    return "\n".join((question.strip(), "; ".join(hint.text for hint in hints if _telling(hint))))


def _telling(hint: Hint) -> bool:
    """False for a number that the question writes as SQL does."""
    return hint.kind != "number" or bool(hint.operator) or hint.span != hint.literals[0]
