"""Scores and drift on the command line and over the API, by a small model over the demo's payments."""

from __future__ import annotations

import json
import shlex
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pyarrow.parquet as pq
import pytest
import uvicorn
from fastapi.testclient import TestClient
from mlflow.deployments import PredictionsResponse
from mlflow.utils.proto_json_utils import dump_input_data

from app.api.server import build
from app.assembly import Lakewright
from app.cli import build as cli
from app.cli.command import run
from app.settings import Settings
from data import lake
from lakewright.client import Client, LakewrightError
from tests.app.conftest import bearer
from tests.app.served import copied

CLIENTS = 100


@pytest.fixture(scope="module")
def served(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(demo_home, tmp_path_factory.mktemp("served") / "home")


@pytest.fixture(scope="module")
def opened(served: Path) -> Iterator[Lakewright]:
    lakewright = Lakewright.open(Settings.load(served))
    yield lakewright
    lakewright.close()


@pytest.fixture(scope="module")
def payments(opened: Lakewright) -> list[int]:
    # "SELECT payment_id FROM square.payments" has others too: those without a card are no subjects.
    sql = "SELECT payment_id FROM square.payments WHERE card_id IS NOT NULL ORDER BY payment_id LIMIT 200"
    return list(opened.gateway.query(opened.principal("owner"), sql).table.column(0).to_pylist())


@pytest.fixture
def web(opened: Lakewright) -> Iterator[TestClient]:
    with TestClient(build(opened, chat=False), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def called(served: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*arguments: str) -> tuple[int, Any]:
        code = run(cli(), [*arguments, "--home", str(served), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return call


def test_a_subject_is_scored_and_the_prediction_is_in_its_delta_table(
    called: Any, served: Path, payments: list[int]
) -> None:
    code, document = called("score", "risk", "--keys", json.dumps({"payment_id": payments[0]}))
    assert code == 0
    assert {"prediction", "features", "model", "version", "flagged", "reasons", "id", "freshness"} <= set(document)
    assert (document["model"], document["version"], document["keys"]) == ("risk", 1, {"payment_id": payments[0]})
    assert set(document["features"]) == {"amount", "method", "card_payments__spent_1d", "card_payments__payments_30d"}
    rows = lake.read(served / "lake/predictions/risk").to_pylist()
    [row] = [row for row in rows if row["id"] == document["id"]]
    assert row["prediction"] == document["prediction"]
    code, several = called("score", "risk", "--keys", json.dumps([{"payment_id": p} for p in payments[:3]]))
    assert (code, len(several["predictions"])) == (0, 3)
    assert several["predictions"][0]["prediction"] == document["prediction"]


def test_people_read_the_reasons(served: Path, payments: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    keys = json.dumps({"payment_id": payments[0]})
    assert run(cli(), ["score", "risk", "--keys", keys, "--reasons", "2", "--home", str(served)]) == 0
    said = capsys.readouterr().out
    assert f"payment_id {payments[0]}: " in said
    assert "flagged by risk version 1" in " ".join(said.split())
    assert "contribution" in said


def test_a_table_is_scored_into_a_file(called: Any, tmp_path: Path, payments: list[int]) -> None:
    out = tmp_path / "scores.parquet"
    select = "SELECT payment_id FROM square.payments WHERE card_id IS NOT NULL"
    code, document = called("score", "risk", "--table", select, "--out", str(out))
    assert (code, document["model"], document["version"]) == (0, "risk", 1)
    rows = {row["payment_id"]: row["prediction"] for row in pq.read_table(out).to_pylist()}
    assert document["rows"] == len(rows)
    _, one = called("score", "risk", "--keys", json.dumps({"payment_id": payments[7]}))
    assert rows[payments[7]] == one["prediction"]


@pytest.mark.parametrize(
    ("arguments", "code", "kind"),
    [
        (("risk",), 2, "invalid"),
        (("risk", "--keys", "7"), 2, "invalid"),
        (("risk", "--keys", "{"), 2, "invalid"),
        (("risk", "--keys", "[]"), 2, "invalid"),
        (("risk", "--keys", "{}", "--table", "x"), 2, "invalid"),
        (("risk", "--table", ""), 2, "invalid"),
        (("risk", "--keys", '{"payment_id": "x"}'), 2, "invalid"),
        (("risk", "--keys", '{"payment_id": -1}'), 4, "not_found"),
        (("rusk", "--keys", '{"payment_id": 1}'), 4, "not_found"),
        (("risk", "--keys", '{"payment_id": 1}', "--version", "9"), 4, "not_found"),
        (("risk", "--keys", '{"payment_id": 1}', "--as", "cash-analyst"), 4, "not_found"),
        (("risk", "--keys", '{"payment_id": 1}', "--as", "support-ca"), 4, "not_found"),
    ],
)
def test_what_makes_no_sense_or_is_not_granted(called: Any, arguments: tuple[str, ...], code: int, kind: str) -> None:
    got, document = called("score", *arguments)
    assert (got, document["error"]["kind"]) == (code, kind)
    assert document["error"]["remedy"]


def test_the_commands_of_the_manual_work(
    called: Any, served: Path, payments: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    manual = (Path(__file__).parents[2] / "docs/serving.md").read_text(encoding="utf-8")
    lines = [line for line in manual.splitlines() if line.startswith(("    lakewright score", "    lakewright drift"))]
    assert len(lines) == 4
    for line in lines:
        code, document = called(*shlex.split(line.replace("123", str(payments[0])))[1:])
        assert code == 0, document
    assert pq.read_table("scores.parquet").num_rows == lake.read(served / "lake/scores/risk_scores").num_rows


def test_drift_says_when_there_are_too_few(called: Any) -> None:
    code, document = called("drift", "risk", "--since", "2099-01-01")
    assert (code, document["predictions"], document["enough"]) == (0, 0, False)
    assert "too few" in document["said"]
    assert called("drift", "risk", "--as", "cash-analyst")[0] == 4


def test_all_forms_of_mlflows_requests_give_the_same(web: TestClient, opened: Lakewright, payments: list[int]) -> None:
    who = bearer(opened, "square-analyst")
    rows = [{"payment_id": payment} for payment in payments[:4]]
    bodies: list[Any] = [
        {"dataframe_records": rows},
        {"dataframe_split": {"columns": ["payment_id"], "data": [[p] for p in payments[:4]]}},
        {"inputs": rows},
        {"inputs": {"payment_id": payments[:4]}},
        {"instances": rows},
        json.loads(dump_input_data(pd.DataFrame(rows))),
    ]
    answers = [web.post("/api/models/risk/invocations", json=body, headers=who) for body in bodies]
    assert [answer.status_code for answer in answers] == [200] * 6
    found = [[one["prediction"] for one in answer.json()["predictions"]] for answer in answers]
    assert found == [found[0]] * 6
    frame = PredictionsResponse.from_json(answers[0].text).get_predictions()
    assert frame["prediction"].tolist() == found[0]
    assert frame["keys"].tolist() == rows


def test_params_choose_the_moment_the_version_and_the_reasons(
    web: TestClient, opened: Lakewright, payments: list[int]
) -> None:
    who = bearer(opened, "owner")
    body = {"instances": [{"payment_id": payments[0]}], "params": {"at": "2025-12-31", "version": 1, "reasons": 1}}
    [one] = web.post("/api/models/risk/invocations", json=body, headers=who).json()["predictions"]
    assert (one["at"], len(one["reasons"])) == ("2025-12-31T00:00:00", 1)


def test_the_client_scores(web: TestClient, opened: Lakewright, payments: list[int]) -> None:
    token = bearer(opened, "owner")["Authorization"].removeprefix("Bearer ")
    client = Client("http://test", token, http=web)
    [one] = client.score("risk", [{"payment_id": payments[0]}], reasons=1)
    assert (one["model"], len(one["reasons"])) == ("risk", 1)
    with pytest.raises(LakewrightError, match="no payment_id -1"):
        client.score("risk", [{"payment_id": -1}])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"instances": [], "inputs": []}, 400),
        ({"instances": []}, 400),
        ({"instances": [{"payment_id": 1}] * 1001}, 400),
        ({"instances": [{"payment_id": "x"}]}, 400),
        ({"instances": [{"payment_id": -1}]}, 404),
        ({"instances": [7]}, 422),
        ({"dataframe_split": {"columns": ["payment_id"], "data": [[1, 2]]}}, 400),
        ({"inputs": {"payment_id": [1], "amount": []}}, 400),
        ({"instances": [{"payment_id": 1}], "params": {"colour": 1}}, 422),
        ({"instances": [{"payment_id": 1}], "more": 1}, 422),
        ({"instances": [{"payment_id": 1, "note": "x" * 2_000_000}]}, 413),
    ],
)
def test_wrong_requests_are_problems(web: TestClient, opened: Lakewright, body: Any, status: int) -> None:
    answer = web.post("/api/models/risk/invocations", json=body, headers=bearer(opened, "owner"))
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["remedy"] or status == 413


def test_a_card_has_features_and_metrics_for_those_who_may_use_the_model(web: TestClient, opened: Lakewright) -> None:
    card = web.get("/api/models/risk", headers=bearer(opened, "square-analyst")).json()
    assert (card["version"], card["aliases"], card["task"]) == (1, ["champion"], "classify")
    assert card["features"] == ["card_payments.spent_1d", "card_payments.payments_30d"]
    assert card["metrics"] == {"pr_auc": 0.75}
    assert card["needs"] == ["amount", "method", "card_id"]
    assert [one["name"] for one in web.get("/api/models", headers=bearer(opened, "owner")).json()["models"]] == ["risk"]
    assert web.get("/api/models", headers=bearer(opened, "cash-analyst")).json() == {"models": []}
    for path in ("risk", "risk/drift", "rusk"):
        assert web.get(f"/api/models/{path}", headers=bearer(opened, "cash-analyst")).status_code == 404
        assert web.get(f"/api/models/{path}").status_code == 401
    found = web.get("/api/models/risk/drift?since=2099-01-01T00:00:00", headers=bearer(opened, "owner")).json()
    assert (found["predictions"], found["enough"]) == (0, False)


@pytest.fixture
def url(opened: Lakewright) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(build(opened, chat=False), port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(20)


def test_a_hundred_clients_at_once_get_their_own(url: str, opened: Lakewright, payments: list[int]) -> None:
    headers, errors = bearer(opened, "owner"), []
    made: dict[int, list[float]] = {payment: [] for payment in payments[:CLIENTS]}

    def client(payment: int) -> None:
        with httpx.Client(base_url=url, headers=headers, timeout=60) as http:
            for _ in range(2):
                body = {"instances": [{"payment_id": payment}]}
                answer = http.post("/api/models/risk/invocations", json=body)
                if answer.status_code == 200:
                    made[payment].append(answer.json()["predictions"][0]["prediction"])
                else:
                    errors.append(answer.text)

    threads = [threading.Thread(target=client, args=(payment,)) for payment in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    body = {"instances": [{"payment_id": payment} for payment in made]}
    alone = httpx.post(f"{url}/api/models/risk/invocations", json=body, headers=headers, timeout=60).json()
    expected = {one["keys"]["payment_id"]: [one["prediction"]] * 2 for one in alone["predictions"]}
    assert made == expected
