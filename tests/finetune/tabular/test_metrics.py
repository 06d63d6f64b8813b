"""Metrics, intervals, costs, calibration and baselines against what can be worked out by hand or by another library."""

from __future__ import annotations

import itertools

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from finetune.tabular import baselines, costs, metrics
from finetune.tabular.inputs import columns, inputs
from finetune.tabular.labelled import LABEL, MOMENT, digest, ordered, select
from finetune.tabular.model import calibrated, isotonic
from finetune.tabular.recipe import Costs
from tests.finetune.tabular.conftest import recipe

rows = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5)), min_size=2, max_size=60)


@given(rows)
@settings(max_examples=100, deadline=None)
def test_pr_auc_is_average_precision(found: list[tuple[int, int]]) -> None:
    labels, scores = (np.array(column, dtype=float) for column in zip(*found, strict=True))
    if labels.sum() == 0:
        assert np.isnan(metrics.pr_auc(labels, scores))
    else:
        assert metrics.pr_auc(labels, scores) == pytest.approx(average_precision_score(labels, scores))


@given(rows, st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_weights_are_repeated_rows(found: list[tuple[int, int]], seed: int) -> None:
    labels, scores = (np.array(column, dtype=float) for column in zip(*found, strict=True))
    weights = np.random.default_rng(seed).integers(0, 3, len(labels))
    repeated = [np.repeat(column, weights) for column in (labels, scores)]
    if repeated[0].sum():
        mine = metrics.Ranked(labels, scores).pr_auc(weights.astype(float))
        assert mine == pytest.approx(average_precision_score(*repeated))


def test_an_interval_holds_its_value_and_narrows_with_more_days() -> None:
    rng = np.random.default_rng(0)
    widths = []
    for days in (10, 300):
        blocks = np.repeat(np.arange(days), 40)
        labels = (rng.random(len(blocks)) < 0.1).astype(float)
        scores = labels + rng.normal(0, 1, len(blocks))
        found = metrics.interval(labels, scores, blocks, 7)
        assert found.low < found.value < found.high
        assert found == metrics.interval(labels, scores, blocks, 7)
        widths.append(found.high - found.low)
    assert widths[1] < widths[0] / 2


def test_a_difference_of_equal_scores_is_nothing() -> None:
    labels, scores = np.array([0.0, 1, 0, 1]), np.array([0.1, 0.9, 0.3, 0.2])
    found = metrics.difference(labels, scores, scores * 2, np.arange(4), 7)
    assert (found.value, found.low, found.high) == (0, 0, 0)


def test_calibration_is_measured_in_bins() -> None:
    labels = np.array([0.0] * 50 + [1] * 50)
    assert metrics.ece(labels, labels) == 0
    assert metrics.ece(labels, np.full(100, 0.5)) == pytest.approx(0.5)  # bins of equal scores keep the rows' order
    assert metrics.brier(labels, np.full(100, 0.5)) == 0.25
    assert sum(count for *_, count in metrics.reliability(labels, labels)) == 100


def test_isotonic_knots_are_what_was_seen() -> None:
    raw = np.array([0.1, 0.2, 0.2, 0.8, 0.9])
    knots = isotonic(np.array([0.0, 1, 0, 1, 1]), raw)
    found = calibrated(knots, np.array([0.0, 0.2, 0.8, 1.0]))
    assert found.tolist() == [0, 0.5, 1, 1]
    assert all(a <= b for (_, a), (_, b) in itertools.pairwise(knots))


@given(rows, st.floats(0.1, 10))
@settings(max_examples=100, deadline=None)
def test_no_threshold_costs_less(found: list[tuple[int, int]], alarm: float) -> None:
    labels, scores = (np.array(column, dtype=float) for column in zip(*found, strict=True))
    missed = np.arange(len(labels)) % 4 + 0.5
    chosen = costs.threshold(labels, scores, missed, alarm)
    least = min(costs.cost(labels, scores >= limit, missed, alarm) for limit in (*np.unique(scores), np.inf))
    assert costs.cost(labels, scores >= chosen, missed, alarm) == pytest.approx(least)


def test_what_a_miss_costs() -> None:
    found = pa.table({"amount": [10.0, None, float("inf")]})
    assert costs.misses(Costs(miss="amount", factor=2), found).tolist() == [20, 0, 0]
    assert costs.misses(Costs(miss=3.0), found).tolist() == [3, 3, 3]
    words = costs.words(Costs(miss="amount", factor=2, false_alarm=5, unit="USD"))
    assert words == {"miss": "2 x the row's amount USD", "false_alarm": "5 USD"}


def test_the_rule_orders_as_its_product_does() -> None:
    found = pa.table({"amount": [10.0, 1e300, None, -5.0], "cards__payments_1h": [3, 1, 2, 0]})
    scores = baselines.rule(("amount", "cards.payments_1h"), found)
    assert np.argsort(scores).tolist() == [3, 2, 0, 1]
    assert np.exp(scores[0]) == pytest.approx(11 * 4)


def test_logistic_regression_reads_numbers_categories_and_gaps() -> None:
    rng = np.random.default_rng(0)
    shops = rng.choice(["a", "b"], 400)
    amounts = np.where(rng.random(400) < 0.3, np.nan, rng.gamma(2, 10, 400))
    labels = ((shops == "a") & np.isnan(amounts)).astype(np.int64)
    table = pa.table({"amount": pa.array(amounts, from_pandas=True), "shop": shops, LABEL: labels})
    wanted = recipe(subject={**recipe().subject.model_dump(), "columns": ["amount", "shop"]})
    found, _ = columns(wanted, table)
    part = inputs(found, table)
    assert metrics.pr_auc(part.labels, baselines.logistic(part, 7)(part)) > 0.95


def test_the_digest_is_that_of_the_rows() -> None:
    table = pa.table({MOMENT: [2, 1], "id": [1, 2], "shop": ["a", None]})
    one = digest({"train": table})
    assert one == digest({"train": pa.concat_tables([table.slice(0, 1), table.slice(1, 1)])})
    assert one != digest({"train": table.slice(0, 1)})
    assert one != digest({"test": table})
    assert ordered(table, recipe()).column("id").to_pylist() == [2, 1]


def test_negatives_are_sampled_in_the_training_part_alone() -> None:
    assert "hash(" not in select(recipe())
    assert "<> 'train'" in select(recipe(negatives=0.1))
