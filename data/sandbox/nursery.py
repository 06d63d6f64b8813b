"""The parent's hold on the processes that cells are born from: one for each kind of program, started when needed."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

from data.errors import Unavailable
from data.sandbox.cell import Cell
from data.sandbox.inside.zygote import PRELOADED

START = """
import sys, types
for name, place in (("data", {data!r}), ("data.sandbox", {sandbox!r})):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [place]
from data.sandbox.inside.zygote import main
main()
"""
"""The packages are named without being imported: of this application a nursery has the sandbox's inside alone."""
FOLDER = Path(__file__).parent.resolve()
PATIENCE = 60.0
"""Seconds until a nursery that has not come up is given up."""


class Nursery:
    """A process with the libraries already imported, which forks a cell in some milliseconds."""

    def __init__(self, kind: str, environment: dict[str, str]) -> None:
        self.kind = kind
        self._environment = environment
        self._lock = Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def spawn(self, spec: dict[str, Any], own: Path) -> Cell:
        """A new cell, which may still be putting up its walls; `own` is its folder on disk, if it has one.

        Unavailable when no process can be started."""
        ours, theirs = _pipes()
        try:
            with self._lock:
                control = self._ready()
                socket.send_fds(control, [json.dumps(spec).encode()], [end.fileno() for end in theirs])
        except (BrokenPipeError, ConnectionError, TimeoutError) as error:
            for end in ours:
                end.close()
            self.close()
            raise Unavailable(f"The sandbox does not start: {error}.", "Run `lakewright doctor`.") from None
        finally:
            for end in theirs:
                end.close()
        return Cell(own, *ours)

    def close(self) -> None:
        """End the process and with it every cell that it has forked."""
        with self._lock:
            if self._control is not None:
                self._control.close()
            if self._process is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(5)
                self._process.kill()
                self._process.wait()
            self._control = self._process = None

    def _ready(self) -> socket.socket:
        if self._control is None or self._process is None or self._process.poll() is not None:
            if self._control is not None:
                self._control.close()
            self._control, self._process = self._started()
        return self._control

    def _started(self) -> tuple[socket.socket, subprocess.Popen[bytes]]:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [
            sys.executable,
            "-I",
            "-c",
            START.format(data=str(FOLDER.parent), sandbox=str(FOLDER)),
            self.kind,
            str(theirs.fileno()),
        ]
        with theirs:
            process = subprocess.Popen(
                command,
                env=self._environment,
                cwd="/",
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        ours.settimeout(PATIENCE)
        if not ours.recv(16):
            ours.close()
            process.kill()
            process.wait()
            raise ConnectionError(f"its process for {self.kind} ended at once")
        ours.settimeout(None)
        return ours, process


def provided(kind: str) -> None:
    """Unavailable where a library that programs of a kind are born with is not installed."""
    for library in dict.fromkeys(name.partition(".")[0] for name in PRELOADED[kind]):
        if find_spec(library) is None:
            said = f"The library {library}, which programs of the kind '{kind}' run with, is not installed."
            raise Unavailable(said, "Run `pip install 'lakewright[spark]'`.")


def _pipes() -> tuple[tuple[socket.socket, ...], tuple[socket.socket, ...]]:
    """Bridge, stdout, stderr and lifeline: our ends and theirs."""
    kinds = (socket.SOCK_STREAM, socket.SOCK_STREAM, socket.SOCK_STREAM, socket.SOCK_SEQPACKET)
    pairs = [socket.socketpair(socket.AF_UNIX, kind) for kind in kinds]
    for ours, _ in pairs:
        ours.setblocking(False)
    return tuple(ours for ours, _ in pairs), tuple(theirs for _, theirs in pairs)


def environment() -> dict[str, str]:
    """The variables that a program has: none of this process's, so no secret is among them."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONDONTWRITEBYTECODE": "1",
        **{f"{library}_NUM_THREADS": "2" for library in ("OMP", "OPENBLAS", "MKL", "ARROW", "RAYON", "TOKIO")},
        "POLARS_MAX_THREADS": "2",
        "TOKIO_WORKER_THREADS": "2",
        "RUST_LOG": "off",
        # Pools that map a gigabyte in advance would be at the limit of memory before they hold anything.
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "MIMALLOC_ARENA_EAGER_COMMIT": "0",
        **{name: os.environ[name] for name in ("JAVA_HOME",) if name in os.environ},
    }
