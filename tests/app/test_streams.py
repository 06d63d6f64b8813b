"""`lakewright stream`: what it prints, and the exit codes that scripts rely on."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.cli import build
from app.cli.command import run
from data import demo
from data.streams.brokers import local_broker
from tests.app.streaming import declare

Lakewright = Callable[..., tuple[int, dict[str, object]]]


@pytest.fixture(scope="module")
def broker() -> Iterator[str]:
    with local_broker() as started:
        yield started.address


@pytest.fixture
def lakewright(broker: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Lakewright:
    """Runs `stream …` with --json: the exit code and the document."""
    monkeypatch.setenv("LAKEWRIGHT_BROKERS", broker)

    def call(*arguments: str) -> tuple[int, dict[str, object]]:
        code = run(build(), ["stream", *arguments, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return call


def test_a_file_is_published_without_a_home(lakewright: Lakewright, tmp_path: Path) -> None:
    (tmp_path / "events.json").write_text('{"id": 1}\n{"id": 2}\n')
    code, sent = lakewright("publish", str(tmp_path / "events.json"), "--topic", "cli.file", "--key", "id")
    assert code == 0
    assert (sent["events"], sent["topic"], sent["bytes"]) == (2, "cli.file", 18)


def test_a_wrong_line_is_an_error_of_input(lakewright: Lakewright, tmp_path: Path) -> None:
    (tmp_path / "events.json").write_text('{"id": 1}\n{"id": \n')
    code, said = lakewright("publish", str(tmp_path / "events.json"), "--topic", "cli.wrong")
    assert code == 2
    assert "events.json:2 is not a JSON object" in str(said["error"])
    code, said = lakewright("publish", str(tmp_path / "events.json"), "--topic", "cli.wrong", "--raw")
    assert (code, said["events"]) == (0, 2)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["publish"], 2, "no file to publish"),
        (["publish", "x.json"], 2, "Where shall the events go"),
        (["publish", "x.json", "--topic", "a", "--stream", "b"], 2, "Where shall the events go"),
        (["publish", "x.json", "--topic", "a"], 4, "no file 'x.json'"),
        (["publish", "x.json", "--topic", "a b"], 2, "can't be a topic's name"),
        (["publish", "x.json", "--demo"], 2, "--demo has events"),
        (["publish", "--demo"], 4, "is not a Lakewright home"),
        (["init"], 2, "nothing to prepare"),
    ],
)
def test_what_can_not_be_done_is_told(lakewright: Lakewright, arguments: list[str], code: int, message: str) -> None:
    got, said = lakewright(*arguments)
    assert message in str(said["error"])
    assert got == code


def test_the_demo_plays_and_is_prepared_at_first(lakewright: Lakewright, own_home: Path) -> None:
    demo.build(own_home, scale=0.001, seed=7, progress=lambda _: None)
    code, sent = lakewright("publish", "--demo", "--rate", "500", "--seconds", "0.2", "--bad", "0.5")
    assert (code, sent["events"]) == (0, 100)
    assert set(sent["topics"]) <= {"square.payments", "cash.transfers", "tidal.plays", "tbd.swaps"}  # type: ignore[call-overload]
    assert lakewright("init", "--demo") == (0, {"home": str(own_home), "done": []})
    (own_home / "events.json").write_text('{"payment_id": 1}\n')
    code, sent = lakewright("publish", str(own_home / "events.json"), "--stream", "payments")
    assert (code, sent["topic"]) == (0, "square.payments")
    code, said = lakewright("publish", "--demo", "--as", "cash-analyst")
    assert (code, said["error"]["kind"]) == (3, "forbidden")  # type: ignore[index]


VIEW = """\
from data.features import Feature, FeatureView

notes = FeatureView(
    name="notes", entity="note", keys=("note",), source="lake.cli_features", time="at",
    features=(Feature("events", "count", over=("1d",)),),
)
"""
SHAPE = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "at": {"type": "string", "format": "date-time"},
        "note": {"type": "string"},
    },
}


def test_features_have_what_has_landed(
    lakewright: Lakewright, broker: str, own_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def features(*arguments: str) -> dict[str, Any]:
        assert run(build(), ["features", *arguments, "--json"]) == 0
        document: dict[str, Any] = json.loads(capsys.readouterr().out)
        return document

    def land(name: str, *arguments: str) -> None:
        (own_home / name).write_text(f'{{"id": 1, "at": "{datetime.now(UTC).isoformat()}", "note": "a"}}\n')
        assert lakewright("publish", str(own_home / name), "--stream", "cli_features")[0] == 0
        code, done = lakewright("run", "--once", *arguments)
        assert (code, done["events"]) == (0, 1)

    declare(own_home, broker, ["cli_features"])
    (own_home / "any.json").write_text(json.dumps(SHAPE))
    (own_home / "features").mkdir(exist_ok=True)
    (own_home / "features/notes.py").write_text(VIEW)
    features("apply")
    land("first.json")
    assert features("list")["views"][0]["online"] is None, "nobody has materialised it"
    features("materialize")
    assert features("get", "notes", "--keys", '{"note": "a"}')["features"] == {"events_1d": 1}
    land("second.json")
    assert features("get", "notes", "--keys", '{"note": "a"}')["features"] == {"events_1d": 2}
    land("third.json", "--no-features")
    assert features("get", "notes", "--keys", '{"note": "a"}')["features"] == {"events_1d": 2}


def test_the_broker_runs_until_it_is_told_to_stop() -> None:
    arguments = [sys.executable, "-m", "lakewright", "stream", "broker", "--port", "0", "--json"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        assert said["storage"] == "memory"
        host, _, port = said["broker"].rpartition(":")
        with socket.socket() as trial:
            assert trial.connect_ex((host, int(port))) == 0
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


def test_a_port_in_use_is_told(lakewright: Lakewright, broker: str) -> None:
    code, said = lakewright("broker", "--port", broker.rpartition(":")[2])
    assert code == 2
    assert "in use" in str(said["error"])
