"""What a token is for, browsers' sessions, and how much may be asked."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.api import guard
from app.api.guard import Guard
from app.api.rates import Rates
from app.api.seal import FILE, Seal, own_secret
from app.api.server import build
from app.assembly import Lakewright
from app.cli import build as cli
from app.cli.command import run
from app.scopes import ALL, FACES, parsed
from app.settings import Settings
from app.tokens import Tokens, Unauthenticated
from data.errors import Invalid
from tests.app.conftest import bearer

COUNT = {"sql": "SELECT count(*) FROM square.merchants"}
ASK = {"question": " "}
ROUTES = [
    ("sql", "POST", "/api/sql", COUNT), ("catalog", "GET", "/api/catalog", None), ("ask", "POST", "/api/ask", ASK),
    ("ask", "GET", "/api/answers", None), ("documents", "GET", "/api/documents", None),
    ("features", "POST", "/api/features", {"view": "x", "entities": [{"a": 1}]}), ("score", "GET", "/api/models", None),
    ("forms", "GET", "/api/forms", None), ("admin", "GET", "/api/streams", None), ("admin", "GET", "/api/audit", None),
    ("models", "POST", "/v1/embeddings", {"model": "x", "input": "x"}),
]  # fmt: skip


def header(lakewright: Lakewright, *scopes: str, principal: str = "owner") -> dict[str, str]:
    return {"Authorization": f"Bearer {lakewright.tokens.create(principal, 1, scopes)[0]}"}


@pytest.mark.parametrize(("scope", "method", "path", "body"), ROUTES)
def test_a_token_opens_the_faces_that_it_is_for(
    client: TestClient, lakewright: Lakewright, scope: str, method: str, path: str, body: Any
) -> None:
    others = [name for name in ALL if name != scope]
    refused = client.request(method, path, json=body, headers=header(lakewright, *others))
    assert (refused.status_code, f"'{scope}'" in refused.text) == (403, True)
    assert client.request(method, path, json=body, headers=header(lakewright, scope)).status_code != 403


def test_the_administrators_scope_is_of_no_use_to_others(client: TestClient, lakewright: Lakewright) -> None:
    refused = client.get("/api/audit", headers=header(lakewright, *ALL, principal="support-ca"))
    assert refused.status_code == 403
    usual = {"Authorization": f"Bearer {lakewright.tokens.create('owner', 1)[0]}"}
    assert client.get("/api/audit", headers=usual).status_code == 403


def test_scopes_are_read_and_kept(tmp_path: Path) -> None:
    assert parsed("sql, Ask") == ("ask", "sql")
    assert set(parsed("all")) == set(ALL)
    for wrong in ("", "sql,root", "*"):
        with pytest.raises(Invalid):
            parsed(wrong)
    tokens = Tokens(tmp_path / "tokens.sqlite")
    secret, _ = tokens.create("owner", 1, ("sql", "ask"))
    assert tokens.find(secret).scopes == ("ask", "sql")
    assert tokens.find(tokens.create("owner", 1)[0]).scopes == FACES
    with tokens._ledger.session() as db:  # as a home was before there were scopes
        db.execute("DELETE FROM token_scopes")
    assert tokens.find(secret).scopes == FACES


def signed_in(client: TestClient, lakewright: Lakewright, principal: str = "owner") -> dict[str, Any]:
    secret, _ = lakewright.tokens.create(principal, 1)
    answer = client.post("/api/session", json={"token": secret})
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert secret not in cookie
    found: dict[str, Any] = answer.json()
    return found


def test_a_browser_signs_in_and_out(client: TestClient, lakewright: Lakewright) -> None:
    told = signed_in(client, lakewright, "support-ca")
    assert (told["principal"], told["administrator"]) == ("support-ca", False)
    assert client.get("/api/session").json()["csrf"] == told["csrf"]
    assert client.get("/api/catalog").status_code == 200
    assert client.delete("/api/session").status_code == 204
    assert client.get("/api/catalog").status_code == 401


def test_a_request_that_is_forged_changes_nothing(client: TestClient, lakewright: Lakewright) -> None:
    proof = {"X-CSRF-Token": signed_in(client, lakewright)["csrf"]}
    assert client.post("/api/sql", json=COUNT, headers=proof).status_code == 200
    forged: list[dict[str, str]] = [
        {}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "0" * 64}, {"X-CSRF-Token": "ü"},
        {**proof, "Origin": "http://evil.example"}, {**proof, "Origin": "null"},
        {**proof, "Sec-Fetch-Site": "cross-site"}, {**proof, "Sec-Fetch-Site": "same-site"},
    ]  # fmt: skip
    for headers in forged:
        sent = {name: value.encode() for name, value in headers.items()}
        assert client.post("/api/sql", json=COUNT, headers=sent).status_code == 403, headers


def test_another_site_signs_nobody_in(client: TestClient, lakewright: Lakewright) -> None:
    secret, _ = lakewright.tokens.create("owner", 1)
    refused = client.post("/api/session", json={"token": secret}, headers={"Origin": "http://evil.example"})
    assert refused.status_code == 403
    assert "set-cookie" not in refused.headers


def test_a_session_ends_with_its_token(client: TestClient, lakewright: Lakewright) -> None:
    secret, token = lakewright.tokens.create("owner", 1)
    client.post("/api/session", json={"token": secret})
    assert client.get("/api/catalog").status_code == 200
    lakewright.tokens.revoke(token.id)
    assert client.get("/api/catalog").status_code == 401


def test_the_cookie_is_for_tls_alone_beyond_this_machine(lakewright: Lakewright) -> None:
    secret, _ = lakewright.tokens.create("owner", 1)
    for base, secure in (("http://127.0.0.1", False), ("http://lake.example.com", True), ("https://localhost", True)):
        with TestClient(build(lakewright, chat=False), base_url=base) as client:
            cookie = client.post("/api/session", json={"token": secret}).headers["set-cookie"]
            assert ("Secure" in cookie) == secure


@pytest.mark.parametrize("cookie", ["", "x", "gAAAAA", "ü", "a" * 5_000])
def test_a_cookie_that_is_not_ours_opens_nothing(client: TestClient, cookie: str) -> None:
    answer = client.get("/api/catalog", headers={"Cookie": f"lakewright_session={cookie}".encode()})
    assert answer.status_code == 401


def test_a_seal_opens_for_its_secret_and_time_alone() -> None:
    seal = Seal("one", 60)
    assert seal.open(seal.close("lw_x")) == "lw_x"
    for other in (Seal("two", 60), Seal("one", -1)):
        with pytest.raises(Unauthenticated):
            other.open(seal.close("lw_x"))
    assert not Seal("two", 60).proves("cookie", seal.proof("cookie"))


def test_a_home_keeps_its_own_secret(tmp_path: Path) -> None:
    made = own_secret(tmp_path)
    assert (own_secret(tmp_path), len(made) >= 64) == (made, True)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    (tmp_path / FILE).write_text("")  # killed while it was made
    assert len(own_secret(tmp_path)) >= 64


def test_who_asks_too_often_waits(client: TestClient, lakewright: Lakewright) -> None:
    lakewright.__dict__["rates"] = Rates(12, now=lambda: 0.0)
    owner, support = bearer(lakewright, "owner"), bearer(lakewright, "support-ca")
    answers = [client.get("/api/session", headers=owner) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].headers["retry-after"] == "5"
    assert answers[-1].json()["kind"] == "busy"
    assert client.get("/api/session", headers=support).status_code == 200
    told = client.get("/v1/models", headers=owner)
    assert (told.status_code, told.json()["error"]["type"]) == (429, "rate_limit_error")


def test_an_address_that_asks_too_often_waits(lakewright: Lakewright) -> None:
    limited = Guard(build(lakewright, chat=False), per_minute=12)
    far, near = (TestClient(limited, client=(address, 1)) for address in ("203.0.113.9", "127.0.0.1"))
    assert [far.get("/healthz").status_code for _ in range(3)] == [200, 200, 429]
    assert [near.get("/healthz").status_code for _ in range(3)] == [200] * 3


def test_a_bucket_fills_again_and_few_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    rates = Rates(60, now=lambda: now[0])
    assert [rates.wait("a") for _ in range(11)] == [0] * 10 + [1]
    now[0] += 1
    assert (rates.wait("a"), rates.wait("a")) == (0, 1)
    for number in range(20_000):
        rates.wait(str(number))
    assert len(rates._left) == 10_000


def test_a_body_that_never_comes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.01)
    sent: list[Any] = []

    async def never() -> Any:
        await asyncio.sleep(60)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/api/sql", "headers": [], "client": ("127.0.0.1", 1)}
    asyncio.run(Guard(lambda *_: None)(scope, never, send))  # type: ignore[arg-type, return-value]
    assert sent[0]["status"] == 408


def test_other_origins_are_named_or_nobody(lakewright: Lakewright, demo_home: Path) -> None:
    ask = {"Origin": "https://tools.example.com", "Access-Control-Request-Method": "POST"}
    with TestClient(build(lakewright, chat=False)) as client:
        assert "access-control-allow-origin" not in client.options("/api/sql", headers=ask).headers
    lakewright.settings = lakewright.settings.model_copy(update={"cors_origins": ("https://tools.example.com",)})
    with TestClient(build(lakewright, chat=False)) as client:
        allowed = client.options("/api/sql", headers=ask).headers
        assert allowed["access-control-allow-origin"] == "https://tools.example.com"
        assert "access-control-allow-credentials" not in allowed
        other = client.options("/api/sql", headers={**ask, "Origin": "https://evil.example"}).headers
        assert "access-control-allow-origin" not in other


@pytest.mark.parametrize("origin", ["*", "https://*.example.com", "example.com", "https://x.example/path"])
def test_origins_are_whole(demo_home: Path, monkeypatch: pytest.MonkeyPatch, origin: str) -> None:
    monkeypatch.setenv("LAKEWRIGHT_CORS_ORIGINS", f'["{origin}"]')
    with pytest.raises(Invalid, match="no origin"):
        Settings.load(demo_home)


@pytest.mark.parametrize(
    ("secret", "said"),
    [("", "secret"), ("short", "secret"), ("x" * 48, "secret"), ("changeme" + "abcdefghijklmnop" * 3, "placeholder")],
)
def test_serve_is_not_seen_beyond_this_machine_without_a_real_secret(
    demo_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], secret: str, said: str
) -> None:
    Tokens(demo_home / "tokens.sqlite").create("owner", 1)
    monkeypatch.setenv("LAKEWRIGHT_SECRET", secret)
    command = ["serve", "--home", str(demo_home), "--host", "0.0.0.0", "--port", "0"]
    assert run(cli(), [*command, "--allow-remote"]) == 3
    assert said in capsys.readouterr().err
    assert run(cli(), command) == 3
    assert "--allow-remote" in capsys.readouterr().err


def test_serve_is_not_seen_beyond_this_machine_where_nobody_could_sign_in(
    own_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(cli(), ["init"]) == 0
    monkeypatch.setenv("LAKEWRIGHT_SECRET", "kq3Vn9x2Lw7tRz5yBm8cJf4hGd6sPa1e")
    assert run(cli(), ["serve", "--host", "0.0.0.0", "--port", "0", "--allow-remote"]) == 3
    assert "Nobody could sign in" in capsys.readouterr().err


@pytest.mark.parametrize(("given", "kept"), [("my-run_1.2:x", True), ("", False), ("a b", False), ("x" * 65, False)])
def test_a_request_has_an_identifier_everywhere(
    client: TestClient, lakewright: Lakewright, caplog: pytest.LogCaptureFixture, given: str, kept: bool
) -> None:
    caplog.set_level(logging.INFO, "lakewright.access")
    headers = {**bearer(lakewright, "owner"), "X-Request-ID": given}
    answer = client.post("/api/sql", json=COUNT, headers=headers)
    name = answer.headers["x-request-id"]
    assert (name == given) == kept
    assert lakewright.gateway.audit.tail(1)[0].request == name
    assert f"request={name} method=POST route=/api/sql status=200" in caplog.text
    assert "owner" not in caplog.text
    refused = client.get("/api/catalog/nothing.here", headers=headers)
    assert refused.json()["request_id"] == refused.headers["x-request-id"]


def test_versions_are_told_and_asked_for(client: TestClient) -> None:
    assert client.get("/healthz").headers["lakewright-version"] == "1"
    assert client.get("/healthz", headers={"Lakewright-Version": "1"}).status_code == 200
    refused = client.get("/healthz", headers={"Lakewright-Version": "9"})
    assert (refused.status_code, "'9'" in refused.text) == (400, True)


def test_the_administrator_reads_the_trail_in_pages(client: TestClient, lakewright: Lakewright) -> None:
    headers = bearer(lakewright, "owner")
    for number in range(3):
        client.post("/api/sql", json=COUNT, headers={**headers, "X-Request-ID": f"run-{number}"})
    first = client.get("/api/audit?limit=2", headers=headers).json()
    second = client.get(f"/api/audit?limit=2&cursor={first['next']}", headers=headers).json()
    numbers = [record["seq"] for record in (*first["records"], *second["records"])]
    assert numbers == list(range(numbers[0], numbers[0] - 4, -1))
    assert {"run-0", "run-1", "run-2"} & {record["request"] for record in (*first["records"], *second["records"])}
    assert client.get("/api/audit/verification", headers=headers).json()["ok"] is True


def test_lists_come_in_pages(client: TestClient, lakewright: Lakewright) -> None:
    headers = bearer(lakewright, "owner")
    whole = [table["name"] for table in client.get("/api/catalog", headers=headers).json()["tables"]]
    found, cursor = [], ""
    while cursor is not None:
        page = client.get(f"/api/catalog?limit=7&cursor={cursor}", headers=headers).json()
        assert len(page["tables"]) <= 7
        found += [table["name"] for table in page["tables"]]
        cursor = page["next"]
    assert found == whole == sorted(whole)
    for wrong in ("x", "!!", "bnVsbA", "W10", "MTI"):
        assert client.get(f"/api/catalog?cursor={wrong}", headers=headers).status_code == 400
    described = client.get(f"/api/catalog/{whole[0]}", headers=headers).json()
    assert described["name"] == whole[0]
    searched = client.get("/api/catalog/search?q=shops&top=3", headers=headers).json()["tables"]
    assert 1 <= len(searched) <= 3
