"""What a query would tell, in words, before anybody has seen its rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from agents import statement
from agents.ask.names import numbers
from agents.ask.wording import Wording

if TYPE_CHECKING:
    from retrieval import Context


def reading(sql: str, question: str, context: Context) -> str:
    """Such as "number of plays where platform is ios"; "" for a query that is beyond these words."""
    wording = Wording(statement.query(sql), context.catalog, sayable(question, context))
    said = [wording.said(node) for node in wording.outputs()]
    told = [text for text in said if text]
    if not wording.subject or not told or len(told) < len(said):
        return ""
    start = " and ".join(filter(None, (", ".join(told[:-1]), told[-1])))
    conditions = wording.where()
    return f"{start} where {conditions}" if conditions else start


def readings(queries: Iterable[str], question: str, context: Context) -> list[str]:
    """What a question can mean: that of each query which words can tell, once."""
    said = (reading(sql, question, context) for sql in queries)
    return list(dict.fromkeys(text for text in said if text))


def sayable(question: str, context: Context) -> frozenset[str]:
    """The numbers of the question, and what retrieval made of its words ("two dozen", a year's first day)."""
    literals = " ".join(text for hint in context.hints for text in hint.literals)
    return numbers(question) | numbers(literals)
