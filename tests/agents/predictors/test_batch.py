"""A table's scores are those of its rows one by one, and say what they are made of."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from agents.predictors import batch
from agents.predictors.batch import Job, Written
from agents.predictors.predictor import Predictor
from data import lake
from data.errors import Forbidden, Invalid
from data.gateway import Gateway
from data.policy import Principal
from tests.agents.predictors.conftest import NOW


def job(predictor: Predictor, principal: Principal, select: str = "", **more: Any) -> Job:
    return Job(predictor, principal, predictor.models.get("risk"), select, **more)


def written(made: Job, out: Path) -> tuple[Written, dict[int, dict[str, Any]]]:
    done = made.run(str(out))
    return done, {row["id"]: row for row in pq.read_table(out).to_pylist()}


@pytest.mark.parametrize(
    "select",
    ["", "SELECT id FROM pay.payments WHERE id < 150", "SELECT id, at, card, amount, shop FROM pay.payments"],
)
def test_rows_have_the_scores_that_they_have_alone(
    predictor: Predictor, owner: Principal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, select: str
) -> None:
    monkeypatch.setattr(batch, "STEP", 17)
    done, rows = written(job(predictor, owner, select, reasons=2), tmp_path / "x.parquet")
    assert done.rows == len(rows) == (150 if "150" in select else 190)
    for alone in predictor.score(owner, "risk", [{"id": i} for i in (3, 77, 149)], reasons=2):
        row = rows[alone.keys["id"]]
        assert (row["prediction"], row["flagged"], row["at"]) == (alone.prediction, alone.flagged, alone.at)
        told = [(one["feature"], one["contribution"]) for one in json.loads(row["reasons"])]
        assert told == [(reason.feature, reason.contribution) for reason in alone.reasons]
    metadata = json.loads(pq.read_schema(tmp_path / "x.parquet").metadata[b"lakewright"])
    assert (metadata["model"], metadata["version"]) == ("risk", 1)
    assert metadata["set"]["histories"] == {"cards": 0}
    assert "pay.payments" in metadata["set"]["tables"]


def test_one_moment_for_all_rows(predictor: Predictor, owner: Principal, tmp_path: Path) -> None:
    _, rows = written(job(predictor, owner, "SELECT id FROM pay.payments", at=NOW), tmp_path / "x.parquet")
    assert {row["at"] for row in rows.values()} == {NOW}
    [alone] = predictor.score(owner, "risk", [{"id": 180}], NOW)
    assert rows[180]["prediction"] == alone.prediction
    assert "reasons" not in rows[180]


def test_rows_without_a_moment_are_of_now(predictor: Predictor, owner: Principal, tmp_path: Path) -> None:
    before = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    for select in ("card, amount, shop, CAST(NULL AS TIMESTAMP) AS at", "card, amount, shop"):
        _, rows = written(job(predictor, owner, f"SELECT id, {select} FROM pay.payments"), tmp_path / "x.parquet")
        assert min(row["at"] for row in rows.values()) >= before


def test_a_table_of_the_home(predictor: Predictor, owner: Principal) -> None:
    done = job(predictor, owner).run("risk_scores")
    assert done.place == predictor.features.home / "lake/scores/risk_scores"
    assert lake.read(done.place).num_rows == 190


def test_what_is_missing_or_not_granted_is_said(predictor: Predictor, gateway: Gateway, tmp_path: Path) -> None:
    owner = gateway.policy.principal("owner")
    out = str(tmp_path / "x.parquet")
    with pytest.raises(Invalid, match="neither the key of 'risk'"):
        job(predictor, owner, "SELECT card FROM pay.payments").run(out)
    with pytest.raises(Invalid, match="neither a Parquet file nor"):
        job(predictor, owner).run("../x")
    with pytest.raises(Forbidden):
        job(predictor, gateway.policy.principal("narrow"), "SELECT id FROM pay.payments").run(out)
    assert list(tmp_path.iterdir()) == []
