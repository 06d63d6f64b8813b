"""Measuring how sure a model may be: from the answers that it gave, the map to confidence and where to refuse."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from agents.endpoints.calibration import Calibration, log_odds
from data.errors import Invalid

if TYPE_CHECKING:
    from agents.evaluation.outcome import Outcome

MOST_ANSWERED, MOST_REFUSED = 0.05, 0.10
"""Shares that are wanted at most: of unanswerable questions that are answered, of answerable ones that are refused."""


@dataclass(frozen=True)
class Scored:
    """A question that was asked. `logprob` is that of its answer, None where it was given none."""

    logprob: float | None
    right: bool
    answerable: bool = True


def scored(outcomes: Iterable[Outcome]) -> list[Scored]:
    """What there is to measure: the outcomes of an endpoint that has no calibration yet, on questions that it never
    learned from. Answers that no model wrote say nothing."""
    written = (o for o in outcomes if not o.answered or o.logprob is not None)
    return [Scored(o.logprob if o.answered else None, o.right, o.line.question.answerable) for o in written]


def fit(marks: Sequence[Scored]) -> Calibration:
    """The map under which confidence is the share of right answers, and the confidence from which to answer.

    An answer to a question that can't be answered is wrong. Invalid where nothing was answered.
    """
    answered = [(log_odds(mark.logprob), mark.right) for mark in marks if mark.logprob is not None]
    if not answered:
        raise Invalid("No question was answered, so nothing tells how sure the model may be.", "Ask more questions.")
    slope, intercept = _platt([odds for odds, _ in answered], [right for _, right in answered])
    every = Calibration(slope=slope, intercept=intercept, unsure_below=0)
    return every.model_copy(update={"unsure_below": _threshold(marks, every)})


def _platt(odds: Sequence[float], right: Sequence[bool]) -> tuple[float, float]:
    """Slope and intercept of a logistic regression on targets that are a little less than certain (Platt, 1999)."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    hits, misses = sum(right), len(right) - sum(right)
    high, low = (hits + 1) / (hits + 2), 1 / (misses + 2)
    target = np.where(right, high, low)
    x = np.tile(np.asarray(odds)[:, None], (2, 1))
    y = np.repeat([True, False], len(right))
    model = LogisticRegression(C=np.inf).fit(x, y, sample_weight=np.concatenate([target, 1 - target]))
    slope, intercept = float(model.coef_[0, 0]), float(model.intercept_[0])
    # Where sure answers are no oftener right than others, sureness tells nothing.
    return (slope, intercept) if slope >= 0 else (0.0, float(np.log(target.mean() / (1 - target.mean()))))


def _threshold(marks: Sequence[Scored], calibration: Calibration) -> float:
    """The lowest confidence that keeps both shares, or comes nearest to them."""
    told = [(m.answerable, None if m.logprob is None else calibration.confidence(m.logprob)) for m in marks]
    levels = sorted({confidence for _, confidence in told if confidence is not None})
    places = [0.0, *((low + high) / 2 for low, high in pairwise(levels))]
    can = [confidence for answerable, confidence in told if answerable]
    cannot = [confidence for answerable, confidence in told if not answerable]
    return min(places, key=lambda place: (_excess(can, cannot, place), place))


def _excess(can: Sequence[float | None], cannot: Sequence[float | None], place: float) -> float:
    """By how much the two shares are above what is wanted when nothing below `place` is answered."""
    answered = sum(confidence is not None and confidence >= place for confidence in cannot)
    refused = sum(confidence is None or confidence < place for confidence in can)
    parts = ((answered, len(cannot), MOST_ANSWERED), (refused, len(can), MOST_REFUSED))
    return round(sum(max(0.0, found / total - most) for found, total, most in parts if total), 9)
