"""Two endpoints on the same questions: how far apart are they, and is that more than chance?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from agents.evaluation.outcome import Outcome

# The quantile of the normal distribution for a two-sided interval of 95 %.
Z = 1.959963984540054


@dataclass(frozen=True)
class Difference:
    """A question that one of two endpoints answers right and the other not."""

    file: str
    id: str
    question: str


@dataclass(frozen=True)
class Comparison:
    """`first` beside `second`: `difference` is the execution accuracy of the first less that of the second, over the
    `n` questions that can be answered; `low` to `high` is its confidence interval of 95 %, and `p_value` how probable
    a difference as large is between equals. The lists also have questions that are rightly refused.
    """

    first: str
    second: str
    n: int
    difference: float
    low: float
    high: float
    p_value: float
    only_first: tuple[Difference, ...]
    only_second: tuple[Difference, ...]

    @property
    def summary(self) -> str:
        """The figures in a sentence."""
        chance = "p < 0.001" if self.p_value < 0.001 else f"p = {self.p_value:.3f}"
        return (
            f"{self.first} less {self.second}: execution accuracy differs by {self.difference:+.3f} over {self.n} "
            f"answerable questions, 95 % interval {self.low:+.3f} to {self.high:+.3f}; "
            f"{chance} by McNemar's exact test."
        )


def compared(first: str, ours: Sequence[Outcome], second: str, theirs: Sequence[Outcome]) -> Comparison:
    """Compare two endpoints; the outcomes are of the same questions in the same order."""
    pairs = list(zip(ours, theirs, strict=True))
    n = sum(one.line.question.answerable for one in ours)
    won = sum(one.right and not other.right for one, other in pairs if one.line.question.answerable)
    lost = sum(other.right and not one.right for one, other in pairs if one.line.question.answerable)
    low, high = interval(won, lost, n)
    return Comparison(
        first,
        second,
        n,
        (won - lost) / n if n else 0.0,
        low,
        high,
        mcnemar(won, lost),
        tuple(_difference(one) for one, other in pairs if one.right and not other.right),
        tuple(_difference(other) for one, other in pairs if other.right and not one.right),
    )


def mcnemar(won: int, lost: int) -> float:
    """The exact p-value, two-sided, of a test that equals win as often as they lose: among the questions on which
    the two differ, wins are then binomial with one half (McNemar, Psychometrika 12, 1947, 153-157).
    """
    n = won + lost
    tail = sum(math.comb(n, k) for k in range(min(won, lost) + 1))
    return min(1.0, 2 * tail / (1 << n))


def interval(won: int, lost: int, n: int) -> tuple[float, float]:
    """A confidence interval of 95 % for the difference of two proportions on `n` matched pairs: Wald's, after one half
    is added to each of the four cells, which keeps it honest where few pairs differ (Agresti and Min, Statistics in
    Medicine 24, 2005, 729-740). Questions are taken as drawn independently of each other.
    """
    size, b, c = n + 2, won + 0.5, lost + 0.5
    middle = (b - c) / size
    margin = Z * math.sqrt((b + c) / size - middle**2) / math.sqrt(size)
    return max(-1.0, middle - margin), min(1.0, middle + margin)


def _difference(outcome: Outcome) -> Difference:
    return Difference(outcome.line.file, outcome.line.id, outcome.line.question.question)
