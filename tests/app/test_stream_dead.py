"""`lakewright stream status`, `dead list` and `dead replay`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.cli import build
from app.cli.command import run
from data.streams import decode
from tests.app.streaming import declare
from tests.data.streams.simple import Lake, Simple

NOWHERE = "127.0.0.1:1"
Call = Callable[..., tuple[int, str]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs `lakewright stream …`: the exit code, and what it printed on stdout."""

    def stream(*arguments: str) -> tuple[int, str]:
        code = run(build(), ["stream", *arguments])
        return code, capsys.readouterr().out

    return stream


@pytest.fixture
def lake(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """One stream, two dead letters; today's decoder takes numbers that are text."""
    monkeypatch.setattr(decode, "decoder_of", lambda *_: Simple(mend=lambda event: {**event, "id": int(event["id"])}))
    made = declare(own_home, NOWHERE, ["events"])[0]
    made.put([b'{"id": 1}', b'{"id": "2"}', b"{\x1b[31m" + b"x" * 300])
    return made


def document(done: tuple[int, str]) -> Any:
    assert done[0] == 0
    return json.loads(done[1])


def test_status_tells_each_stream(lake: Lake, call: Call) -> None:
    (found,) = document(call("status", "--json"))["streams"]
    assert (found["name"], found["target"], found["dead_letters"]) == ("events", "lake.events", 2)
    assert found["lag"] is None
    assert "not available" in found["reason"]
    assert found["last_commit"].startswith("20")
    code, said = call("status")
    assert code == 0
    assert "The lag is not known: The broker" in " ".join(said.split())


def test_where_no_stream_is_declared_status_says_how(own_home: Path, call: Call) -> None:
    declare(own_home, NOWHERE, ["events"])
    (own_home / "streams.yaml").write_text("{version: 1, broker: {servers: nowhere}}")
    assert "write streams.yaml" in call("status")[1]
    (own_home / "streams.yaml").unlink()
    assert document(call("status", "--json")) == {"streams": []}


def test_a_list_is_safe_for_the_terminal(lake: Lake, call: Call) -> None:
    code, said = call("dead", "list")
    assert code == 0
    assert "\x1b" not in said
    assert "undecodable" in said
    first, second = document(call("dead", "list", "--json"))["dead_letters"]
    assert (first["offset"], first["bytes"], second["value"]) == (2, 306, '{"id": "2"}')


def test_a_replay_lands_what_is_good(lake: Lake, call: Call) -> None:
    done = document(call("dead", "replay", "events", "--json"))
    expected = {"stream": "events", "landed": 1, "remaining": {"undecodable": 1}}
    assert done == {"landed": 1, "remaining": 1, "streams": [expected]}
    assert [id for id, _ in lake.rows()] == [1, 2]
    assert len(document(call("dead", "list", "--json"))["dead_letters"]) == 1
    assert len(document(call("dead", "list", "--all", "--json"))["dead_letters"]) == 2
    assert "1 undecodable" in call("dead", "replay")[1]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["status", "--as", "guest"], 3, "may not see the streams"),
        (["dead", "list", "--as", "guest"], 3, "may not read dead letters"),
        (["dead", "replay", "--as", "guest"], 3, "may not replay"),
        (["dead", "replay", "evnts"], 4, "no stream 'evnts'"),
    ],
)
def test_what_can_not_be_done_is_told(lake: Lake, call: Call, arguments: list[str], code: int, message: str) -> None:
    got, said = call(*arguments, "--json")
    assert message in json.loads(said)["error"]["message"]
    assert got == code
    assert [id for id, _ in lake.rows()] == [1]
