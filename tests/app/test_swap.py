"""Models that change while many people ask: no question fails, and none is answered by two of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pytest
import yaml
from fastapi.testclient import TestClient

from agents.endpoints.scripted import scripted
from agents.endpoints.server import free_port
from app.api.server import build
from app.assembly import Lakewright
from app.cli import build as cli
from app.cli.command import run
from app.settings import Settings, remember
from data import lake
from tests.app.conftest import bearer

ROOT = Path(__file__).parents[2]
USERS, SECONDS = 32, float(os.environ.get("SWAP_SECONDS", "1"))
"""How long people ask; the manual tells of a run of a minute."""


@contextmanager
def model_server(reply: str) -> Iterator[str]:
    """A server that always writes this, at an address."""
    port = free_port()
    known = {**os.environ, "FAKE_REPLY": reply, "VLLM_ALLOW_RUNTIME_LORA_UPDATING": "True"}
    words = [sys.executable, str(ROOT / "tests/agents/fake_vllm.py"), "serve", "base", "--port", str(port)]
    with subprocess.Popen([*words, "--served-model-name", "m"], env=known) as process:
        address = f"http://127.0.0.1:{port}"
        end = time.monotonic() + 20
        while True:
            try:
                httpx.get(f"{address}/health", timeout=1)
                break
            except httpx.HTTPError:
                assert time.monotonic() < end
                time.sleep(0.05)
        yield address
        process.kill()


@pytest.fixture
def servers() -> Iterator[dict[str, str]]:
    with ExitStack() as stack:
        sql = "SELECT count(*) AS {} FROM shop.merchants"
        yield {name: stack.enter_context(model_server(sql.format(name))) for name in ("one", "two")}


CATALOG = """\
version: 1
sources:
  - name: shop
    kind: delta
    location: lake
    tables:
      - {name: merchants, columns: [{name: id, type: BIGINT}, {name: city, type: VARCHAR}]}
"""
POLICY = """\
version: 1
principals: [{name: owner, groups: [owners]}, {name: guest, groups: [guests]}]
grants: [{to: owners, on: "*"}, {to: owners, on: system.*}, {to: guests, on: shop.*}]
budgets:
  - {for: owners, concurrency: 32}  # as many as ask at once
"""


@pytest.fixture
def home(servers: dict[str, str], tmp_path: Path) -> Path:
    made = tmp_path / "home"
    made.mkdir(mode=0o700)
    (made / "catalog.yaml").write_text(CATALOG)
    (made / "policy.yaml").write_text(POLICY)
    lake.append(made / "lake/merchants", pa.table({"id": [1, 2], "city": ["Oslo", "Bergen"]}))
    endpoints = [{"name": n, "kind": "openai", "url": f"{url}/v1", "model": "m"} for n, url in servers.items()]
    (made / "settings.yaml").write_text(yaml.safe_dump({"endpoint": "one", "endpoints": endpoints}))
    return made


def setting(home: Path, **values: Any) -> None:
    file = home / "settings.yaml"
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | values))


@pytest.fixture
def opened(home: Path) -> Iterator[Lakewright]:
    lakewright = Lakewright.open(Settings.load(home))
    yield lakewright
    lakewright.close()


def written(home: Path, name: str) -> None:
    """What `model use` does, without a process of its own."""
    remember(home, endpoint=name)


def use(home: Path, name: str) -> None:
    """`model use` in a process of its own."""
    run = "from app.cli import main; raise SystemExit(main())"
    command = [sys.executable, "-c", run, "model", "use", name, "--home", str(home), "--json"]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, check=True)
    assert json.loads(done.stdout) == {"endpoint": name}


def test_no_question_fails_or_is_mixed_while_models_are_swapped(opened: Lakewright, home: Path) -> None:
    owner, answers, over = opened.principal("owner"), list[Any](), threading.Event()
    opened.ask.run(owner, "How many merchants are there?")

    def asks() -> None:
        while not over.is_set():
            answers.append(opened.ask.run(owner, "How many merchants are there?"))

    def swapped(to: str, how: Callable[[Path, str], None]) -> None:
        how(home, to)
        before = len(answers)
        while not any(answer.endpoint == to for answer in answers[before:]):
            time.sleep(0.01)

    end, swaps = time.monotonic() + SECONDS, 0
    with ThreadPoolExecutor(USERS) as people:
        done = [people.submit(asks) for _ in range(USERS)]
        while swaps < 2 or time.monotonic() < end:
            swapped(("two", "one")[swaps % 2], use if swaps % 10 == 0 else written)
            swaps += 1
        over.set()
        for one in done:
            one.result()
    outcomes = Counter((answer.status, answer.endpoint) for answer in answers)
    print(f"{len(answers)} answers, {swaps} swaps: {dict(outcomes)}")
    assert [answer.error for answer in answers if answer.error] == []
    assert set(outcomes) == {("answered", "one"), ("answered", "two")}
    assert all(answer.columns == [answer.endpoint] for answer in answers)


@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing.:FutureWarning")
def test_embedded_models_are_swapped_while_they_answer(tiny: Path, tmp_path: Path) -> None:
    """Two small models with other weights: each answer is wholly that of one of them."""
    import torch
    from langchain_core.messages import HumanMessage, SystemMessage
    from transformers import LlamaForCausalLM

    from agents.endpoints import Endpoint, EndpointSpec
    from agents.endpoints.caller import Caller, calling
    from agents.endpoints.cuda import TransformersEngine
    from agents.endpoints.embedded import EmbeddedChat
    from agents.endpoints.fleet import Fleet

    other = tmp_path / "other"
    model = LlamaForCausalLM.from_pretrained(tiny)
    torch.manual_seed(5)
    for weight in model.parameters():
        weight.data = torch.randn_like(weight) * 0.2
    model.save_pretrained(other)
    (other / "tokenizer.json").write_bytes((tiny / "tokenizer.json").read_bytes())
    folders = {"a": tiny, "b": other}
    specs = {name: EndpointSpec(name=name, kind="embedded") for name in folders}
    first = ["a"]

    def ordered() -> dict[str, EndpointSpec]:
        return {n: specs[n] for n in sorted(specs, key=lambda name: name != first[0])}

    def opened(spec: EndpointSpec) -> Endpoint:
        engine = TransformersEngine.load(folders[spec.name], None, "cpu")
        return Endpoint(spec.name, EmbeddedChat(engine, tiny, 512), 512, grammar=True, tools=False, device="cpu")

    fleet = Fleet(ordered, opened)
    asked = [SystemMessage("tables"), HumanMessage("how many")]
    alone = {n: fleet[n]().chat.invoke(asked, max_tokens=12).content for n in specs}
    assert alone["a"] != alone["b"]
    said: list[tuple[str, object]] = []

    def asks(number: int) -> None:
        for _ in range(3):
            endpoint = fleet[next(iter(fleet))]()
            with calling(Caller(f"user {number}")):
                said.append((endpoint.name, endpoint.chat.invoke(asked, max_tokens=12).content))

    with ThreadPoolExecutor(USERS) as people:
        done = [people.submit(asks, n) for n in range(USERS)]
        while not all(one.done() for one in done):
            first[0] = "b" if first[0] == "a" else "a"
            time.sleep(0.02)
        for one in done:
            one.result()
    assert {name for name, _ in said} == {"a", "b"}
    assert all(text == alone[name] for name, text in said)


def test_another_endpoint_answers_for_a_dead_one_and_says_so(
    opened: Lakewright, home: Path, servers: dict[str, str]
) -> None:
    owner = opened.principal("owner")
    setting(home, fallback=["two"])
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"{servers['one']}/die")
    for _ in range(5):
        answer = opened.ask.run(owner, "How many merchants are there?")
        assert (answer.status, answer.endpoint, answer.columns) == ("answered", "two", ["two"])
    assert opened.router.breakers["one"].state == "open"
    asked_for = opened.ask.run(owner, "How many merchants are there?", endpoint="one")
    assert (asked_for.status, (asked_for.error or {})["kind"]) == ("failed", "unavailable")
    assert int((asked_for.error or {})["retry_after"]) >= 1
    rows = opened.gateway.query(owner, "SELECT endpoint, outcome, count(*) AS n FROM system.model_usage GROUP BY ALL")
    found = {(row["endpoint"], row["outcome"]): row["n"] for row in rows.table.to_pylist()}
    assert found == {("one", "unavailable"): 3, ("two", "answered"): 5}


def test_a_wrong_settings_file_changes_nothing(opened: Lakewright, home: Path) -> None:
    owner = opened.principal("owner")
    assert opened.ask.run(owner, "How many merchants are there?").endpoint == "one"
    (home / "settings.yaml").write_text("endpoint: [nonsense")
    assert opened.ask.run(owner, "How many merchants are there?").endpoint == "one"


def test_a_share_of_the_questions_goes_to_a_challenger(opened: Lakewright, home: Path) -> None:
    setting(home, split={"two": 1.0})
    assert opened.ask.run(opened.principal("owner"), "How many merchants are there?").endpoint == "two"
    setting(home, split={"nobody": 0.5})
    assert opened.ask.run(opened.principal("owner"), "How many merchants are there?").endpoint == "two"


def test_a_budget_is_refused_over_http_with_the_time_to_wait(home: Path) -> None:
    policy = home / "policy.yaml"
    policy.write_text(policy.read_text() + "  - {for: owners, requests: 2}\n")
    lakewright = Lakewright.open(Settings.load(home))
    lakewright.__dict__["endpoints"] = {"one": lambda: scripted("SELECT count(*) FROM shop.merchants", name="one")}
    headers = bearer(lakewright, "owner")
    with TestClient(build(lakewright, chat=False)) as client:
        for _ in range(2):
            asked = client.post("/api/ask", json={"question": "How many merchants are there?"}, headers=headers)
            assert asked.status_code == 200
        refused = client.post("/api/ask", json={"question": "How many merchants are there?"}, headers=headers)
    lakewright.close()
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert "asked models 2 times in a minute, of 2" in refused.json()["detail"]


def test_usage_and_cost_are_governed_tables(opened: Lakewright, home: Path) -> None:
    endpoints = yaml.safe_load((home / "settings.yaml").read_text())["endpoints"]
    setting(home, endpoints=[{**one, "input_price": 2.0, "output_price": 10.0} for one in endpoints])
    owner = opened.principal("owner")
    opened.ask.run(owner, "How many merchants are there?")
    sql = "SELECT model_requests, input_tokens, output_tokens, cost, queries > 0 AS q FROM system.usage"
    [row] = opened.gateway.query(owner, f"{sql} WHERE principal = 'owner' AND model_requests > 0").table.to_pylist()
    assert row == {"model_requests": 1, "input_tokens": 10, "output_tokens": 5, "cost": 0.00007, "q": True}
    guest = opened.principal("guest")
    assert "not among the tables that you may see" in str(_refused(opened, guest))


def _refused(opened: Lakewright, principal: Any) -> Exception:
    from data.errors import DataError

    with pytest.raises(DataError) as error:
        opened.gateway.query(principal, "SELECT * FROM system.model_usage")
    return error.value


def test_a_reader_that_stays_away_keeps_no_thread(opened: Lakewright) -> None:
    before = threading.active_count()
    stream = opened.ask.stream(opened.principal("owner"), "How many merchants are there?")
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert threading.active_count() <= before + 2


def test_a_shadow_is_asked_the_same_and_compared(
    opened: Lakewright, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    setting(home, shadow={"two": 1.0})
    owner = opened.principal("owner")
    answers = [opened.ask.run(owner, "How many merchants are there?") for _ in range(3)]
    assert {answer.endpoint for answer in answers} == {"one"}
    while opened.shadows.pairs("one", "two").n < 3:
        time.sleep(0.02)
    opened.answers.rate(answers[0].answer_id, "up", principal="owner")
    assert run(cli(), ["model", "compare", "two", "one", "--home", str(home), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    one, two = document["endpoints"]["one"], document["endpoints"]["two"]
    assert (one["answered"], one["thumb up"], one["requests"]) == (3, 1, 3)
    assert (two.get("answered", 0), two["requests"], two["output_tokens"]) == (0, 3, 15)
    # The two name their column differently, but the rows are the same.
    both = document["both"]
    assert (both["n"], both["same"], both["first_only"], both["second_only"]) == (3, 3, 0, 0)
    assert both["first_seconds"] > 0 < both["second_seconds"]


def test_the_endpoints_over_http(opened: Lakewright, servers: dict[str, str]) -> None:
    headers, guest = bearer(opened, "owner"), bearer(opened, "guest")
    with TestClient(build(opened, chat=False)) as client:
        told = client.get("/api/endpoints", headers=headers).json()["endpoints"]
        assert [(one["name"], one["current"]) for one in told if one["kind"] == "openai"] == [
            ("one", True),
            ("two", False),
        ]
        used = client.post("/api/endpoints/two/use", headers=headers).json()["endpoints"]
        assert [one["name"] for one in used if one["wanted"]] == ["two"]
        assert client.post("/api/endpoints/none/use", headers=headers).status_code == 404
        assert client.get("/api/endpoints", headers=guest).status_code == 403
        assert client.post("/api/endpoints/one/use", headers=guest).status_code == 403
    assert opened.ask.run(opened.principal("owner"), "How many merchants are there?").endpoint == "two"
