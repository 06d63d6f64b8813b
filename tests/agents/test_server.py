"""The watch over a vLLM server, by a small program that speaks the same HTTP: vLLM itself is not needed here."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from agents.endpoints import EndpointSpec, open_endpoint
from agents.endpoints.server import DEATHS, Plan, Server, free_port, stop
from agents.process import Process
from data.errors import Busy, DataError, Unavailable

FAKE = (sys.executable, str(Path(__file__).with_name("fake_vllm.py")))


def adapter(folder: Path, text: str = "1") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "adapter_config.json").write_text("{}")
    (folder / "adapter_model.safetensors").write_text(text)
    return folder


@pytest.fixture
def server(tmp_path: Path) -> Server:
    plan = Plan("base", tmp_path, {"mine": adapter(tmp_path / "mine")}, free_port(), FAKE)
    return Server(plan, tmp_path / "server", every=0.05, backoff=0.05, patience=20)


@contextmanager
def running(server: Server) -> Iterator[list[float]]:
    """The moments at which it was ready; it is up when the block begins."""
    ready: list[float] = []
    failure: list[DataError] = []

    def run() -> None:
        try:
            server.run(lambda: ready.append(time.monotonic()))
        except DataError as error:
            failure.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    until(lambda: ready or failure)
    try:
        yield ready
    finally:
        server.stop()
        thread.join(20)
        assert failure == []


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def answer(server: Server, model: str = "mine") -> str:
    spec = EndpointSpec(name="e", kind="openai", url=f"{server.plan.url}/v1", model="base", adapter=model)
    return str(open_endpoint(spec, Path()).chat.invoke("hello").content)


def process(server: Server) -> Process:
    found = Process.parse((server.folder / "process").read_text())
    assert found is not None
    return found


def test_a_server_is_started_with_its_adapter_and_stopped(server: Server) -> None:
    with running(server):
        assert answer(server) == "SELECT 'mine' AS who"
        assert answer(server, "base") == "SELECT 'base' AS who"
        child = process(server)
        assert child.alive
    assert not child.remains
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.plan.url)


def test_a_server_that_dies_is_started_again(server: Server) -> None:
    said: list[str] = []
    server.say = said.append
    with running(server) as ready:
        child = process(server)
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"{server.plan.url}/die")
        until(lambda: len(ready) == 2)
        assert not child.remains  # with what it had started
        assert answer(server) == "SELECT 'mine' AS who"
    assert any("ended with code 3" in line and "started again" in line for line in said)


@pytest.mark.parametrize("old", ["", "1"])
def test_an_adapter_that_changes_is_loaded_while_the_server_runs(
    server: Server, tmp_path: Path, old: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_OLD", old)
    with running(server) as ready:
        child = process(server)
        (tmp_path / "mine" / "adapter_model.safetensors").write_text("another")
        until(lambda: len(ready) == 2)
        assert process(server) == child
        assert answer(server) == "SELECT 'mine' AS who"


def test_a_server_that_always_dies_is_given_up_with_its_last_words(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_BROKEN", "1")
    with pytest.raises(Unavailable, match=f"died {DEATHS} times: it ended with code 1: ValueError: no kernel image"):
        server.run()


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no program 'no-such-vllm'"):
        Server(Plan("base", tmp_path, {}, 1, ("no-such-vllm",)), tmp_path / "server").run()


def test_one_watch_at_a_time(server: Server) -> None:
    other = Server(server.plan, server.folder)
    with running(server), pytest.raises(Busy, match="is served already"):
        other.run()


@pytest.mark.parametrize("leader", [0, signal.SIGKILL])
def test_what_a_killed_watch_left_behind_is_ended(server: Server, leader: int) -> None:
    script = (
        "from pathlib import Path\nfrom agents.endpoints.server import *\n"
        f"Server(Plan('base', Path({str(server.plan.base)!r}), {{}}, {server.plan.port}, {FAKE!r}), "
        f"Path({str(server.folder)!r}), every=0.05).run(lambda: print('up', flush=True))"
    )
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=root) as watch:
        assert watch.stdout is not None
        watch.stdout.readline()
        left = process(server)
        watch.kill()
    os.kill(left.pid, leader)
    until(lambda: left.alive == (not leader))
    assert left.remains
    with running(server):
        assert not left.remains
        assert answer(server) == "SELECT 'mine' AS who"


def test_another_process_stops_it(server: Server) -> None:
    script = (
        "import signal\nfrom pathlib import Path\nfrom agents.endpoints.server import *\n"
        f"server = Server(Plan('base', Path({str(server.plan.base)!r}), {{}}, {server.plan.port}, {FAKE!r}), "
        f"Path({str(server.folder)!r}), every=0.05)\nsignal.signal(signal.SIGTERM, lambda *_: server.stop())\n"
        "server.run(lambda: print('up', flush=True))"
    )
    assert not stop(server.folder)
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=root) as watch:
        assert watch.stdout is not None
        watch.stdout.readline()
        child = process(server)
        assert stop(server.folder)
        assert watch.wait(10) == 0
    assert not child.alive
