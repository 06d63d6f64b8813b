"""Offers at random: the log of their chances is right, and what merchants accept can be foretold."""

import numpy as np
import pytest

from data.demo import generate, offers
from data.demo.offers import OPEN_DAYS, PRODUCTS
from data.demo.rhythm import DAY, SPAN
from data.demo.sampling import Columns
from data.demo.trade import Ledger
from data.demo.world import World


@pytest.fixture(scope="module")
def large() -> World:
    return generate.generate(0.2, 7)


@pytest.fixture(scope="module")
def made(large: World) -> Columns:
    return large.tables["growth.offers"]


def products(made: Columns) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([PRODUCTS.index(str(name)) for name in made["product"]])


def test_each_product_is_shown_as_often_as_its_propensity_says(made: Columns) -> None:
    """The sum of 1 / propensity over a product's offers estimates the number of all offers."""
    size = len(made["product"])
    for index in range(len(PRODUCTS)):
        weights = np.where(products(made) == index, 1 / made["propensity"], 0.0)
        assert weights.mean() == pytest.approx(1.0, abs=4 * weights.std() / np.sqrt(size))
    assert len(np.unique(made["propensity"])) == 2


def test_what_is_shown_does_not_depend_on_the_merchant(large: World, made: Columns) -> None:
    category = large.tables["square.merchants"]["category"][made["merchant_id"] - 1]
    share = np.bincount(products(made), minlength=6) / len(category)
    for name in np.unique(category):
        rows = category == name
        mine = np.bincount(products(made)[rows], minlength=6) / rows.sum()
        assert mine == pytest.approx(share, abs=4 * np.sqrt(0.25 / rows.sum()))


def test_offers_are_accepted_with_their_chances(made: Columns) -> None:
    decided = made["offered_at"] < SPAN - OPEN_DAYS * DAY
    chance = made["_chances"][np.arange(len(made["product"])), products(made)]
    accepted = made["accepted_at"] >= 0
    order = np.argsort(chance[decided], kind="stable")
    for part in np.array_split(order, 5):
        expected = chance[decided][part].mean()
        spread = np.sqrt(expected * (1 - expected) / len(part))
        assert accepted[decided][part].mean() == pytest.approx(expected, abs=4 * spread + 0.002)


def test_what_is_best_differs_between_merchants(made: Columns) -> None:
    """A ranking that knew all would do far better than the most popular product, and no product wins everywhere."""
    chances = made["_chances"]
    assert chances.max(axis=1).mean() > 1.8 * chances.mean(axis=0).max()
    assert np.bincount(chances.argmax(axis=1), minlength=6).min() > 0.05 * len(chances)


def test_facts_foretell_more_than_taste(large: World, made: Columns) -> None:
    from data.demo.trade import trade

    known = offers.likings(trade(large, made["merchant_id"] - 1, made["offered_at"]))
    best = made["_chances"][np.arange(len(known)), known.argmax(axis=1)].mean()
    assert best > 1.6 * made["_chances"].mean(axis=0).max()


def test_late_answers_are_not_known_yet(made: Columns) -> None:
    last = made["offered_at"] > SPAN - 3 * DAY
    before = made["offered_at"] < SPAN - OPEN_DAYS * DAY
    accepted = made["accepted_at"] >= 0
    assert accepted[last].mean() < 0.5 * accepted[before].mean()


def test_a_ledger_sums_what_lies_in_the_window() -> None:
    ledger = Ledger(np.array([0, 1, 0, 0]), np.array([5, 5, 2 * DAY, 9 * DAY]), {"n": np.array([1.0, 10.0, 2.0, 4.0])})
    shop, at = np.array([0, 0, 0, 1, 1, 2]), np.array([9 * DAY, 9 * DAY - 1, 4, 5, 9 * DAY, 0])
    assert ledger.total("n", shop, at, 7).tolist() == [4.0, 2.0, 0.0, 10.0, 0.0, 0.0]
    assert ledger.total("n", shop, at, 30).tolist() == [7.0, 3.0, 0.0, 10.0, 10.0, 0.0]
