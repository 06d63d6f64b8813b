"""Execution accuracy: are the rows of an answer the rows that were wanted?"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from agents import rowsets, statement
from agents.ask.compose import rows_of
from agents.ask.state import Answer
from data.errors import DataError, Invalid, Unavailable

if TYPE_CHECKING:
    from data.gateway import Gateway
    from data.policy import Principal

# What a gold query may give: far more than an answer shows, so that a cut answer is seen to be cut.
MOST_GOLD_ROWS = 100_000
VALID = ("answered", "empty", "truncated")
REFUSED = ("unsure", "clarify", "forbidden")

AskOne = Callable[[str], Answer]
Progress = Callable[[int, int, bool], None]


class Question(BaseModel):
    """A line of a question file. Other fields are allowed: published files carry their own."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    question: str = Field(min_length=1)
    sql: str | list[str] | None = None
    """SQL that gives the right rows; several when several are right."""
    answers: list[list[list[Any]]] | None = None
    """Row sets, each right."""
    dialect: str = statement.DIALECT
    """The dialect of `sql`, as sqlglot names it."""
    ordered: bool = False
    """Whether the order of rows matters."""
    status: list[Literal["unsure", "clarify", "forbidden"]] = Field(default_factory=list)
    """Refusals that are right: alone for a question that can't be answered, beside rows for an ambiguous one."""
    id: str | int | None = None

    @model_validator(mode="after")
    def _has_gold(self) -> Question:
        given = (self.sql is not None) + (self.answers is not None)
        if given > 1 or not (given or self.status):
            raise ValueError("give either 'sql' or 'answers', or the 'status' of a right refusal")
        if given and not (self.sql or self.answers):
            raise ValueError("there is no right answer in it")
        if not statement.is_dialect(self.dialect):
            raise ValueError(f"'{self.dialect}' is no SQL dialect")
        for rows in self.answers or []:
            if len({len(row) for row in rows}) > 1:
                raise ValueError("the rows of an answer differ in length")
        return self

    @property
    def answerable(self) -> bool:
        return bool(self.sql or self.answers)

    @property
    def gold_sql(self) -> list[str]:
        """The gold SQL in the gateway's dialect; Invalid when one is no query."""
        texts = [self.sql] if isinstance(self.sql, str) else self.sql or []
        return [
            text if self.dialect == statement.DIALECT else statement.translated(text, self.dialect) for text in texts
        ]


@dataclass(frozen=True)
class Line:
    """A question with the place where it stands."""

    where: str
    number: int
    question: Question


@dataclass(frozen=True)
class Failure:
    """A question that was answered wrongly: `sql` is what was wanted, `got` what was written."""

    id: str
    question: str
    sql: str
    got: str
    reason: str


@dataclass(frozen=True)
class Report:
    """How `n` questions were answered; a share of nothing is 0.

    `execution_accuracy` and `valid_sql` are shares of the questions that can be answered, `seconds_p50` is the
    median of all. `unanswerable_answered` is the share of the `unanswerable` ones that were answered all the same,
    `answerable_refused` of those that can be answered and must be, but were refused.
    """

    n: int
    execution_accuracy: float
    valid_sql: float
    seconds_p50: float
    failures: tuple[Failure, ...]
    unanswerable: int = 0
    unanswerable_answered: float = 0.0
    answerable_refused: float = 0.0


def read(path: Path) -> tuple[Line, ...]:
    """The questions of a JSON Lines file. Invalid names the file and line of what can't be read."""
    try:
        texts = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(
            f"The question file '{path}' can't be read: {_reason(error)}.", "Give a JSON Lines file."
        ) from error
    lines = tuple(_line(f"{path}:{n}", n, text) for n, text in enumerate(texts, 1) if text.strip())
    if not lines:
        raise Invalid(f"The question file '{path}' has no questions.", "Put one JSON object on each line.")
    return lines


def evaluate(
    lines: Sequence[Line],
    ask_one: AskOne,
    gateway: Gateway,
    principal: Principal,
    progress: Progress | None = None,
) -> Report:
    """Ask every question and compare. `progress(done, all, right)` is called after each.

    The gold queries run first, so that a bad one is found before time goes into asking. Unavailable when a
    model or a store is not there: figures over such a run would say nothing about the model.
    """
    if not lines:
        raise Invalid("There are no questions to evaluate.", "Give a file with at least one.")
    golds = [wanted(line, gateway, principal) for line in lines]
    seconds: list[float] = []
    answers: list[Answer] = []
    reasons: list[str] = []
    for line, gold in zip(lines, golds, strict=True):
        begun = time.perf_counter()
        answers.append(_asked(ask_one, line.question.question))
        seconds.append(time.perf_counter() - begun)
        reasons.append(_wrong(line.question, gold, answers[-1]))
        if progress:
            progress(len(seconds), len(lines), not reasons[-1])
    return _report(lines, answers, reasons, median(seconds))


def _report(lines: Sequence[Line], answers: Sequence[Answer], reasons: Sequence[str], pace: float) -> Report:
    rows = [(line.question, a.status, reason) for line, a, reason in zip(lines, answers, reasons, strict=True)]
    can = [row for row in rows if row[0].answerable]
    failures = [_failure(*row) for row in zip(lines, answers, reasons, strict=True) if row[2]]
    return Report(
        len(lines),
        _share(not reason for _, _, reason in can),
        _share(status in VALID or status in question.status for question, status, _ in can),
        pace,
        tuple(failures),
        len(rows) - len(can),
        _share(status in VALID for question, status, _ in rows if not question.answerable),
        _share(status in REFUSED for question, status, _ in can if not question.status),
    )


def _share(found: Iterable[bool]) -> float:
    marks = list(found)
    return sum(marks) / len(marks) if marks else 0.0


def _line(where: str, number: int, text: str) -> Line:
    try:
        question = Question.model_validate(json.loads(text))
        for sql in question.gold_sql:
            statement.query(sql)
    except ValidationError as error:
        raise Invalid(f"{where}: {'; '.join(_complaints(error))}.", "Mend the line.") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise Invalid(f"{where}: this is not JSON: {error}.", "Write one JSON object per line.") from error
    except Invalid as error:
        raise Invalid(f"{where}: {error.message}", error.remedy) from error
    return Line(where, number, question)


def _complaints(error: ValidationError) -> Iterator[str]:
    for item in error.errors():
        field = ".".join(str(part) for part in item["loc"][:1])
        message = item["msg"].removeprefix("Value error, ")
        yield f"{field}: {message}" if field else message


def wanted(line: Line, gateway: Gateway, principal: Principal) -> list[list[rowsets.Row]]:
    """The row sets that are right."""
    question = line.question
    if question.answers is not None:
        return [rowsets.table(rows, as_text=True) for rows in question.answers]
    return [rowsets.table(rows(line, sql, gateway, principal)) for sql in question.gold_sql]


def rows(line: Line, sql: str, gateway: Gateway, principal: Principal) -> list[list[Any]]:
    try:
        result = gateway.query(principal, sql, limit=MOST_GOLD_ROWS, question=line.question.question)
    except DataError as error:
        message = f"{line.where}: the gold SQL doesn't run: {error.message}"
        raise type(error)(message, error.remedy, **error.facts) from error
    if result.truncated:
        raise Invalid(f"{line.where}: the gold SQL gives more rows than can be compared.", "Aggregate or limit them.")
    return rows_of(result)[1]


def _asked(ask_one: AskOne, question: str) -> Answer:
    try:
        answer = ask_one(question)
    except Unavailable:
        raise
    except DataError as error:
        facts = {"kind": error.kind, "message": error.message, "remedy": error.remedy}
        return Answer("failed", str(error), error=facts)
    if answer.error and answer.error["kind"] == Unavailable.kind:
        raise Unavailable(answer.error["message"], answer.error["remedy"])
    return answer


def _wrong(question: Question, gold: Iterable[Sequence[rowsets.Row]], answer: Answer) -> str:
    """Why the answer is wrong, or "" when it is right."""
    if answer.status in question.status:
        return ""
    if not question.answerable:
        return f"it can't be answered, but the status is '{answer.status}'"
    if answer.status not in VALID:
        return answer.answer or answer.status
    got = rowsets.table(answer.rows, as_text=question.answers is not None)
    if any(rowsets.same(right, got, ordered=question.ordered) for right in gold):
        return ""
    return "the answer is cut off" if answer.status == "truncated" else "the rows differ"


def _failure(line: Line, answer: Answer, reason: str) -> Failure:
    question = line.question
    wanted = json.dumps(question.answers) if question.answers is not None else "\n".join(question.gold_sql)
    wanted = wanted or " or ".join(question.status)
    name = str(line.number if question.id is None else question.id)
    return Failure(name, question.question, wanted, answer.sql, reason)


def _reason(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else "it is not UTF-8 text"
