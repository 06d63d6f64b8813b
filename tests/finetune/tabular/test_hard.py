"""Tables that can't teach end in a clear error; odd values do not end in one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from agents.predictors.scorer import Scorer
from agents.predictors.store import ModelStore
from data.errors import DataError, Forbidden, Invalid, NotFound
from finetune.tabular import job
from tests.finetune.tabular.conftest import RECIPE, START, build, claims, opened, payments, recipe

SUBJECT = RECIPE["subject"]


def changed(**columns: Callable[[pa.ChunkedArray], pa.Array]) -> pa.Table:
    rows, _ = payments()
    for name, change in columns.items():
        rows = rows.set_column(rows.column_names.index(name), name, change(rows.column(name)))
    return rows


def some(values: pa.ChunkedArray, odd: list[Any]) -> pa.Array:
    """A few values, all over the table, are odd ones."""
    found = values.to_pylist()
    for place in range(0, len(found), 7):
        found[place] = odd[place // 7 % len(odd)]
    return pa.array(found, values.type)


@pytest.mark.parametrize(
    ("label", "count", "said"),
    [
        (1, 0, "has 0 cases in .* rows: all are of one class"),
        (0, 200, "has 0 cases in .* rows: all are of one class"),
        (None, 200, "has 0 cases in .* rows: all are of one class"),
        (1, 3, r"has \d cases in .* rows; at least 5 are needed"),
    ],
)
def test_too_few_cases(tmp_path: Path, label: int | None, count: int, said: str) -> None:
    rows, _ = payments()
    places = np.linspace(10, rows.num_rows - 10, count).astype(int)
    at = rows.column("at").to_pylist()
    labels = claims(places, [at[i] + dt.timedelta(days=2) for i in places], label)
    with opened(build(tmp_path / "home", rows, labels)) as shop, pytest.raises(Invalid, match=said):
        job.train(recipe(), shop)


def test_nothing_but_cases(tmp_path: Path) -> None:
    rows, _ = payments()
    opened_at = [at + dt.timedelta(days=2) for at in rows.column("at").to_pylist()]
    home = build(tmp_path / "home", rows, claims(range(rows.num_rows), opened_at))
    with (
        opened(home) as shop,
        pytest.raises(Invalid, match=r"The train part has (.*) cases in \1 rows: too few are none"),
    ):
        job.train(recipe(), shop)


def test_labels_that_are_known_too_late_do_not_count(tmp_path: Path) -> None:
    rows, labels = payments()
    late = labels.set_column(2, "opened", pa.array([START + dt.timedelta(days=300)] * len(labels), pa.timestamp("us")))
    with opened(build(tmp_path / "home", rows, late)) as shop, pytest.raises(Invalid, match="all are of one class"):
        job.train(recipe(), shop)


def test_odd_numbers_and_names_are_learnt_from(tmp_path: Path) -> None:
    odd_numbers = [float("nan"), float("inf"), -float("inf"), None, 1e9, -1e9]
    rows = changed(
        amount=lambda values: some(values, odd_numbers),
        shop=lambda values: some(values, ["", None, "名前", "a\nb", "x" * 500, 'quo"te', "\u202eevil"]),
    )
    home = build(tmp_path / "home", rows, payments()[1])
    huge = {
        "sql": "SELECT id, card, amount, shop, amount * 1e299 AS huge, at FROM pay.payments",
        "columns": ["amount", "shop", "huge"],
    }
    with opened(home) as shop:
        outcome = job.train(recipe(subject={**SUBJECT, **huge}), shop)
    assert all(np.isfinite(value) for value in outcome.metrics.values())
    scorer = Scorer.load(ModelStore(home).resolve("tiny", 1).folder)
    shops = next(column for column in scorer.spec.columns if column.name == "shop")
    assert {"名前", "", "a\nb"} <= set(shops.categories)


def test_a_column_without_values_is_left_out(tmp_path: Path) -> None:
    rows = changed(shop=lambda values: pa.array([None] * len(values), pa.string()))
    home = build(tmp_path / "home", rows, payments()[1])
    with opened(home) as shop:
        outcome = job.train(recipe(), shop)
    columns = [c.name for c in Scorer.load(ModelStore(home).resolve("tiny", 1).folder).spec.columns]
    assert columns == ["amount", "cards__payments_1h", "cards__payments_7d", "cards__spent_1h"]
    with ModelStore(home).client() as client:
        params = client.get_run(outcome.run_id).data.params
    assert (params["left_out.shop"], params["left_out.same"]) == ("no values", "one value")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"subject": {**SUBJECT, "columns": ["amonut"]}}, "The subject has no column 'amonut'. Did you mean 'amount'"),
        ({"subject": {**SUBJECT, "columns": ["at"]}}, "'at' is neither a number nor text: it is timestamp"),
        ({"subject": {**SUBJECT, "key": ["card"]}}, r"The subject gives \d+ rows for card 'card \d+'"),
        ({"subject": {**SUBJECT, "key": ["nothing"]}}, "nothing"),
        ({"subject": {**SUBJECT, "sql": "DROP TABLE pay.payments"}}, "can't be read|SELECT"),
        ({"subject": {**SUBJECT, "sql": "SELECT * FROM pay.payments; SELECT 1"}}, "can't be read"),
        ({"subject": {**SUBJECT, "sql": "SELECT id, amount, shop, same, at FROM pay.payments"}}, "no column 'card'"),
        ({"labels": {"sql": "SELECT id, label FROM pay.claims", "maturity": "10d"}}, "known_at"),
        ({"rule": ["cards.speed"]}, "rule: there is no column 'cards__speed'"),
        ({"rule": ["shop"]}, "'shop' is no number"),
        ({"costs": {"miss": "prize"}}, "costs: the subject has no column 'prize'"),
        ({"costs": {"miss": "shop"}}, "costs: 'shop' is no number"),
        ({"subject": {**SUBJECT, "columns": ["same"]}, "features": ["empty"], "rule": ["same"]}, "each has one value"),
        ({"features": ["crads"]}, "There is no feature view 'crads'"),
        ({"features": ["cards.payments_2h"]}, "has no feature 'payments_2h'"),
        (
            {
                "split": {
                    "since": "2030-01-01",
                    "calibration": "2030-03-01",
                    "test": "2030-05-01",
                    "until": "2030-07-01",
                }
            },
            "The train part has no rows",
        ),
    ],
)
def test_recipes_that_do_not_fit_the_data(untrained_with_empty: Path, changes: dict[str, Any], said: str) -> None:
    with opened(untrained_with_empty) as shop, pytest.raises(DataError, match=said):
        job.train(recipe(**changes), shop)


EMPTY = """
empty = FeatureView(
    name="empty", entity="card", keys=("card",), source="pay.payments", time="at", filter="amount < -1e300",
    features=(Feature("payments", "count", over=("1h",)),),
)
"""


@pytest.fixture(scope="module")
def untrained_with_empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("hard") / "home", *payments(), EMPTY)


def test_who_may_not_see_the_rows_may_not_learn_from_them(untrained_with_empty: Path) -> None:
    with opened(untrained_with_empty) as shop:
        nobody = replace(shop, principal=shop.gateway.policy.principal("nobody"))
        with pytest.raises((Forbidden, NotFound)):
            job.train(recipe(), nobody)
