"""Rankings judged on random choices, against simulations whose truth is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from data.errors import Invalid
from finetune.tabular.metrics import drawn
from finetune.tabular.popularity import by_group, popularity
from finetune.tabular.ranking import Shown, difference, first, quality, value

CHOICES = 4
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Market:
    """Offers whose true chances are known. Each unit has a few rows and one taste for all of them."""

    shown: Shown
    chances: Floats
    kind: NDArray[np.int64]

    def truth(self, chosen: NDArray[np.int64]) -> float:
        """What the policy would have given on these very occasions."""
        return float(self.chances[np.arange(len(chosen)), chosen].mean())


def market(seed: int, units: int = 300, rows: int = 4) -> Market:
    """Three kinds of units, each of which likes another choice; choice 0 is drawn most, the next less, and so on."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units), rows)
    kind = rng.integers(0, 3, units)[unit]
    chances = 0.08 + 0.04 * (np.arange(CHOICES) == 3) + 0.2 * (np.arange(CHOICES) == kind[:, None])
    chances = np.clip(chances * np.exp(rng.normal(0, 0.4, units))[unit][:, None], 0, 0.9)
    odds = np.array([0.4, 0.3, 0.2, 0.1])
    choice = rng.choice(CHOICES, len(unit), p=odds)
    taken = rng.random(len(unit)) < chances[np.arange(len(unit)), choice]
    return Market(Shown(unit, choice, odds[choice], taken.astype(np.float64)), chances, kind)


POLICIES: dict[str, Callable[[Market], NDArray[np.int64]]] = {
    "always the most shown": lambda one: np.zeros(len(one.kind), dtype=np.int64),
    "always the least shown": lambda one: np.full(len(one.kind), 3),
    "what each kind likes": lambda one: one.kind,
    "what each kind does not like": lambda one: (one.kind + 1) % 3,
}


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())
def test_a_policy_is_valued_without_bias(policy: Callable[[Market], NDArray[np.int64]]) -> None:
    markets = [market(seed) for seed in range(150)]
    found = [value(one.shown, policy(one)) for one in markets]
    true = np.array([one.truth(policy(one)) for one in markets])
    for name in ("unbiased", "acceptance"):
        errors = np.array([getattr(one, name) for one in found]) - true
        assert abs(errors.mean()) < 3.5 * errors.std() / np.sqrt(len(errors)), name
        assert errors.std() < 0.05


def test_counting_without_propensities_would_be_wrong() -> None:
    """The check above can fail: equal weights value the mixture that was shown, not what a policy would give."""
    markets = [market(seed) for seed in range(150)]
    mixed = [replace(one.shown, propensity=np.full(len(one.kind), 0.25)) for one in markets]
    errors = np.array([value(s, np.zeros(len(o.kind), dtype=np.int64)).unbiased - o.truth(np.zeros(len(o.kind), int))
                       for s, o in zip(mixed, markets, strict=True)])  # fmt: skip
    assert errors.mean() > 20 * errors.std() / np.sqrt(len(errors))


def test_an_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    big = market(900, units=40_000, rows=1)
    # Over all possible units of this market, not only those that were drawn.
    gap = big.truth(big.kind) - big.truth(np.zeros(len(big.kind), dtype=np.int64))
    hits = []
    for seed in range(200):
        one = market(seed, units=200)
        worst = np.zeros(len(one.kind), dtype=np.int64)
        found = difference(one.shown, one.kind, worst, draws=200, seed=seed)
        hits.append(found.low <= gap <= found.high)
    assert 0.89 <= np.mean(hits) <= 0.99


def test_rows_of_a_unit_are_resampled_together() -> None:
    """Ten copies of each row say no more than one; an interval that took them for independent would be narrower."""
    one = market(3, units=400, rows=1)
    rows = np.repeat(np.arange(400), 10)
    copied = Shown(one.shown.unit[rows], one.shown.choice[rows], one.shown.propensity[rows], one.shown.taken[rows])
    zeros = np.zeros(400, dtype=np.int64)
    plain = difference(one.shown, one.kind, zeros, draws=500)
    again = difference(copied, one.kind[rows], zeros[rows], draws=500)
    assert (again.value, again.low, again.high) == pytest.approx((plain.value, plain.low, plain.high))


def test_a_policy_never_beats_itself() -> None:
    one = market(5)
    found = difference(one.shown, one.kind, one.kind.copy(), draws=100)
    assert (found.value, found.low, found.high) == (0.0, 0.0, 0.0)
    assert not found.excludes_zero


def test_popularity_gains_nothing_over_itself() -> None:
    seen, asked = market(6), market(7)
    rates = np.tile(popularity(seen.shown, CHOICES), (len(asked.kind), 1))
    grouped = by_group(seen.shown, np.zeros(len(seen.kind), int), CHOICES, np.zeros(len(asked.kind), int))
    assert np.array_equal(first(rates), first(grouped))
    assert difference(asked.shown, first(rates), first(grouped), draws=50).value == 0.0


def test_seeds_repeat() -> None:
    one = market(8)
    zeros = np.zeros(len(one.kind), dtype=np.int64)
    made = [difference(one.shown, one.kind, zeros, draws=50, seed=seed) for seed in (1, 1, 2)]
    assert made[0] == made[1] != made[2]


def test_popularity_counts_promotions_out() -> None:
    """Choice 0 is taken most often because it is shown most often; choice 3 is what people like."""
    one = market(9, units=4000)
    by_count = np.bincount(one.shown.choice, one.shown.taken, CHOICES)
    assert int(by_count.argmax()) != int(one.chances.mean(axis=0).argmax())
    assert popularity(one.shown, CHOICES) == pytest.approx(one.chances.mean(axis=0), abs=0.03)


def test_a_group_has_its_own_ranking_and_a_new_one_everybodys() -> None:
    one = market(10, units=2000)
    found = by_group(one.shown, one.kind, CHOICES, np.array([0, 1, 2, 77]))
    assert first(found).tolist()[:3] == [0, 1, 2]
    assert found[3] == pytest.approx(popularity(one.shown, CHOICES))


def test_quality_of_a_ranking_by_hand() -> None:
    shown = Shown(np.arange(3), np.array([0, 1, 2]), np.array([0.5, 0.25, 0.5]), np.array([1.0, 1.0, 0.0]))
    scores = np.array([[3.0, 2, 1], [3.0, 2, 1], [3.0, 2, 1]])
    found = quality(shown, scores)
    # Taken: choice 0 at rank 1 (weight 2) and choice 1 at rank 2 (weight 4).
    assert found.hit_rate == pytest.approx(2 / 6)
    assert found.ndcg == pytest.approx((2 * 1 + 4 / np.log2(3)) / 6)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"propensity": np.array([0.5, 0.0])}, "1 rows have a propensity that is no probability, such as 0.0"),
        ({"propensity": np.array([1.5, 0.5])}, "such as 1.5"),
        ({"propensity": np.array([np.nan, 0.5])}, "such as nan"),
        ({"taken": np.array([0.0, np.nan])}, "must be 0 or 1"),
        ({"choice": np.array([], dtype=np.int64)}, "Nothing was shown"),
    ],
)
def test_what_can_not_be_valued_is_refused(changed: dict[str, Floats], said: str) -> None:
    good = Shown(np.arange(2), np.array([0, 1]), np.array([0.5, 0.5]), np.array([0.0, 1.0]))
    with pytest.raises(Invalid, match=said):
        replace(good, **changed)  # type: ignore[arg-type]


def test_what_was_never_shown_has_no_value() -> None:
    shown = Shown(np.arange(2), np.array([0, 1]), np.array([0.5, 0.5]), np.array([0.0, 1.0]))
    found = value(shown, np.array([2, 2]))
    assert np.isnan(found.acceptance)
    assert (found.unbiased, found.matched) == (0.0, 0)


def test_an_interval_of_a_mean_has_the_known_width() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(5, 2, 1000)
    found = drawn(lambda w: float(np.average(x, weights=w)), np.arange(1000), seed=7, draws=2000)
    assert found.value == pytest.approx(x.mean())
    assert found.high - found.low == pytest.approx(2 * 1.96 * x.std() / np.sqrt(1000), rel=0.1)
    assert found.excludes_zero
