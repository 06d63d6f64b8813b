"""Code by the command line, over HTTP, in the client and in a notebook: the model says what a script tells it."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from rich.console import Console

from agents.code.state import Attempt, Delivery
from agents.endpoints.scripted import scripted
from app.api import code_examples
from app.assembly import Lakewright
from app.cli import build
from app.cli.coding import shown
from app.cli.command import run
from data import lake
from lakewright.client import Client, LakewrightError
from tests.agents.code.conftest import made

TOTALS = "SELECT customer_id, sum(amount) AS total FROM shop.orders GROUP BY customer_id"
GOOD = f"```sql\n{TOTALS}\n```\nIt adds up."
WRITES = f"```sql\nINSERT INTO lab.totals {TOTALS}\n```"
HOSTILE = "\x1b[31m<img src=x onerror=alert(1)>"

Call = Callable[..., Any]


class Findings:
    """A retriever that finds nothing, so that no embeddings are made."""

    def __init__(self, gateway: Any, *rest: Any) -> None:
        self._gateway = gateway

    def retrieve(self, principal: Any, question: str) -> Any:
        from retrieval import Context

        return Context(question, self._gateway.askable(principal), ())


@pytest.fixture
def replies() -> list[Any]:
    """What the model will say."""
    return []


@pytest.fixture
def home(own_home: Path, replies: list[Any], monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("retrieval.Retriever", Findings)
    monkeypatch.setattr(Lakewright, "endpoints", {"large": lambda: scripted(*replies)})
    return made(own_home)


@pytest.fixture
def call(home: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    def called(*arguments: str, code: int = 0) -> Any:
        assert run(build(), ["code", *arguments, "--json"]) == code, capsys.readouterr()
        return json.loads(capsys.readouterr().out)

    return called


def test_the_command_line_plans_unless_it_is_told_to_run(call: Call, replies: list[Any]) -> None:
    replies.append(GOOD)
    planned = call("Total by customer", "--lang", "sql")
    assert (planned["status"], planned["result"]) == ("planned", None)
    done = call("Total by customer", "--lang", "sql", "--run", "--expects", "total", "--endpoint", "large")
    assert (done["status"], done["code"], len(done["attempts"])) == ("delivered", TOTALS, 1)
    assert sorted(done["result"]["rows"]) == [[1, 12.5], [2, 7.0], [3, 1.0]]
    assert call("show", done["code_id"])["status"] == "delivered"


def test_what_was_asked_is_approved_by_its_id(call: Call, replies: list[Any], home: Path) -> None:
    replies.append(GOOD)
    waiting = call("Total", "--ask")
    assert waiting["status"] == "approve"
    assert call("approve", waiting["code_id"])["status"] == "delivered"
    replies[:] = [WRITES]
    waiting = call("Keep totals", "--run", "--as", "ann")
    assert (waiting["status"], waiting["write_back"]["table"]) == ("approve", "lab.totals")
    assert call("approve", waiting["code_id"], code=4)["error"]["kind"] == "not_found"
    assert call("deny", waiting["code_id"], "--as", "ann", code=1)["status"] == "denied"
    assert lake.read(home / "lab" / "totals").num_rows == 1


def test_exit_codes_tell_what_became_of_it(call: Call, replies: list[Any]) -> None:
    replies.append("```sql\nSELECT balance FROM bank.accounts\n```")
    assert call("Balances", "--as", "ann", code=3)["status"] == "forbidden"
    replies[:] = ["UNSURE: No."]
    assert call("Planets")["status"] == "unsure"
    replies[:] = ["```sql\nSELECT wrong FROM shop.orders\n```"] * 2
    assert call("Total", code=2)["status"] == "failed"
    assert call("Total", "--lang", "cobol", code=2)["error"]["kind"] == "invalid"
    assert call("Total", "--run", "--ask", code=2)["error"]["kind"] == "invalid"
    assert call("dance", "1", code=2)["error"]["kind"] == "invalid"


def test_a_program_goes_into_a_file_after_its_difference_was_shown(
    call: Call, replies: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    replies.append(GOOD)
    shown = call("Total", "--into", "totals.sql")
    assert (shown["applied"], (tmp_path / "totals.sql").exists()) == (False, False)
    assert f"+{TOTALS}" in shown["diff"]
    assert call("Total", "--into", "totals.sql", "--yes")["applied"] is True
    assert (tmp_path / "totals.sql").read_text() == f"{TOTALS}\n"
    assert call("Total", "--into", "../away.sql", "--yes", code=3)["error"]["kind"] == "forbidden"
    assert call("run", "totals.sql")["status"] == "delivered"


def test_a_terminal_is_not_steered(call: Call, replies: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    replies.append(f"```sql\nSELECT '{HOSTILE}' AS said, id FROM shop.orders\n```\n{HOSTILE}")
    assert run(build(), ["code", "Say it", "--run"]) == 0
    printed = capsys.readouterr()
    assert "\x1b" not in printed.out + printed.err


@pytest.mark.parametrize("kind", ["a pipe", "a device", "a folder", "too much"])
def test_only_a_file_that_ends_is_run(call: Call, tmp_path: Path, kind: str) -> None:
    path = {"a device": Path("/dev/zero"), "a folder": tmp_path}.get(kind, tmp_path / "program.py")
    if kind == "a pipe":
        os.mkfifo(path)
    if kind == "too much":
        path.write_bytes(b"#" * 100_001)
    said = call("run", str(path), "--lang", "python", code=2)["error"]["message"]
    assert str(path) in said


def test_what_a_program_printed_is_shown_and_steers_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    attempt = Attempt(1, "print()", stdout="seen \x1b[2J\n" + "more\n" * 100)
    shown(Delivery("", "delivered", "python", "", "owner", attempts=(attempt,))).human(Console(width=80))
    out = capsys.readouterr().out
    assert "seen \N{REPLACEMENT CHARACTER}[2J" in out
    assert "\x1b[2J" not in out
    assert "61 lines more" in out


@pytest.mark.parametrize("busy", ["hashlib.pbkdf2_hmac('sha256', b'', b'', 10**9)", "time.sleep(600)"])
def test_a_command_ends_when_it_is_interrupted_although_python_hears_of_nothing(busy: str) -> None:
    """The first is one step of Python's, between whose beginning and end no signal is handled."""
    code = f"""
import hashlib, sys, time
from app.cli.interruption import interruptible
with interruptible(True) as stop:
    print("begun", flush=True)
    {busy}
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGINT)
    assert json.loads(process.communicate(timeout=60)[0])["error"]["kind"] == "interrupted"
    assert process.returncode == 130


@pytest.fixture
def client(home: Path) -> Any:
    from app.api.server import build as server
    from app.settings import Settings

    opened = Lakewright.open(Settings.load(home))
    with TestClient(server(opened, chat=False), raise_server_exceptions=False) as http:
        http.lakewright = opened  # type: ignore[attr-defined]
        yield http
    opened.close()


@pytest.fixture
def connect(client: Any) -> Callable[[str], Client]:
    return lambda principal: Client("", client.lakewright.tokens.create(principal, 1)[0], http=client)


def test_the_client_writes_runs_and_approves(connect: Call, replies: list[Any], home: Path) -> None:
    ann = connect("ann")
    heard: list[str] = []
    replies.append(GOOD)
    done = ann.code.write("Total", mode="run", key="k", on_event=lambda name, document: heard.append(name))
    assert (done.status, done.code, done.checks[0].verdict) == ("delivered", TOTALS, "ok")
    assert heard == ["step", "step", "step", "step", "step", "attempt", "step", "step"]
    assert ann.code.write("Total", mode="run", key="k").code_id == done.code_id
    with pytest.raises(LakewrightError, match="Idempotency-Key"):
        ann.code.write("Another", mode="run", key="k")
    replies[:] = [WRITES]
    waiting = ann.code.write("Keep the totals", mode="run")
    assert (waiting.status, ann.code.get(waiting.code_id).status) == ("approve", "approve")
    assert ann.code.resume(waiting.code_id).status == "approve"
    assert ann.code.approve(waiting.code_id).status == "written"
    assert ann.code.approve(waiting.code_id).status == "written"
    assert lake.read(home / "lab" / "totals").num_rows == 4
    assert [task.code_id for task in ann.code.recent()] == [waiting.code_id, done.code_id]
    assert ann.code.run(TOTALS).status == "delivered"
    with pytest.raises(LakewrightError, match="no coding task"):
        connect("bob").code.approve(waiting.code_id)


def test_a_wrong_request_is_a_problem_with_its_status(connect: Call, client: Any) -> None:
    token = client.lakewright.tokens.create("ann", 1)[0]
    headers = {"Authorization": f"Bearer {token}"}
    assert client.post("/api/code", json={"task": "x"}).status_code == 401
    for body in ({}, {"task": ""}, {"task": "x", "language": "cobol"}, {"task": "x", "other": 1}):
        assert client.post("/api/code", json=body, headers=headers).status_code == 422
    for accept in ("application/json", "text/event-stream"):
        wrong = client.post("/api/code", json={"task": "x", "endpoint": "none"}, headers={**headers, "Accept": accept})
        assert wrong.status_code == 404
    assert client.get("/api/code/none", headers=headers).status_code == 404


def test_the_examples_of_the_description_are_true(connect: Call, client: Any, replies: list[Any]) -> None:
    replies.append(GOOD)
    token = client.lakewright.tokens.create("ann", 1)[0]
    body = {"task": "Total", "mode": "run"}
    real = client.post("/api/code", json=body, headers={"Authorization": f"Bearer {token}"}).json()
    assert set(real) == set(code_examples.DELIVERY)
    assert set(real["result"]) == set(code_examples.DELIVERY["result"])
    assert set(real["attempts"][0]) == set(code_examples.ATTEMPT)
    assert set(real["checks"][0]) == set(code_examples.CHECK)


def test_the_delivered_tests_pass_on_the_server(
    connect: Call, client: Any, replies: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    replies.append(GOOD)
    ann = connect("ann")
    done = ann.code.write("Total", mode="run")
    names: dict[str, Any] = {}
    exec(compile(done.tests, "test_it.py", "exec"), names)
    delivery = ann.code.run(names["CODE"], language=names["LANGUAGE"], expects=names["COLUMNS"])
    for name in [name for name in names if name.startswith("test_")]:
        names[name](delivery)
    assert sum(name.startswith("test_") for name in names) == 3


@pytest.fixture
def shell(connect: Call, monkeypatch: pytest.MonkeyPatch) -> Any:
    from IPython.core.interactiveshell import InteractiveShell

    monkeypatch.setattr("lakewright.magic.connect", lambda: connect("ann"))
    monkeypatch.setenv("IPYTHONDIR", str(Path(sys.prefix) / "none"))
    shell = InteractiveShell()
    shell.run_line_magic("load_ext", "lakewright")
    yield shell
    shell.history_manager.end_session() if shell.history_manager else None


def test_a_notebook_gets_the_program_as_its_next_cell(
    shell: Any, replies: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    replies.append(f"{GOOD}\n{HOSTILE}")
    delivery = shell.run_cell_magic("lakewright", "--lang sql --run", "Total by customer\n")
    printed = capsys.readouterr().out
    assert "[delivered]" in printed
    assert "\x1b" not in printed
    assert "1 | 12.5" in printed
    names: dict[str, Any] = {}
    exec(shell.rl_next_input or shell.payload_manager.read_payload()[-1]["text"], names)
    assert names["sql"] == delivery.code == TOTALS


@pytest.mark.parametrize("line", ["--lang", "--nonsense", "--lang 'sql"])
def test_a_wrong_option_of_the_magic_ends_no_kernel(shell: Any, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert shell.run_cell_magic("lakewright", line, "Total\n") is None
    assert "%%lakewright" in capsys.readouterr().out


MANUAL = (Path(__file__).parents[2] / "docs/code.md").read_text(encoding="utf-8")
PROGRAMS = {
    tags.split()[-1]: text for tags, text in re.findall(r"```(sql|sql dbt|python \w+)\n(.*?)```", MANUAL, re.DOTALL)
}


def test_the_programs_and_the_commands_of_the_manual_work(
    demo_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("retrieval.Retriever", Findings)
    commands = [shlex.split(line)[1:] for line in MANUAL.splitlines() if line.startswith('lakewright code "')]
    assert set(PROGRAMS) == {"sql", "pyspark", "python", "feature", "dbt"}
    assert len(commands) == 7
    for command in commands:
        program = PROGRAMS[command[command.index("--lang") + 1]]
        monkeypatch.setattr(Lakewright, "endpoints", {"large": lambda text=program: scripted(f"```\n{text}\n```")})
        assert run(build(), [*command, "--home", str(demo_home), "--json"]) == 0, capsys.readouterr()
        found = json.loads(capsys.readouterr().out)
        assert found["status"] == ("delivered" if "--run" in command else "planned")
        assert not found["result"] or found["result"]["rows"]
    assert (tmp_path / "largest.py").read_text() == PROGRAMS["python"]
