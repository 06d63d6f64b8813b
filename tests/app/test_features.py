"""Features on the command line and over the API, of the demo's own definitions."""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from app.api.server import build
from app.assembly import Lakewright
from app.cli import build as cli
from app.cli.command import run
from app.settings import Settings
from tests.app.conftest import bearer

UNTIL = "2025-12-31T23:59:59"
LABELS = "SELECT payment_id, card_id, created_at AS at FROM square.payments"


@pytest.fixture(scope="module")
def prepared(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's definitions over a copy of its Delta tables, applied and materialised."""
    home = tmp_path_factory.mktemp("features") / "home"
    home.mkdir(mode=0o700)
    for name in ("catalog.yaml", "policy.yaml", "tidal.sqlite"):
        shutil.copyfile(demo_home / name, home / name)
    for name in ("lake/square", "lake/tbd", "lake/growth", "features"):
        shutil.copytree(demo_home / name, home / name)
    for command in (["apply"], ["materialize", "card_payments", "listening", "--until", UNTIL]):
        assert run(cli(), ["features", *command, "--home", str(home)]) == 0
    return home


@pytest.fixture
def called(prepared: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*arguments: str) -> tuple[int, Any]:
        code = run(cli(), ["features", *arguments, "--home", str(prepared), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return call


@pytest.fixture
def client(prepared: Path) -> Iterator[tuple[TestClient, Lakewright]]:
    opened = Lakewright.open(Settings.load(prepared))
    with TestClient(build(opened, chat=False), raise_server_exceptions=False) as client:
        yield client, opened
    opened.close()


def test_views_are_listed_as_far_as_the_caller_sees_them(called: Any) -> None:
    code, document = called("list")
    assert code == 0
    views = {view["name"]: view for view in document["views"]}
    assert {"card_payments", "merchant_disputes", "user_payments", "subscribing"} <= set(views)
    assert views["card_payments"]["version"] == views["card_payments"]["online"] == 0
    assert views["user_payments"]["online"] is None
    _, document = called("list", "--as", "square-analyst")
    seen = {view["name"] for view in document["views"]}
    assert "card_payments" in seen
    assert not {"listening", "user_payments"} & seen


def test_values_of_one_entity(called: Any) -> None:
    code, document = called("get", "card_payments", "--keys", '{"card_id": 1000000}', "--at", UNTIL)
    assert (code, document["reason"]) == (0, "unknown entity")
    assert set(document) == {"view", "keys", "at", "features", "reason"}
    assert document["features"]["spent_30d"] is None
    code, document = called("get", "card_payments", "--keys", "7")
    assert (code, document["error"]["kind"]) == (2, "invalid")
    code, document = called("get", "listening", "--keys", '{"user_id": 1}', "--as", "square-analyst")
    assert (code, document["error"]["kind"]) == (4, "not_found")


def test_a_training_set_agrees_with_the_gateways_own_query(called: Any, prepared: Path, tmp_path: Path) -> None:
    out = tmp_path / "set.parquet"
    code, document = called("training-set", LABELS, "--feature", "card_payments.spent_30d", "--out", str(out))
    assert code == 0
    rows = {row["payment_id"]: row for row in pq.read_table(out).to_pylist()}
    assert document["rows"] == len(rows)
    assert document["histories"] == {"card_payments": 0}
    opened = Lakewright.open(Settings.load(prepared))
    sql = """
        SELECT l.payment_id, sum(p.amount) FROM square.payments l JOIN square.payments p ON p.card_id = l.card_id
        AND p.status <> 'failed' AND p.created_at <= l.created_at AND p.created_at > l.created_at - INTERVAL 30 DAY
        AND p.received_at <= l.created_at GROUP BY 1
    """
    result = opened.gateway.query(opened.principal("owner"), sql)
    expected = {key: float(spent) for key, spent in zip(*result.table.to_pydict().values(), strict=True)}
    opened.close()
    assert len(expected) > 1000
    for key, row in rows.items():
        assert (row["card_payments__spent_30d"] or 0.0) == expected.get(key, 0.0)


def test_the_commands_and_the_definition_of_the_manual_work(
    called: Any, prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    manual = (Path(__file__).parents[2] / "docs/features.md").read_text(encoding="utf-8")
    definition = prepared / "features/manual.py"
    definition.write_text("".join(block.partition("```")[0] for block in manual.split("```python\n")[1:]))
    prefix = "    lakewright features "
    commands = [shlex.split(line)[2:] for line in manual.splitlines() if line.startswith(prefix)]
    assert len(commands) == 6
    for command in commands:
        code, document = called(*command)
        assert code == 0, document
    assert pq.read_table("cards.parquet").num_rows == document_rows(prepared)
    definition.unlink()
    assert called("apply")[0] == 0


def document_rows(home: Path) -> int:
    from deltalake import DeltaTable

    return DeltaTable(home / "lake/training/cards_again").to_pyarrow_table().num_rows


def test_connections_are_materialised_and_asked_for_as_any_view_is(called: Any) -> None:
    code, document = called("materialize", "connected_cards", "--until", UNTIL)
    assert code == 0
    assert document["views"][0]["events"] == document["views"][0]["rows"] > 100
    code, document = called("materialize", "connected_cards", "--until", UNTIL)
    assert document["views"][0]["events"] == 0
    code, document = called("get", "connected_cards", "--keys", '{"card_id": 1000000}', "--at", UNTIL)
    assert (code, document["reason"]) == (0, "unknown entity")
    assert set(document["features"]) >= {"shop_sharers_7d", "fraudulent_share_30d"}


def test_only_the_administrator_applies_and_materialises(called: Any) -> None:
    for command in ("apply", "materialize"):
        code, document = called(command, "--as", "square-analyst")
        assert (code, document["error"]["kind"]) == (3, "forbidden")


@pytest.mark.parametrize(
    "arguments",
    [
        ("training-set", LABELS),
        ("training-set", "--out", "x"),
        ("training-set", LABELS, "--out", "x", "--like", "y"),
        ("materialize", "--until", "yesterday"),
    ],
)
def test_what_makes_no_sense_is_said(called: Any, arguments: tuple[str, ...]) -> None:
    code, document = called(*arguments)
    assert (code, document["error"]["kind"]) == (2, "invalid")
    assert document["error"]["remedy"]


def test_the_api_gives_values_under_the_callers_policy(client: tuple[TestClient, Lakewright]) -> None:
    web, opened = client
    cards = opened.gateway.query(
        opened.principal("owner"),
        "SELECT card_id FROM square.payments WHERE card_id IS NOT NULL AND status <> 'failed' "
        "ORDER BY created_at DESC LIMIT 1",
    )
    card = cards.table.column(0)[0].as_py()
    body = {"view": "card_payments", "entities": [{"card_id": card}, {"card_id": -1}], "at": UNTIL}
    document = web.post("/api/features", json=body, headers=bearer(opened, "square-analyst")).json()
    first, second = document["entities"]
    assert first["reason"] == ""
    assert first["features"]["payments_30d"] >= 1
    assert second["reason"] == "unknown entity"
    one = {**body, "features": ["spent_1d"]}
    assert list(
        web.post("/api/features", json=one, headers=bearer(opened, "owner")).json()["entities"][0]["features"]
    ) == ["spent_1d"]
    for who in ("support-ca", "cash-analyst"):
        refused = web.post("/api/features", json=body, headers=bearer(opened, who))
        assert (refused.status_code, refused.json()["kind"]) == (404, "not_found")
    assert web.post("/api/features", json=body).status_code == 401


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"entities": []}, 422),
        ({"entities": [{"card_id": 1}] * 1001}, 422),
        ({"entities": [{"card_id": "x"}]}, 400),
        ({"entities": [{"user_id": 1}]}, 400),
        ({"view": "nothing"}, 404),
        ({"more": 1}, 422),
        ({"at": "2020-01-01T00:00:00"}, 400),
    ],
)
def test_wrong_requests(client: tuple[TestClient, Lakewright], change: dict[str, Any], status: int) -> None:
    web, opened = client
    body = {"view": "card_payments", "entities": [_known(opened)], "at": UNTIL} | change
    assert web.post("/api/features", json=body, headers=bearer(opened, "owner")).status_code == status


def _known(opened: Lakewright) -> dict[str, int]:
    sql = "SELECT min(card_id) FROM square.payments WHERE status <> 'failed' AND card_id IS NOT NULL"
    return {"card_id": opened.gateway.query(opened.principal("owner"), sql).table.column(0)[0].as_py()}
