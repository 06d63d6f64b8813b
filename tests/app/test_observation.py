"""What operators see: metrics, traces and logs, with nothing in them that anybody asked or that the data says."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.api.server import build
from app.assembly import Lakewright
from app.logs import Json
from app.tracing import Spans
from data.errors import Invalid
from data.observe import observed, observing
from tests.app.conftest import Script, bearer

QUESTION = "How many shops are there in Toronto?"
SQL = "SELECT count(*) FROM square.merchants WHERE city = 'Toronto'"
OURS = {"client": ("127.0.0.1", 1), "base_url": "http://localhost"}


@pytest.fixture
def seen(lakewright: Lakewright, script: Script) -> Iterator[TestClient]:
    """The API, whose metrics look on as in `serve`."""
    script.replies = (SQL,) * 3
    app = build(lakewright, chat=False)
    with (
        TestClient(app, client=("127.0.0.1", 1), base_url="http://localhost") as client,
        observing(app.state.metrics.observe),
    ):
        yield client


def ask(client: TestClient, lakewright: Lakewright) -> None:
    headers = bearer(lakewright, "owner")
    answer = client.post("/api/ask", json={"question": QUESTION}, headers=headers)
    assert '"status": "answered"' in answer.text, answer.text


def test_metrics_count_by_route_step_and_outcome(seen: TestClient, lakewright: Lakewright) -> None:
    ask(seen, lakewright)
    assert seen.get("/api/answers/secret-name", headers=bearer(lakewright, "owner")).status_code == 404
    text = seen.get("/metrics").text
    assert 'lakewright_done_total{kind="request",name="POST /api/ask",outcome="200"} 1.0' in text
    assert 'kind="step",name="ask.run",outcome="ok"} 1.0' in text
    assert 'kind="query",name="rows",outcome="ok"}' in text
    assert 'kind="model",name="embedded",outcome="ok"} 1.0' in text
    assert "process_resident_memory_bytes" in text
    assert not any(word in text for word in ("Toronto", "secret-name", "owner", "merchants"))


def test_methods_and_paths_of_an_attacker_make_no_series(seen: TestClient) -> None:
    for number in range(5):
        seen.request(f"X{number}", f"/api/{number}")
    text = seen.get("/metrics").text
    assert 'name="OTHER -",outcome="404"} 5.0' in text or 'name="OTHER -",outcome="405"} 5.0' in text


@pytest.mark.parametrize(
    ("headers", "client", "host"),
    [
        ({}, "203.0.113.7", "localhost"),
        ({"X-Forwarded-For": "203.0.113.7"}, "127.0.0.1", "localhost"),
        ({}, "127.0.0.1", "lake.example.com"),
    ],
)
def test_metrics_are_closed_to_other_machines(
    lakewright: Lakewright, headers: dict[str, str], client: str, host: str
) -> None:
    app = build(lakewright, chat=False)
    with TestClient(app, client=(client, 1), base_url=f"http://{host}") as stranger:
        assert stranger.get("/metrics", headers=headers).status_code == 401
        analyst = {**headers, **bearer(lakewright, "square-analyst")}
        assert stranger.get("/metrics", headers=analyst).status_code == 403
        owner = {**headers, **bearer(lakewright, "owner")}
        assert stranger.get("/metrics", headers=owner).status_code == 200


def test_a_trace_leads_from_the_request_to_the_query(seen: TestClient, lakewright: Lakewright) -> None:
    exporter = InMemorySpanExporter()
    spans = Spans(exporter)
    with observing(spans.observe):
        ask(seen, lakewright)
    spans.close()
    found = {span.name: span for span in exporter.get_finished_spans()}
    assert {"request POST", "step ask.run", "model embedded", "engine duckdb"} <= set(found)
    parents = {span.context.span_id: span for span in found.values()}
    place, way = found["engine duckdb"], []
    while place.parent is not None:
        place = parents[place.parent.span_id]
        way.append(place.name)
    assert way == ["query rows", "step ask.run", "question ask", "request POST"]
    told = json.dumps([span.to_json() for span in found.values()])
    assert not any(word in told for word in ("Toronto", "owner", "merchants", "SELECT"))


def test_a_failure_is_told_by_its_kind() -> None:
    exporter = InMemorySpanExporter()
    spans = Spans(exporter)
    with observing(spans.observe), pytest.raises(Invalid), observed("query", "rows"):
        raise Invalid("There is no 'alice@example.com'.")
    spans.close()
    (span,) = exporter.get_finished_spans()
    assert span.attributes is not None
    assert span.attributes["lakewright.outcome"] == "invalid"
    assert not span.status.is_ok
    assert "alice" not in span.to_json()


def test_a_log_line_is_json_without_what_people_wrote() -> None:
    logger = logging.getLogger("someone.elses")
    try:
        raise ValueError("alice@example.com is 'wrong'")
    except ValueError:
        record = logger.makeRecord(logger.name, 40, "f", 1, "bad value %s", ("alice@example.com",), sys.exc_info())
    line = json.loads(Json().format(record))
    assert line["message"] == "bad value %s"
    assert line["exception"] == "ValueError"
    assert line["at"]
    assert "alice" not in json.dumps(line)


def test_a_request_is_one_line(seen: TestClient, lakewright: Lakewright, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "lakewright.access"):
        ask(seen, lakewright)
    lines = [json.loads(Json().format(record)) for record in caplog.records if record.name == "lakewright.access"]
    assert [(line["method"], line["route"], line["status"]) for line in lines] == [("POST", "/api/ask", 200)]
    assert lines[0]["request"]
