"""A query ends when the client that asked for it goes away."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import httpx
import pytest
import uvicorn

from app.api.server import build
from app.assembly import Lakewright

ENDLESS = "SELECT count(*) FROM range(1000000000000) numbers(n) WHERE n % 7 = 8"


@pytest.fixture
def url(lakewright: Lakewright) -> Iterator[str]:
    """The served API of the demo home."""
    server = uvicorn.Server(uvicorn.Config(build(lakewright, chat=False), port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def outcome(lakewright: Lakewright, sql: str) -> str:
    found = [record.outcome for record in lakewright.gateway.audit.tail(20) if record.asked == sql]
    return found[-1] if found else ""


def test_a_client_that_leaves_takes_its_query_along(url: str, lakewright: Lakewright, owner: dict[str, str]) -> None:
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{url}/api/sql", json={"sql": ENDLESS}, headers=owner, timeout=0.5)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and not outcome(lakewright, ENDLESS):
        time.sleep(0.05)
    assert outcome(lakewright, ENDLESS) == "unavailable"


def test_a_client_that_stays_gets_its_rows(url: str, owner: dict[str, str]) -> None:
    response = httpx.post(f"{url}/api/sql", json={"sql": "SELECT 1 AS one"}, headers=owner, timeout=10)
    assert response.json()["rows"] == [[1]]


def test_more_queries_at_once_than_allowed_are_refused_with_429(
    url: str, lakewright: Lakewright, owner: dict[str, str]
) -> None:
    most = lakewright.gateway.policy.budget(lakewright.principal("owner")).concurrency

    def ask() -> None:
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{url}/api/sql", json={"sql": ENDLESS}, headers=owner, timeout=3)

    waiting = [threading.Thread(target=ask) for _ in range(most)]
    for thread in waiting:
        thread.start()
    while lakewright.gateway._turnstile._inside["owner"] < most:
        assert all(thread.is_alive() for thread in waiting)
        time.sleep(0.01)
    response = httpx.post(f"{url}/api/sql", json={"sql": "SELECT 1 AS one"}, headers=owner, timeout=10)
    for thread in waiting:
        thread.join()
    assert (response.status_code, response.json()["kind"]) == (429, "busy")
