"""How good scores are. Rows of a block, such as a day, are drawn together for intervals: they are not independent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from finetune.tabular.inputs import Floats

    Blocks = NDArray[Any]

DRAWS = 1000
BINS = 10


@dataclass(frozen=True)
class Interval:
    """A value with the bounds between which 95 in 100 draws of the blocks lie."""

    value: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        return self.low > 0 or self.high < 0


class Ranked:
    """Rows in falling order of their scores; equal scores count as one step."""

    def __init__(self, labels: Floats, scores: Floats) -> None:
        self.order = np.argsort(-scores, kind="stable")
        sorted_scores = scores[self.order]
        self.ends = np.flatnonzero(np.append(np.diff(sorted_scores) != 0, True))
        self.labels = labels[self.order]

    def pr_auc(self, weights: Floats | None = None) -> float:
        """Average precision: precision at each step, weighted by the recall that it adds. NaN without cases."""
        hits, alarms = self._steps(weights)
        gained = np.diff(hits, prepend=0.0)
        total = hits[-1] if len(hits) else 0.0
        precision = np.divide(hits, hits + alarms, out=np.zeros_like(hits), where=hits + alarms > 0)
        return float((gained * precision).sum() / total) if total else float("nan")

    def curve(self) -> tuple[Floats, Floats]:
        """Recall and precision after each step."""
        hits, alarms = self._steps(None)
        return hits / hits[-1], hits / (hits + alarms)

    def _steps(self, weights: Floats | None) -> tuple[Floats, Floats]:
        drawn = np.ones_like(self.labels) if weights is None else weights[self.order]
        hits = np.cumsum(drawn * self.labels)[self.ends]
        return hits, np.cumsum(drawn * (1 - self.labels))[self.ends]


def pr_auc(labels: Floats, scores: Floats) -> float:
    return Ranked(labels, scores).pr_auc()


def roc_auc(labels: Floats, scores: Floats) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(labels, scores))


def interval(labels: Floats, scores: Floats, blocks: Blocks, seed: int) -> Interval:
    """PR-AUC and its interval."""
    ranked = Ranked(labels, scores)
    return drawn(ranked.pr_auc, blocks, seed)


def difference(labels: Floats, scores: Floats, others: Floats, blocks: Blocks, seed: int) -> Interval:
    """By how much the PR-AUC of `scores` is above that of `others`, both taken of the same draws."""
    mine, theirs = Ranked(labels, scores), Ranked(labels, others)
    return drawn(lambda weights: mine.pr_auc(weights) - theirs.pr_auc(weights), blocks, seed)


def drawn(value: Callable[[Floats | None], float], blocks: Blocks, seed: int, draws: int = DRAWS) -> Interval:
    """The interval of a value that is given a weight for each row: how often its block was drawn, or None for all.

    Draws for which it is NaN, such as those without a case, are left out.
    """
    rng = np.random.default_rng(seed)
    names, places = np.unique(blocks, return_inverse=True)
    made = []
    for _ in range(draws):
        counts = np.bincount(rng.integers(0, len(names), len(names)), minlength=len(names))
        made.append(value(counts[places].astype(np.float64)))
    there = [one for one in made if np.isfinite(one)]
    low, high = np.quantile(there, [0.025, 0.975]) if there else (float("nan"), float("nan"))
    return Interval(value(None), float(low), float(high))


def brier(labels: Floats, probabilities: Floats) -> float:
    return float(np.mean((probabilities - labels) ** 2))


def reliability(labels: Floats, probabilities: Floats) -> list[tuple[float, float, int]]:
    """Mean probability, share of cases and rows, of about equally full bins from the lowest up."""
    order = np.argsort(probabilities, kind="stable")
    parts: Sequence[NDArray[np.int64]] = [part for part in np.array_split(order, BINS) if len(part)]
    return [(float(probabilities[p].mean()), float(labels[p].mean()), len(p)) for p in parts]


def ece(labels: Floats, probabilities: Floats) -> float:
    """Expected calibration error: how far share and probability are apart, on average."""
    bins = reliability(labels, probabilities)
    return sum(abs(said - seen) * rows for said, seen, rows in bins) / len(labels)


def precision_recall(labels: Floats, flagged: NDArray[np.bool_]) -> tuple[float, float]:
    """0 of nothing is 0."""
    hits = float(labels[flagged].sum())
    return hits / max(1.0, float(flagged.sum())), hits / max(1.0, float(labels.sum()))
