"""The API: every request under its token's principal, every failure a problem document."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from app.api.guard import MOST_BYTES
from app.assembly import Lakewright
from data.errors import Unavailable

COUNT = "SELECT count(*) FROM square.merchants"


def events(response: httpx.Response) -> list[tuple[str, dict[str, Any]]]:
    """The server-sent events as (name, document)."""
    blocks = [block for block in response.text.replace("\r\n", "\n").split("\n\n") if block.startswith("event:")]
    fields = [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]
    return [(field["event"], json.loads(field["data"])) for field in fields]


def test_health_needs_no_token_and_tells_nothing_of_the_data(client: TestClient) -> None:
    response = client.get("/healthz")
    assert response.status_code == 200
    assert set(response.json()) == {"status", "version"}


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/ask"), ("POST", "/api/sql"), ("GET", "/api/catalog"), ("POST", "/api/answers/x/thumb")],
)
@pytest.mark.parametrize("header", [None, "Bearer", "Bearer lw_wrong", "Basic b3duZXI6", "lw_wrong"])
def test_without_a_valid_token_nothing_is_given(client: TestClient, method: str, path: str, header: str | None) -> None:
    body = {"question": "How many shops are there?", "sql": COUNT, "thumb": "up"}
    response = client.request(method, path, json=body, headers={"Authorization": header} if header else None)
    assert response.status_code == 401
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert response.json()["kind"] == "unauthenticated"


def test_a_revoked_token_ends_at_once(client: TestClient, lakewright: Lakewright) -> None:
    secret, token = lakewright.tokens.create("owner", 1)
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.post("/api/sql", json={"sql": COUNT}, headers=headers).status_code == 200
    lakewright.tokens.revoke(token.id)
    assert client.post("/api/sql", json={"sql": COUNT}, headers=headers).status_code == 401


def test_a_token_of_a_dropped_principal_is_not_valid(client: TestClient, lakewright: Lakewright) -> None:
    secret, _ = lakewright.tokens.create("somebody-who-left", 1)
    response = client.post("/api/sql", json={"sql": COUNT}, headers={"Authorization": f"Bearer {secret}"})
    assert response.status_code == 401


def test_sql_gives_rows_sources_and_lineage(client: TestClient, owner: dict[str, str]) -> None:
    document = client.post("/api/sql", json={"sql": COUNT}, headers=owner).json()
    assert document["rows"] == [[80]]
    assert [source["table"] for source in document["sources"]] == ["square.merchants"]
    assert set(document) == {"columns", "rows", "truncated", "sources", "lineage", "audit_id", "seconds"}


def test_sql_is_governed_by_the_tokens_principal(client: TestClient, support: dict[str, str]) -> None:
    rows = client.post("/api/sql", json={"sql": "SELECT country, email FROM cash.users"}, headers=support).json()[
        "rows"
    ]
    assert rows
    assert {country for country, _ in rows} == {"CA"}
    assert all("***" in email for _, email in rows if email is not None)


def test_values_reach_sql_as_parameters(client: TestClient, owner: dict[str, str]) -> None:
    body = {
        "sql": "SELECT count(*) FROM cash.users WHERE country = $country",
        "params": {"country": "' OR 1=1 --"},
    }
    assert client.post("/api/sql", json=body, headers=owner).json()["rows"] == [[0]]


@pytest.mark.parametrize(
    ("sql", "status", "kind"),
    [
        ("SELECT last4 FROM cash.cards", 403, "forbidden"),
        ("SELECT * FROM read_csv('/etc/passwd')", 403, "forbidden"),
        ("SELEC 1", 400, "invalid"),
        ("", 400, "invalid"),
    ],
)
def test_refusals_are_problems(client: TestClient, support: dict[str, str], sql: str, status: int, kind: str) -> None:
    response = client.post("/api/sql", json={"sql": sql}, headers=support)
    problem = response.json()
    assert (response.status_code, problem["status"], problem["kind"]) == (status, status, kind)
    assert problem["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"sql": 1},
        {"sql": COUNT, "principal": "owner"},
        {"sql": COUNT, "limit": 0},
        {"sql": COUNT, "timeout": -1},
    ],
)
def test_a_body_of_another_shape_is_refused(client: TestClient, owner: dict[str, str], body: dict[str, Any]) -> None:
    response = client.post("/api/sql", json=body, headers=owner)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_refused_before_it_is_read(client: TestClient, chunked: bool) -> None:
    content = json.dumps({"question": "a" * MOST_BYTES}).encode()
    body = (content[start : start + 1000] for start in range(0, len(content), 1000)) if chunked else content
    response = client.post("/api/ask", content=body)
    assert (response.status_code, response.json()["kind"]) == (413, "too_large")


def test_the_catalogue_is_what_the_principal_sees(client: TestClient, support: dict[str, str]) -> None:
    tables = {table["name"]: table for table in client.get("/api/catalog", headers=support).json()["tables"]}
    assert set(tables) == {"cash.users", "cash.transfers", "square.merchants"}
    masks = {column["name"]: column["mask"] for column in tables["cash.users"]["columns"]}
    assert masks["email"] == "partial"
    assert "birth_date" not in masks


def test_ask_streams_steps_tokens_and_the_answer(client: TestClient, owner: dict[str, str], script: Any) -> None:
    script.replies = (COUNT,)
    response = client.post("/api/ask", json={"question": "How many merchants are there?"}, headers=owner)
    assert response.headers["content-type"].startswith("text/event-stream")
    named = events(response)
    assert {name for name, _ in named} == {"step", "token", "answer"}
    assert "".join(document["text"] for name, document in named if name == "token") == COUNT
    name, answer = named[-1]
    assert (name, answer["status"], answer["rows"]) == ("answer", "answered", [[80]])
    assert answer["principal"] == "owner"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"question": "  "}, 400),
        ({"question": "shops " * 2000}, 400),
        ({"question": "How many shops are there?", "endpoint": "nowhere"}, 404),
    ],
)
def test_what_is_wrong_with_a_question_is_said_in_the_status(
    client: TestClient, owner: dict[str, str], body: dict[str, str], status: int
) -> None:
    response = client.post("/api/ask", json=body, headers=owner)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")


def test_a_model_that_is_gone_gives_a_failed_answer(client: TestClient, owner: dict[str, str], script: Any) -> None:
    script.replies = (Unavailable("The model server is gone.", "Start it."),)
    _, answer = events(client.post("/api/ask", json={"question": "How many shops are there?"}, headers=owner))[-1]
    assert (answer["status"], answer["error"]["kind"], answer["rows"]) == ("failed", "unavailable", [])


def test_a_fault_of_ours_tells_nothing_of_its_inside(client: TestClient, owner: dict[str, str], script: Any) -> None:
    script.replies = (RuntimeError("password=hunter2"),)
    response = client.post("/api/ask", json={"question": "How many shops are there?"}, headers=owner)
    name, problem = events(response)[-1]
    assert (name, problem["kind"]) == ("error", "internal")
    assert "hunter2" not in response.text


def test_a_thumb_is_kept_and_only_ones_own_answer_can_be_rated(
    client: TestClient, lakewright: Lakewright, owner: dict[str, str], support: dict[str, str], script: Any
) -> None:
    script.replies = (COUNT,)
    response = client.post("/api/ask", json={"question": "How many merchants are there?"}, headers=owner)
    path = f"/api/answers/{events(response)[-1][1]['answer_id']}/thumb"
    assert client.post(path, json={"thumb": "up"}, headers=support).status_code == 404
    assert client.post(path, json={"thumb": "sideways"}, headers=owner).status_code == 422
    assert client.post(path, json={"thumb": "down"}, headers=owner).status_code == 204
    assert lakewright.answers.get(path.split("/")[3], principal="owner").thumb == "down"
    right = "SELECT count(*) FROM square.merchants"
    assert client.post(path, json={"thumb": "down", "sql": "DROP TABLE x"}, headers=owner).status_code == 400
    body = {"thumb": "down", "sql": right, "consent": True}
    assert client.post(path, json=body, headers=owner).status_code == 204
    assert [(rated.right, rated.consent) for rated in lakewright.answers.rated()] == [(right, True)]


def test_browsers_are_told_to_be_careful(client: TestClient) -> None:
    headers = client.get("/api/catalog").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "path", ["/docs", "/redoc", "/api/nothing", "/gradio_api/upload", "/gradio_api/file=/etc/passwd"]
)
def test_there_are_no_other_doors(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404
    assert client.post(path).status_code in (404, 405)
