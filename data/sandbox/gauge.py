"""The limits of one run that the kernel does not see to: time, memory as a whole, and what is counted from outside."""

from __future__ import annotations

import threading
import time
from dataclasses import asdict
from typing import Any

from data.sandbox.cell import Cell
from data.sandbox.folders import overfull
from data.sandbox.program import Limits, Status
from data.sandbox.taken import Taken, taken


class Gauge:
    """Looks at a program now and then. Memory and threads count beyond what its libraries had taken before."""

    def __init__(self, cell: Cell, limits: Limits, cancel: threading.Event | None) -> None:
        before, extra = taken(cell.pid), limits.memory_mb * 2**20
        self._cell, self._limits, self._cancel = cell, limits, cancel
        self._most = Taken(before.memory + extra, before.data + extra, before.threads + limits.processes)
        self._on_disk = cell.walls.get("files") != ""
        self._deadline = time.monotonic() + limits.seconds

    def bounds(self) -> dict[str, Any]:
        """What the cell is to have the kernel see to. Threads can be counted where its user has no others."""
        alone = self._cell.walls.get("users") == self._cell.walls.get("files") == ""
        return {"data": self._most.data, "threads": self._most.threads if alone else 0} | asdict(self._limits)

    def crossed(self) -> Status | None:
        """How the program has to end now, if it has to."""
        if time.monotonic() > self._deadline:
            return "timeout"
        if self._cancel is not None and self._cancel.is_set():
            return "killed"
        now = taken(self._cell.pid)
        if now.memory > self._most.memory:
            return "memory"
        if now.threads > self._most.threads:
            return "killed"
        full = self._on_disk and overfull(self._cell.own, self._limits.files, self._limits.file_mb * 2**20)
        return "output" if full else None
