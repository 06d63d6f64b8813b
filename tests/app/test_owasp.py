"""The OWASP API Security Top 10 of 2023, one by one: what somebody else could try who has a token of their own.

https://owasp.org/API-Security/editions/2023/en/0x11-t10/
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.api.guard import MOST_BYTES
from app.api.server import build
from app.assembly import Lakewright
from app.scopes import FACES
from tests.app.conftest import Script
from tests.app.test_api import events

COUNT = "SELECT count(*) FROM square.merchants"
SCHEMA = {"title": "Visit", "type": "object", "required": ["reason"], "properties": {"reason": {"type": "string"}}}


@pytest.fixture
def filling(lakewright: Lakewright) -> str:
    """A filling of the owner's, about a merchant."""
    from agents.forms.hints import Hints
    from agents.forms.intake import add_file

    add_file(lakewright.forms.registry, "visit", json.dumps(SCHEMA).encode(), Hints(), "owner")
    return str(lakewright.forms.fill(lakewright.principal("owner"), "visit", "merchant 1").filling_id)


def asked(client: TestClient, headers: dict[str, str], question: str, thread: str) -> dict[str, Any]:
    body = {"question": question, "thread": thread}
    return events(client.post("/api/ask", json=body, headers=headers))[-1][1]


def test_api1_answers_of_others_are_not_there(
    client: TestClient, owner: dict[str, str], support: dict[str, str], script: Script
) -> None:
    script.replies = (COUNT,)
    name = asked(client, owner, "How many merchants are there?", "t")["answer_id"]
    tries: list[tuple[str, str, Any]] = [
        ("GET", f"/api/answers/{name}", None), ("POST", f"/api/answers/{name}/replay", None),
        ("POST", f"/api/answers/{name}/thumb", {"thumb": "up"}),
    ]  # fmt: skip
    for method, path, body in tries:
        stolen = client.request(method, path, json=body, headers=support)
        missing = client.request(method, path.replace(name, "0" * len(name)), json=body, headers=support)
        assert (stolen.status_code, missing.status_code) == (404, 404)
        # Whether there is such an answer at all is told to nobody.
        assert stolen.json()["detail"].replace(name, "") == missing.json()["detail"].replace("0" * len(name), "")
        assert client.request(method, path, json=body, headers=owner).status_code in (200, 204)
    listed = client.get("/api/answers", headers=support).json()["answers"]
    assert name not in [answer["answer_id"] for answer in listed]


def test_api1_a_thread_of_the_same_name_is_another(
    client: TestClient, owner: dict[str, str], support: dict[str, str], script: Script
) -> None:
    script.replies = (COUNT,)
    asked(client, owner, "How many merchants are there in Toronto?", "shared")
    script.replies = (COUNT,)
    follow = asked(client, support, "and in Berlin?", "shared")
    assert "Toronto" not in json.dumps(follow)


def test_api1_fillings_of_others_are_not_there(
    client: TestClient, owner: dict[str, str], support: dict[str, str], filling: str
) -> None:
    path = f"/api/forms/fillings/{filling}"
    tries: list[tuple[str, str, Any]] = [
        ("GET", path, None), ("PATCH", path, {"answers": {"reason": "x"}}), ("POST", f"{path}/sign", None),
        ("GET", f"{path}/download", None),
    ]  # fmt: skip
    for method, place, body in tries:
        assert client.request(method, place, json=body, headers=support).status_code == 404
    assert client.get(path, headers=owner).status_code == 200
    listed = client.get("/api/forms/fillings", headers=support).json()["fillings"]
    assert filling not in [one["filling_id"] for one in listed]


def test_api2_broken_authentication(client: TestClient, lakewright: Lakewright) -> None:
    secret, token = lakewright.tokens.create("owner", 1)
    kept = (lakewright.settings.home / "tokens.sqlite").read_bytes()
    assert secret.encode() not in kept
    for wrong in (secret[:-1], secret + "x", secret.swapcase(), token.id, f"{token.id}:", "null", "undefined"):
        assert client.get("/api/session", headers={"Authorization": f"Bearer {wrong}"}).status_code == 401
    # Neither in the address, where logs would keep it, nor under another scheme.
    assert client.get(f"/api/session?access_token={secret}&token={secret}").status_code == 401
    assert client.get("/api/session", headers={"Authorization": f"Basic {secret}"}).status_code == 401


def test_api3_properties_that_are_not_the_callers(
    client: TestClient, owner: dict[str, str], support: dict[str, str], filling: str
) -> None:
    shown = client.get("/api/catalog/cash.users", headers=support).json()
    masks = {column["name"]: column["mask"] for column in shown["columns"]}
    assert masks["email"]
    emails = client.post("/api/sql", json={"sql": "SELECT email FROM cash.users LIMIT 5"}, headers=support).json()
    assert not any("@" in str(row[0]) and "*" not in str(row[0]) for row in emails["rows"])
    # What is not declared is refused, not taken over into the object.
    for extra in ({"principal": "owner"}, {"status": "signed"}, {"signer": "owner"}):
        body = {"answers": {"reason": "x"}, **extra}
        assert client.patch(f"/api/forms/fillings/{filling}", json=body, headers=owner).status_code == 422
    for path, body in (("/api/sql", {"sql": COUNT, "as": "owner"}), ("/api/ask", {"question": "x", "principal": "y"})):
        assert client.post(path, json=body, headers=support).status_code == 422


def test_api4_resources_are_bounded(client: TestClient, owner: dict[str, str]) -> None:
    assert client.post("/api/sql", content=b"x" * (MOST_BYTES + 1), headers=owner).status_code == 413
    assert client.get("/api/catalog?limit=100000", headers=owner).status_code == 422
    many = {"view": "x", "entities": [{"a": 1}] * 1_001}
    assert client.post("/api/features", json=many, headers=owner).status_code == 422
    deep = b'{"sql": ' + b"[" * 30_000 + b"]" * 30_000 + b"}"
    assert client.post("/api/sql", content=deep, headers=owner).status_code in (400, 422)
    product = "SELECT count(*) FROM range(10000000) a, range(10000000) b"
    slow = client.post("/api/sql", json={"sql": product, "timeout": 0.2}, headers=owner)
    assert slow.status_code in (400, 403, 422)


def test_api5_functions_of_the_administrator(
    client: TestClient, lakewright: Lakewright, support: dict[str, str]
) -> None:
    usual = {"Authorization": f"Bearer {lakewright.tokens.create('owner', 1, FACES)[0]}"}
    for headers in (support, usual):
        for method, path in (
            ("GET", "/api/audit"), ("GET", "/api/audit/verification"), ("GET", "/api/streams"),
            ("PUT", "/api/forms/new"),
        ):  # fmt: skip
            assert client.request(method, path, headers=headers).status_code == 403
    assert client.post("/api/sql", json={"sql": "SELECT * FROM system.audit"}, headers=support).status_code in (
        403,
        404,
    )
    for path in ("/api/catalog", "/api/answers", "/api/sql"):
        assert client.delete(path, headers=support).status_code in (404, 405)


def test_api6_a_batch_can_not_be_repeated_by_accident(client: TestClient, owner: dict[str, str], filling: str) -> None:
    body = {"subjects": ["merchant 1"]}
    assert client.post("/api/forms/visit/batch", json=body, headers=owner).status_code == 400
    key = {**owner, "Idempotency-Key": "one"}
    first, second = (client.post("/api/forms/visit/batch", json=body, headers=key).json() for _ in range(2))
    assert [one["filling_id"] for one in first["fillings"]] == [one["filling_id"] for one in second["fillings"]]
    other = client.post("/api/forms/visit/batch", json={"subjects": ["merchant 2"]}, headers=key)
    assert other.status_code == 400


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('http://169.254.169.254/latest/meta-data')", "SELECT * FROM 'http://127.0.0.1:1/x.parquet'",
        "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM sqlite_scan('/etc/passwd', 't')",
        "ATTACH 'http://127.0.0.1/x.db'", "COPY (SELECT 1) TO '/tmp/x'", "INSTALL httpfs", "SELECT getenv('HOME')",
    ],
)  # fmt: skip
def test_api7_nothing_is_fetched_for_a_caller(client: TestClient, owner: dict[str, str], sql: str) -> None:
    assert client.post("/api/sql", json={"sql": sql}, headers=owner).status_code in (400, 403, 404)


def test_api7_a_schema_of_elsewhere_is_not_fetched(client: TestClient, owner: dict[str, str]) -> None:
    schema = {"$ref": "http://169.254.169.254/x"}
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    body = {"model": "ask", "messages": [{"role": "user", "content": "x"}], "response_format": form}
    assert client.post("/v1/chat/completions", json=body, headers=owner).status_code == 400


def test_api8_misconfiguration(lakewright: Lakewright, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError("password hunter2 in /srv/home")

    monkeypatch.setattr(lakewright.gateway, "query", fail)
    headers = {"Authorization": f"Bearer {lakewright.tokens.create('owner', 1)[0]}"}
    with TestClient(build(lakewright, chat=False), raise_server_exceptions=False) as client:
        broken = client.post("/api/sql", json={"sql": COUNT}, headers=headers)
        assert (broken.status_code, "hunter2" in broken.text) == (500, False)
        assert "server" not in broken.headers
        for name, value in (
            ("x-content-type-options", "nosniff"), ("x-frame-options", "DENY"), ("cache-control", "no-store"),
            ("cross-origin-resource-policy", "same-origin"), ("referrer-policy", "no-referrer"),
        ):  # fmt: skip
            assert client.get("/api/session", headers=headers).headers[name] == value
        assert client.request("TRACE", "/api/sql", headers=headers).status_code == 405


def test_api9_what_is_served_is_described(lakewright: Lakewright) -> None:
    app = build(lakewright, chat=False)
    served = {route.path for route in app.routes if hasattr(route, "path")}
    described = set(app.openapi()["paths"])
    assert served - described <= {"/api/openapi.json", "/mcp", "/metrics"}
    assert all(path.startswith(("/api/", "/v1/")) or path == "/healthz" for path in described)


def test_api10_what_other_apis_say_is_taken_for_words(
    client: TestClient, owner: dict[str, str], script: Script
) -> None:
    script.replies = ("DROP TABLE square.merchants; -- ![x](http://evil/?q=1)",) * 4
    body = {"model": "ask", "messages": [{"role": "user", "content": "How many merchants are there?"}]}
    answer = client.post("/v1/chat/completions", json=body, headers=owner).json()
    assert answer["lakewright"]["status"] not in ("answered", "truncated")
    # In words nothing is left of it; as code, inside a fence, it is shown as it is.
    assert "](http" not in "".join(answer["choices"][0]["message"]["content"].split("```")[::2])
    assert client.post("/api/sql", json={"sql": COUNT}, headers=owner).json()["rows"] == [[80]]
