"""The statistics of two endpoints on the same questions, against published tests and by exact counting."""

from __future__ import annotations

import math

import pytest

from agents.evaluation.comparison import interval, mcnemar


@pytest.mark.parametrize(("won", "lost"), [(0, 0), (1, 0), (3, 3), (9, 2), (2, 9), (25, 60), (700, 650)])
def test_the_p_value_is_that_of_the_binomial_test(won: int, lost: int) -> None:
    from scipy.stats import binomtest

    wanted = binomtest(won, won + lost, 0.5).pvalue if won + lost else 1.0
    assert mcnemar(won, lost) == pytest.approx(wanted, rel=1e-9)


def test_the_interval_is_the_published_one() -> None:
    """What the manual of R's PropCIs gives for `diffpropci.mp(b = 40, c = 20, n = 160, conf.level = 0.95)`."""
    assert interval(20, 40, 160) == pytest.approx((-0.21601726, -0.03089632), abs=1e-8)


def test_the_interval_turns_with_the_order_and_shrinks_with_the_questions() -> None:
    low, high = interval(12, 4, 50)
    assert interval(4, 12, 50) == pytest.approx((-high, -low))
    wider, narrower = interval(12, 4, 50), interval(120, 40, 500)
    assert narrower[1] - narrower[0] < wider[1] - wider[0]


def test_no_discordant_pair_is_no_certainty() -> None:
    low, high = interval(0, 0, 20)
    assert low < 0 < high
    assert max(map(abs, interval(0, 0, 0))) <= 1.0


@pytest.mark.parametrize(("p", "q"), [(0.05, 0.05), (0.2, 0.1), (0.3, 0.02), (0.01, 0.0)])
def test_the_interval_covers_the_truth_in_about_95_of_100_runs(p: float, q: float) -> None:
    """Summed over all outcomes of 40 questions: with probability `p` only the first is right, with `q` the second."""
    n, covered = 40, 0.0
    for won in range(n + 1):
        for lost in range(n + 1 - won):
            low, high = interval(won, lost, n)
            ways = math.comb(n, won) * math.comb(n - won, lost)
            covered += (low <= p - q <= high) * ways * p**won * q**lost * (1 - p - q) ** (n - won - lost)
    assert covered > 0.93
