"""Processes of this machine, told apart by when they began: a number alone may be another's by now."""

from __future__ import annotations

import os
import signal
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

GRACE = 10.0
"""Seconds that a process has to end after each of the signals but the last."""


@dataclass(frozen=True)
class Process:
    """A process that was begun as the leader of its own group."""

    pid: int
    born: str
    host: str

    @classmethod
    def of(cls, pid: int) -> Process:
        return cls(pid, birth(pid), socket.gethostname())

    @classmethod
    def parse(cls, text: str) -> Process | None:
        """What `str` wrote; None for an empty text."""
        pid, _, rest = text.partition("@")
        born, _, host = rest.partition("@")
        return cls(int(pid), born, host) if pid else None

    def __str__(self) -> str:
        return f"{self.pid}@{self.born}@{self.host}"

    @property
    def here(self) -> bool:
        return self.host == socket.gethostname()

    @property
    def alive(self) -> bool:
        """Whether it runs on this machine; one that ended and was not waited for does not."""
        return self.here and bool(self.born) and birth(self.pid) == self.born

    @property
    def remains(self) -> bool:
        """Whether it or any other of its group runs. No other has the leader's number while one of them does."""
        return self.alive or (self.here and bool(self.born) and not birth(self.pid) and _followed(self.pid))

    def end(self, grace: float = GRACE) -> None:
        """Interrupt the group, and kill it when it does not end in time, also where its leader has gone before it."""
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            if not self.remains:
                return
            with suppress(ProcessLookupError):
                os.killpg(self.pid, sign)
            self._wait(grace)

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while self.remains and time.monotonic() < end:
            time.sleep(0.05)


def birth(pid: int) -> str:
    """When a process began, in the system's own measure; empty when it has ended."""
    fields = _fields(Path(f"/proc/{pid}"))
    if fields is None:
        return "" if Path("/proc/self").exists() else _asked(pid)
    return "" if fields[0] in ("Z", "X") else fields[19]


def _fields(process: Path) -> list[str] | None:
    """What the system tells of a process, from its state on; None when it has gone."""
    try:
        told = (process / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return told.rpartition(")")[2].split()


def _followed(group: int) -> bool:
    """Whether a process of the group runs. On systems without /proc nobody can tell."""
    found = (_fields(process) for process in Path("/proc").glob("[0-9]*"))
    return any(fields is not None and fields[0] not in ("Z", "X") and fields[2] == str(group) for fields in found)


def _asked(pid: int) -> str:
    """On systems without /proc."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return "other"
    except OSError:
        return ""
    return "running"
