"""What became of one question: was the answer right, and if not, why?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.evaluation.gold import Gold, matches

if TYPE_CHECKING:
    from agents.ask.state import Answer, Status
    from agents.evaluation.question import Line

VALID = ("answered", "empty", "truncated")
REFUSED = ("unsure", "clarify", "forbidden")
# Rows that are kept to show: enough to see in what they differ.
FEW = 5


@dataclass(frozen=True)
class Excerpt:
    """The first rows of `total`."""

    columns: list[str]
    rows: list[list[Any]]
    total: int

    @classmethod
    def of(cls, columns: list[str], rows: list[list[Any]]) -> Excerpt:
        return cls(columns, rows[:FEW], len(rows))


@dataclass(frozen=True)
class Outcome:
    """A question that was asked. `reason` says why the answer is wrong, "" that it is right.

    `wanted` is the first of the row sets that are right, None where there is none; `got` the rows of the answer,
    None where it has none; `logprob` is that of its SQL where a model told it."""

    line: Line
    status: Status
    sql: str
    seconds: float
    reason: str
    error: str
    wanted: Excerpt | None
    got: Excerpt | None
    logprob: float | None = None

    @property
    def right(self) -> bool:
        return not self.reason

    @property
    def answered(self) -> bool:
        return self.status in VALID

    @property
    def refused(self) -> bool:
        return self.status in REFUSED

    @property
    def attempted(self) -> bool:
        """Whether something was to answer: a question may be refused, a task is there to be done."""
        return not self.refused or self.line.question.language is not None


def judged(line: Line, right: Sequence[Gold], answer: Answer, seconds: float) -> Outcome:
    """Compare an answer with what is right."""
    return Outcome(
        line,
        answer.status,
        answer.sql,
        seconds,
        _wrong(line, right, answer),
        (answer.error or {}).get("message", ""),
        Excerpt.of(right[0].columns, right[0].rows) if right else None,
        Excerpt.of(answer.columns, answer.rows) if answer.status in VALID else None,
        answer.logprob,
    )


def _wrong(line: Line, right: Sequence[Gold], answer: Answer) -> str:
    question = line.question
    if answer.status in question.status:
        return ""
    if not question.answerable:
        return f"it can't be answered, but the status is '{answer.status}'"
    if answer.status not in VALID:
        return answer.answer or answer.status
    if matches(question, right, answer.rows):
        return ""
    return "the answer is cut off" if answer.status == "truncated" else "the rows differ"
