"""The figures of a set of questions: accuracy, valid SQL, abstention and latency."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from agents.evaluation.outcome import Outcome


@dataclass(frozen=True)
class Figures:
    """How `n` questions were answered; a share of nothing is 0.

    `execution_accuracy` is a share of the `answerable` questions, `valid_sql` of those of them that were not
    refused and of tasks for code: what was to answer ran. `unanswerable_answered` is the share of the
    `unanswerable` ones that were answered all the same, `answerable_refused` of those that can be answered and must
    be, but were refused. The seconds are the median and the 95th percentile (nearest rank) of all.
    """

    n: int
    answerable: int
    execution_accuracy: float
    valid_sql: float
    unanswerable: int
    unanswerable_answered: float
    answerable_refused: float
    seconds_p50: float
    seconds_p95: float


def figures(outcomes: Sequence[Outcome]) -> Figures:
    """The figures of at least one outcome."""
    can = [outcome for outcome in outcomes if outcome.line.question.answerable]
    cannot = [outcome for outcome in outcomes if not outcome.line.question.answerable]
    seconds = sorted(outcome.seconds for outcome in outcomes)
    return Figures(
        n=len(outcomes),
        answerable=len(can),
        execution_accuracy=_share(outcome.right for outcome in can),
        valid_sql=_share(outcome.answered for outcome in can if outcome.attempted),
        unanswerable=len(cannot),
        unanswerable_answered=_share(outcome.answered for outcome in cannot),
        answerable_refused=_share(outcome.refused for outcome in can if not outcome.line.question.status),
        seconds_p50=median(seconds),
        seconds_p95=seconds[math.ceil(0.95 * len(seconds)) - 1],
    )


def _share(found: Iterable[bool]) -> float:
    marks = list(found)
    return sum(marks) / len(marks) if marks else 0.0
