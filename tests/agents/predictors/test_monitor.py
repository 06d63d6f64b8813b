"""Drift reports: of the champion's own predictions in a period, for those who see all of them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agents.predictors.monitor import report
from agents.predictors.prediction import Prediction
from agents.predictors.predictor import Predictor
from data.errors import Forbidden, NotFound
from data.features.given import Provenance
from data.gateway import Gateway
from data.policy import Principal
from tests.agents.predictors import tiny

SINCE = dt.datetime(2031, 1, 1)


def logged(predictor: Predictor, day: int, rows: Sequence[dict[str, Any]], version: int = 1) -> None:
    made = SINCE + dt.timedelta(days=day)
    base = Prediction(
        "", "risk", version, "owner", made, made, {}, 0.7, True, 0.5, (), (), {},
        views=(Provenance("cards", 0, 0, (made - dt.timedelta(seconds=30)).replace(tzinfo=dt.UTC)),),
    )  # fmt: skip
    predictor.log.write([replace(base, id=f"{day}-{i}", features=row) for i, row in enumerate(rows)])


def like_training(seed: int = 9) -> list[dict[str, Any]]:
    return tiny.sample(tiny.SPEC, seed).to_pylist() + tiny.sample(tiny.SPEC, seed + 1).to_pylist()


def columns(predictor: Predictor, principal: Principal, day: int) -> dict[str, Any]:
    found = report(predictor, principal, "risk", SINCE + dt.timedelta(days=day)).as_json()
    assert json.loads(json.dumps(found)) == found
    return {**found, "columns": {one["column"]: one for one in found["columns"]}}


def test_inputs_like_those_of_training_are_stable(predictor: Predictor, owner: Principal) -> None:
    logged(predictor, 40, like_training())
    logged(predictor, 40, [{"amount": -1}] * 100, version=2)
    found = columns(predictor, owner, 40)
    assert {one["verdict"] for one in found["columns"].values()} == {"stable"}
    assert (found["predictions"], found["enough"], found["flagged"]) == (800, True, 1.0)
    assert found["said"] == "Of 4 inputs none drifted."
    assert found["views"] == {"cards": {"median": 30.0, "longest": 30.0}}


def test_what_moved_is_found_by_column(predictor: Predictor, owner: Principal) -> None:
    rng = np.random.default_rng(0)
    changed = [
        {
            **row,
            "amount": row["amount"] * 3,
            "cards__payments_1h": None if rng.random() < 0.2 else row["cards__payments_1h"],
            "shop": "c" if rng.random() < 0.5 else row["shop"],
        }
        for row in like_training()
    ]
    logged(predictor, 50, changed)
    found = columns(predictor, owner, 50)
    verdicts = {name: one["verdict"] for name, one in found["columns"].items()}
    assert verdicts == {
        "amount": "drifted", "cards__spent_1h": "stable", "cards__payments_1h": "drifted", "shop": "drifted",
    }  # fmt: skip
    assert found["columns"]["cards__payments_1h"]["missing"] == pytest.approx(0.2, abs=0.05)
    assert found["columns"]["cards__payments_1h"]["missing_before"] == 0
    assert found["columns"]["shop"]["new"] == ["c"]
    assert found["columns"]["shop"]["new_share"] == pytest.approx(0.5, abs=0.06)
    assert "3 drifted: amount" in found["said"]
    assert "New categories: shop" in found["said"]


def test_too_few_predictions_are_said_to_be_too_few(predictor: Predictor, owner: Principal) -> None:
    logged(predictor, 60, like_training()[:30])
    found = columns(predictor, owner, 60)
    assert (found["predictions"], found["enough"]) == (30, False)
    assert found["said"].startswith("30 predictions are too few")
    assert found["columns"]["amount"]["index"] is None
    nothing = columns(predictor, owner, 70)
    assert (nothing["predictions"], nothing["flagged"], nothing["enough"]) == (0, None, False)


def test_who_sees_only_a_part_gets_no_report(predictor: Predictor, gateway: Gateway) -> None:
    for who, error in (("filtered", Forbidden), ("narrow", Forbidden), ("nobody", NotFound)):
        with pytest.raises(error):
            report(predictor, gateway.policy.principal(who), "risk")
