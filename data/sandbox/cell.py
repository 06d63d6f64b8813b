"""The parent's hold on one cell: the ends of its sockets, and the process behind them."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import time
from pathlib import Path

from data.errors import Unavailable
from data.sandbox.folders import remove
from data.sandbox.frames import Garbled, Reader

GRACE = 2.0
"""Seconds until a process that was killed has to be gone, so that it makes no more files."""


class Cell:
    """A process that has been forked for one program."""

    def __init__(self, own: Path, *ends: socket.socket) -> None:
        """`own` is its folder on disk, if it has one; `ends` are those of bridge, stdout, stderr and lifeline."""
        self.bridge, self.stdout, self.stderr, self.lifeline = ends
        self.own = own
        self.pid = 0
        self.handle = -1
        self.status: int | None = None
        """The exit code once it has ended; the negative number of the signal that ended it."""
        self.walls: dict[str, str] = {}
        """For each wall why it is missing, or nothing where it stands: as told before the program came."""

    def await_ready(self, patience: float) -> None:
        """Wait until the walls stand. Unavailable when they do not within `patience` seconds."""
        deadline = time.monotonic() + patience
        reader = Reader(0)
        try:
            while not self.walls:
                self._wait(self.bridge, deadline)
                piece = self.bridge.recv(65536)
                if not piece:
                    raise Unavailable(f"The sandbox's process ended as it started: {self._said()}")
                reader.feed(piece)
                self.walls = (reader.next() or ({"walls": {}},))[0]["walls"]
            self._wait(self.lifeline, deadline)
            message, fds, _, _ = socket.recv_fds(self.lifeline, 1024, 1)
            self.pid, self.handle = int(json.loads(message)["pid"]), fds[0]
            if select.select([self.handle], [], [], 0)[0]:
                raise Unavailable("The sandbox's process ended before its program came.")
        except (Garbled, OSError, ValueError, IndexError, KeyError) as error:
            raise Unavailable(f"The sandbox's process does not answer: {error}.") from None

    def kill(self) -> None:
        """End the process with all that it started, now."""
        if self.handle >= 0:
            with contextlib.suppress(ProcessLookupError, OSError):
                signal.pidfd_send_signal(self.handle, signal.SIGKILL)

    def close(self) -> None:
        """End the process, and let go of it."""
        self.kill()
        for end in (self.bridge, self.stdout, self.stderr, self.lifeline):
            end.close()
        if self.handle >= 0 and self.own.exists():
            select.select([self.handle], [], [], GRACE)
        if self.handle >= 0:
            os.close(self.handle)
            self.handle = -1
        if self.own.exists():
            remove(self.own)

    def ended(self) -> int | None:
        """Wait a moment for the keeper's word on how the process ended."""
        with contextlib.suppress(OSError, ValueError, KeyError, Unavailable):
            self._wait(self.lifeline, time.monotonic() + 2.0)
            self.status = int(json.loads(self.lifeline.recv(1024))["status"])
        return self.status

    def _wait(self, end: socket.socket, deadline: float) -> None:
        if not select.select([end], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise Unavailable("The sandbox's process does not get ready.", "Run `lakewright doctor`.")

    def _said(self) -> str:
        with contextlib.suppress(OSError):
            return self.stderr.recv(4096).decode("utf-8", "replace").strip()[-500:]
        return "it said nothing"
