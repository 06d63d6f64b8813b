"""What the small model reads, in training and in use alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from data.catalog import Catalog
from retrieval.hints import Hint

DAY = len("2026-11-24")
TASK = "Write one SQL query that answers the question. Tables:"


def system(catalog: Catalog, values: object = None) -> str:
    """The tables that the caller may see, one a line; the same for all questions, so it is kept."""
    tables = (f"{t.full_name}({', '.join(c.name for c in t.columns)})" for t in catalog.tables)
    return "\n".join((TASK, *tables))


def user(question: str, hints: Iterable[Hint]) -> str:
    """The question, then what its phrases mean."""
    said, told = by_days(question, list(hints))
    return "\n".join((said.strip(), "; ".join(hint.text for hint in told if _telling(hint))))


def by_days(question: str, hints: Sequence[Hint]) -> tuple[str, list[Hint]]:
    """The question with dates for its periods that are counted from now: a model knows no others from its training.

    Minutes are told as days. The grammar lets it write nothing but the ends that were meant.
    """
    told = list(hints)
    for i, hint in reversed(list(enumerate(hints))):
        if hint.counted:
            told[i] = _of_days(hint)
            question = question[: hint.start] + told[i].span + question[hint.start + len(hint.span) :]
    return question, told


def _of_days(hint: Hint) -> Hint:
    since, until = (literal[:DAY] for literal in hint.literals)
    if since and until and (hint.brief or until == _after(since)):
        return replace(hint, span=f"on {since}", literals=(since, _after(since)))
    return replace(hint, span=f"since {since}" if since else f"before {until}", literals=(since, until))


def _after(day: str) -> str:
    return str(date.fromisoformat(day) + timedelta(days=1))


def _telling(hint: Hint) -> bool:
    """False for a number that the question writes as SQL does."""
    return hint.kind != "number" or bool(hint.operator) or hint.span != hint.literals[0]
