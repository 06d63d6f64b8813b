"""What people said of answers, as questions with the SQL that is right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from agents import statement
from agents.evaluation.question import Line, Question
from agents.pattern import Pattern
from data.errors import DataError
from finetune.learn.apart import held

if TYPE_CHECKING:
    from agents.answers import AnswerStore
    from agents.approved import ApprovedQueries
    from data.policy import Policy, Principal

FROZEN = 3
"""One case in so many is only ever asked, never learnt."""


@dataclass(frozen=True)
class Case:
    """A question, the stored SQL that is right, under whose rights and when it was asked. Without `consent` it is only
    asked; approved queries are the home's own."""

    question: str
    sql: str
    principal: Principal
    asked: datetime
    consent: bool
    kind: str

    @property
    def frozen(self) -> bool:
        """Whether it is kept for evaluation: that hangs on the words of the question alone."""
        return held(" ".join(self.question.split()), FROZEN)

    @property
    def line(self) -> Line:
        """The case as a line of a question file."""
        return Line(Path("feedback"), 0, Question(question=self.question, sql=self.sql, tags=[self.kind]))


def cases(answers: AnswerStore, approved: ApprovedQueries, policy: Policy) -> list[Case]:
    """One for each question and principal that the policy still knows, the latest word on it."""
    found = {(case.question.casefold(), case.principal.name): case for case in _said(answers, approved, policy)}
    return list(found.values())


def _said(answers: AnswerStore, approved: ApprovedQueries, policy: Policy) -> Iterator[Case]:
    for rated in answers.rated():
        given = rated.given
        principal, sql = policy.principals.get(given.principal), rated.right
        if principal is not None and _is_query(sql):
            kind = "corrected" if rated.sql else "good"
            yield Case(given.question, sql, principal, given.given_at, rated.consent, kind)
    for entry in approved.list():
        principal = policy.principals.get(entry.approved_by)
        if principal is not None and not Pattern.of(entry.question).places:
            yield Case(entry.question, entry.sql, principal, entry.approved_at, True, "approved")


def _is_query(sql: str) -> bool:
    try:
        statement.query(sql)
    except DataError:
        return False
    return True
