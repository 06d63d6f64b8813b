"""Drift of values: the index is the formula's, and little data is said to be little."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.features.drift import MOVED, Spread, Staleness, compare, fewest, stability_index, staleness

SHARES = st.lists(st.floats(0.01, 1), min_size=4, max_size=4).map(lambda found: [x / sum(found) for x in found])


def test_the_index_of_a_known_case() -> None:
    expected = (0.3 - 0.5) * math.log(0.3 / 0.5) + (0.7 - 0.5) * math.log(0.7 / 0.5)
    assert stability_index([0.5, 0.5], [0.3, 0.7]) == pytest.approx(expected)
    assert stability_index([1.0, 0.0], [0.0, 1.0]) == pytest.approx(2 * (1 - 1e-4) * math.log(1e4))


@given(SHARES, SHARES)
def test_the_index_is_symmetric_and_none_for_equals(one: list[float], other: list[float]) -> None:
    assert stability_index(one, other) == pytest.approx(stability_index(other, one))
    assert stability_index(one, other) >= 0
    assert stability_index(one, one) == 0


def test_chance_alone_stays_below_what_is_called_a_move() -> None:
    rng = np.random.default_rng(0)
    before = np.full(10, 0.1)
    size = fewest(10)
    found = [stability_index(before, rng.multinomial(size, before) / size) for _ in range(500)]
    assert np.mean(found) < 0.025
    assert np.quantile(found, 0.99) < MOVED


@pytest.mark.parametrize(
    ("now", "missing", "size", "verdict"),
    [
        ((0.5, 0.5), 0.0, 1000, "stable"),
        ((0.33, 0.67), 0.0, 1000, "moved"),
        ((0.1, 0.9), 0.0, 1000, "drifted"),
        ((0.5, 0.5), 0.06, 1000, "drifted"),
        ((0.1, 0.9), 0.0, 49, "too few"),
        ((0.0, 0.0), 1.0, 1000, "drifted"),
        ((0.0, 0.0), 0.0, 0, "too few"),
    ],
)
def test_verdicts(now: tuple[float, ...], missing: float, size: int, verdict: str) -> None:
    found = compare(Spread((0.5, 0.5), 0.0), Spread(now, missing), size)
    assert found.verdict == verdict
    assert (found.index is None) == (size < 50 or missing == 1)


def test_staleness_is_the_time_until_use() -> None:
    start = dt.datetime(2025, 1, 1)
    late = [start + dt.timedelta(seconds=s) for s in (5, 60, 10)]
    assert staleness([start] * 3, late) == Staleness(10, 60)
    assert staleness([], []) is None
