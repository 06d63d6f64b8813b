"""Lasting: a server that is killed loses nothing, one that is stopped ends well, and many chats are borne."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import httpx
import pytest

from app.crowd import callers_home, server
from app.endurance.bench import endpoint_at, measure, told
from app.endurance.chats import QUESTIONS, Tally, last, right
from app.endurance.kills import endure
from app.endurance.scripted import SCRIPT, reply, scripted
from app.settings import remember

pytestmark = pytest.mark.long


def quiet(_: str) -> None:
    """Progress that nobody reads."""


def test_the_script_answers_the_last_question() -> None:
    first, second = QUESTIONS[:2]
    assert reply(f"{second} … {first}") == SCRIPT[first]
    assert reply("anything else") == "SELECT 1"


def test_a_lost_turn_is_counted_and_a_stream_without_answer_is_none() -> None:
    tally = Tally([0.6, 0.7], ["3: status 500"], [100.0] * 20 + [150.0] * 5)
    found = told(tally, 10, 0.5)
    assert (found["turns"], found["lost"], found["memory_mb"]) == (2, 1, [100.0, 150.0])
    assert last("event: step\ndata: {}\n\n") == {}
    assert right(0)[QUESTIONS[0]] != right(0)[QUESTIONS[1]]


def test_a_server_that_is_killed_loses_nothing() -> None:
    found = endure(2, quiet, jobs=False)
    assert found["faults"] == []
    assert found["broken_off"] > 0
    assert found["kept"]["answers"] >= 8
    assert found["kept"]["fillings"] >= 2


def test_a_server_that_is_stopped_lets_an_answer_end(tmp_path: Path) -> None:
    with scripted(2) as url:
        tokens = callers_home(tmp_path / "home", 1)
        remember(tmp_path / "home", endpoint="scripted", endpoints=[endpoint_at(url)])
        with server(tmp_path / "home") as (address, process):
            heard: list[str] = []
            asking = threading.Thread(target=_ask, args=(address, tokens[0], heard))
            asking.start()
            while "event: token" not in "".join(heard):
                assert asking.is_alive()
                time.sleep(0.02)
            os.kill(process, signal.SIGTERM)
            asking.join(30)
            while _there(address):
                time.sleep(0.1)
    assert last("".join(heard))["rows"] == right(0)[QUESTIONS[0]]


def _there(address: str) -> bool:
    try:
        return httpx.get(f"{address}healthz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def _ask(address: str, token: str, heard: list[str]) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.stream("POST", f"{address}api/ask", json={"question": QUESTIONS[0]}, headers=headers, timeout=30) as got:
        heard.extend(got.iter_text())


def test_many_chats_lose_no_message() -> None:
    found = measure(sessions=3, seconds=2, pace=0.5, model_seconds=0.05, closed_seconds=0, say=quiet)
    for side in ("ours", "peer"):
        assert found[side]["paced"]["lost"] == 0, found
        assert found[side]["paced"]["turns"] >= 3
    assert found["ratio"]["paced"] > 0
