"""The report of one endpoint: figures in all, by file and by tag, and every miss."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from agents.evaluation.figures import Figures, figures
from agents.evaluation.outcome import Outcome


@dataclass(frozen=True)
class Failure:
    """A question that was answered wrongly: `sql` is what was wanted, `got` what was written."""

    id: str
    question: str
    sql: str
    got: str
    reason: str
    status: str
    file: str


@dataclass(frozen=True)
class Report(Figures):
    """The figures of all questions, then of those of each file and each tag. `partial`: not all were asked."""

    failures: tuple[Failure, ...]
    by_file: dict[str, Figures]
    by_tag: dict[str, Figures]
    partial: bool = False


def report(outcomes: Sequence[Outcome], *, partial: bool = False) -> Report:
    """The report of at least one outcome; the tags are those that most questions have, first."""
    by_tag = _grouped(outcomes, lambda outcome: dict.fromkeys(_marks(outcome)))
    return Report(
        **vars(figures(outcomes)),
        failures=tuple(_failure(outcome) for outcome in outcomes if not outcome.right),
        by_file=_grouped(outcomes, lambda outcome: [outcome.line.file]),
        by_tag=dict(sorted(by_tag.items(), key=lambda item: (-item[1].n, item[0]))),
        partial=partial,
    )


def _marks(outcome: Outcome) -> Iterator[str]:
    """The categories of an outcome: the language of a task for code is one."""
    question = outcome.line.question
    yield from (question.language,) if question.language else ()
    yield from question.tags


def _grouped(outcomes: Sequence[Outcome], keys: Callable[[Outcome], Iterable[str]]) -> dict[str, Figures]:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        for key in keys(outcome):
            groups[key].append(outcome)
    return {key: figures(group) for key, group in groups.items()}


def _failure(outcome: Outcome) -> Failure:
    line = outcome.line
    question = line.question
    return Failure(line.id, question.question, question.wanted, outcome.sql, outcome.reason, outcome.status, line.file)
