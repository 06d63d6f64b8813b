"""The gold: the rows that are right for a question, and whether other rows are the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents import rowsets
from agents.ask.compose import rows_of
from data.errors import DataError, Invalid

if TYPE_CHECKING:
    from agents.evaluation.question import Line, Question
    from data.gateway import Gateway
    from data.policy import Principal

# What a gold query may give: far more than an answer shows, so that a cut answer is seen to be cut.
MOST_ROWS = 100_000


@dataclass(frozen=True)
class Gold:
    """Rows that are right. `columns` is empty where only rows were written down."""

    columns: list[str]
    rows: list[list[Any]]


def golds(line: Line, gateway: Gateway, principal: Principal) -> tuple[Gold, ...]:
    """The row sets that are right; none for a question that can't be answered."""
    question = line.question
    if question.answers is not None:
        return tuple(Gold([], rows) for rows in question.answers)
    return tuple(queried(line, sql, gateway, principal) for sql in question.gold_sql)


def queried(line: Line, sql: str, gateway: Gateway, principal: Principal) -> Gold:
    """The rows of one query for a line's question; an error names the line."""
    try:
        result = gateway.query(principal, sql, limit=MOST_ROWS, question=line.question.question)
    except DataError as error:
        message = f"{line.where}: the gold SQL doesn't run: {error.message}"
        raise type(error)(message, error.remedy, **error.facts) from error
    if result.truncated:
        raise Invalid(f"{line.where}: the gold SQL gives more rows than can be compared.", "Aggregate or limit them.")
    return Gold(*rows_of(result))


def matches(question: Question, right: Iterable[Gold], rows: Sequence[Sequence[Any]]) -> bool:
    """Whether `rows` are those of one of the golds. Times in rows that were written down are text, as are those of what
    a program gave."""
    as_text = question.answers is not None or question.language is not None
    got = rowsets.table(rows, as_text=as_text)
    return any(rowsets.same(rowsets.table(gold.rows, as_text=as_text), got, ordered=question.ordered) for gold in right)
