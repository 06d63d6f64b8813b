"""Predictions: completed under the caller's rights, with the features of the right moment, and logged."""

from __future__ import annotations

import datetime as dt
import json
import threading
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from agents.predictors.predictor import Predictor
from agents.predictors.scorer import Scorer
from agents.predictors.subject import typed
from data import lake
from data.errors import Forbidden, Invalid, NotFound
from data.features.platform import Features
from data.gateway import Gateway
from data.policy import Principal
from tests.agents.predictors.conftest import NOW
from tests.data.features.conftest import START


def test_a_key_is_completed_and_scored_as_a_training_set_has_it(
    predictor: Predictor, features: Features, gateway: Gateway, owner: Principal, shop: Path, tmp_path: Path
) -> None:
    [made] = predictor.score(owner, "risk", [{"id": 123}])
    labels = "SELECT id, card, at, amount, shop FROM pay.payments WHERE id = 123"
    out = str(tmp_path / "x.parquet")
    features.training_set(owner, labels, "at", ["cards.spent_1h", "cards.payments_1h"], out)
    import pyarrow.parquet as pq

    rows = pq.read_table(out)
    spec = predictor.usable(owner, "risk").spec
    assert made.features == rows.select([column.name for column in spec.columns]).to_pylist()[0]
    [score] = Scorer.load(shop / "mlflow/risk-1").score(rows)
    assert (made.prediction, made.flagged, made.reasons) == (score.prediction, score.flagged, score.reasons)
    assert made.at == START + dt.timedelta(minutes=123)
    assert (made.model, made.version, made.keys, made.principal) == ("risk", 1, {"id": 123}, "owner")
    assert [use.table for use in made.tables] == ["pay.payments"]
    assert [(view.view, view.history, view.online) for view in made.views] == [("cards", 0, None)]
    assert made.freshness is not None
    assert made.reasons[0].contribution != 0


def test_a_moment_that_is_given_counts(predictor: Predictor, owner: Principal) -> None:
    own, later = (predictor.score(owner, "risk", [{"id": 5}], at)[0] for at in (None, NOW))
    assert (own.at, later.at) == (START + dt.timedelta(minutes=5), NOW)
    assert own.features["cards__payments_1h"] != later.features["cards__payments_1h"]
    aware = predictor.score(owner, "risk", [{"id": 5}], NOW.replace(tzinfo=dt.timezone(dt.timedelta(hours=1))))[0]
    assert aware.at == NOW - dt.timedelta(hours=1)


def test_what_is_given_whole_needs_no_row_and_now_is_the_online_stores(
    predictor: Predictor, owner: Principal, gateway: Gateway
) -> None:
    given = {"card": 1, "amount": 99.5, "shop": "a"}
    predictor.score(owner, "risk", [given])
    asked = [record.asked for record in gateway.audit.tail(1)]
    [made] = predictor.score(owner, "risk", [given])
    assert [record.asked for record in gateway.audit.tail(2)] == [*asked, "features of cards"]
    assert made.tables == ()
    assert made.keys == {}
    assert [(view.history, view.online, view.absent) for view in made.views] == [(0, 0, ("expired",))]
    assert made.features == {"amount": made.features["amount"], "shop": "a"} | dict.fromkeys(
        ("cards__spent_1h", "cards__payments_1h")
    )
    assert made.flagged


def test_many_keys_keep_their_order(predictor: Predictor, owner: Principal) -> None:
    ids = [100, 7, 100, 33]
    made = predictor.score(owner, "risk", [{"id": i} for i in ids] + [{"card": 1, "amount": 1, "shop": None}])
    assert [p.keys.get("id") for p in made] == [*ids, None]
    assert made[0].prediction == made[2].prediction
    assert [p.prediction for p in predictor.score(owner, "risk", [{"id": 7}])] == [made[1].prediction]


def test_callers_at_the_same_time_share_queries_and_get_their_own(
    predictor: Predictor, owner: Principal, gateway: Gateway
) -> None:
    expected = {p.keys["id"]: p.prediction for p in predictor.score(owner, "risk", [{"id": i} for i in range(40)])}
    found: dict[int, Any] = {}

    def ask(i: int) -> None:
        try:
            found[i] = predictor.score(owner, "risk", [{"id": i}])[0].prediction
        except NotFound as error:
            found[i] = error.facts["keys"]

    threads = [threading.Thread(target=ask, args=(i,)) for i in [*range(40), 9999]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found.pop(9999) == {"id": 9999}
    assert found == expected


@pytest.mark.parametrize(
    ("who", "error", "said"),
    [
        ("nobody", NotFound, "no model 'risk' that you may see"),
        ("filtered", Forbidden, "features that you may not see"),
        ("masked", Forbidden, "features that you may not see"),
        ("narrow", Forbidden, "columns that you may not see"),
    ],
)
def test_who_may_not_see_all_that_a_model_reads_gets_no_score(
    predictor: Predictor, gateway: Gateway, who: str, error: type[Exception], said: str
) -> None:
    principal = gateway.policy.principal(who)
    before = sum(table.num_rows for table in predictor.log.rows("risk"))
    for keys in ({"id": 1}, {"card": 1, "amount": 1.0, "shop": "a"}):
        with pytest.raises(error, match=said):
            predictor.score(principal, "risk", [keys])
    assert sum(table.num_rows for table in predictor.log.rows("risk")) == before
    assert [m.version.name for m in predictor.visible(principal)] == (["risk"] if error is Forbidden else [])


def test_what_is_not_there_is_told_alike_to_those_who_may_not_know(predictor: Predictor, gateway: Gateway) -> None:
    nobody = gateway.policy.principal("nobody")
    said = []
    for name in ("risk", "rusk"):
        with pytest.raises(NotFound) as raised:
            predictor.score(nobody, name, [{"id": 1}])
        said.append(str(raised.value).replace(name, "X"))
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "wants the key 'id', and nothing was given"),
        ({"id": None}, "wants the key 'id'"),
        ({"id": "x"}, "'id' is int64, not 'x'"),
        ({"id": True}, "'id' is int64, not True"),
        ({"id": 1, "amount": 5}, "'id', 'amount' was given.*'amount', 'shop', 'card', 'at'"),
        ({"card": 1, "amount": "much", "shop": "a"}, r"'amount' is decimal128\(12, 2\), not 'much'"),
        ({"card": 1, "amount": float("nan"), "shop": "a"}, "'amount' is decimal"),
        ({"card": 1, "amount": 1, "shop": "a", "at": "soon"}, "'at' is timestamp.*not 'soon'"),
        ({"id": 1, "colour": "red"}, "no column 'colour'"),
    ],
)
def test_keys_that_can_not_be_read_are_refused(predictor: Predictor, owner: Principal, keys: Any, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        predictor.score(owner, "risk", [keys])


def test_bounds_and_unknown_models_and_subjects(predictor: Predictor, owner: Principal) -> None:
    for size in (0, 1001):
        with pytest.raises(Invalid, match="1 to 1,000"):
            predictor.score(owner, "risk", [{"id": 1}] * size)
    with pytest.raises(NotFound, match="no model 'rusk'"):
        predictor.score(owner, "rusk", [{"id": 1}])
    with pytest.raises(NotFound, match="no version 7"):
        predictor.score(owner, "risk", [{"id": 1}], version=7)
    with pytest.raises(NotFound, match="There is no id 9999 that you may see"):
        predictor.score(owner, "risk", [{"id": 1}, {"id": 9999}])


def test_each_prediction_is_in_the_delta_log_with_all_it_is_made_of(predictor: Predictor, owner: Principal) -> None:
    [made] = predictor.score(owner, "risk", [{"id": 42}])
    predictor.log.flush()
    table = lake.read(predictor.log.table("risk"))
    [row] = [row for row in table.to_pylist() if row["id"] == made.id]
    assert (row["model"], row["version"], row["principal"]) == ("risk", 1, "owner")
    assert (row["prediction"], row["flagged"], row["threshold"]) == (made.prediction, made.flagged, 0.5)
    assert json.loads(row["keys"]) == {"id": 42}
    assert json.loads(row["features"])["shop"] == "a"
    assert [reason["feature"] for reason in json.loads(row["reasons"])] == [r.feature for r in made.reasons]
    tables, views = json.loads(row["sources"])
    assert (tables["table"], views["view"], views["history"]) == ("pay.payments", "cards", 0)
    assert row["at"] == made.at.replace(tzinfo=dt.UTC)
    assert row["freshness"] == made.freshness


def test_types_of_json_become_those_of_the_columns() -> None:
    assert typed("x", 3.0, pa.int64()) == 3
    assert typed("x", "2025-01-01T01:00:00+01:00", pa.timestamp("us")) == START
    assert str(typed("x", 1.1, pa.decimal128(12, 2))) == "1.10"
    assert typed("x", None, pa.bool_()) is None
    for value, kind in ((3.5, pa.int64()), (1, pa.string()), ("1", pa.float64()), (1, pa.bool_()), (5, pa.date32())):
        with pytest.raises(Invalid):
            typed("x", value, kind)
