"""The place where generated programs run."""

from __future__ import annotations

import os
import secrets
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.errors import Unavailable
from data.sandbox.cell import Cell
from data.sandbox.door import Door
from data.sandbox.folders import sweep
from data.sandbox.nursery import Nursery, environment, provided
from data.sandbox.pool import Pool
from data.sandbox.program import Fault, Limits, Outcome, Program, Wall
from data.sandbox.verdict import outcome
from data.sandbox.walls import missing, told
from data.sandbox.watch import Watch

if TYPE_CHECKING:
    from data.gateway import Gateway
    from data.policy import Principal

PATIENCE = 60.0
"""Seconds until a cell that is not ready is given up."""


ROOM = {"jvm": 1_024}
"""Megabytes beside those of the program: a JVM fills its heap before it clears it."""


class Sandbox:
    """Runs programs, each in a process of its own. Many threads may use one sandbox at once."""

    def __init__(
        self,
        gateway: Gateway,
        folder: Path,
        limits: Limits | None = None,
        warm: int = 1,
        *,
        unwalled: bool = False,
        without: frozenset[str] = frozenset(),
    ) -> None:
        """`folder` is for what has to lie on disk; `warm` cells of a kind stand ready once it was used.

        `unwalled` lets programs run although walls are missing that keep in the data. `without` names walls not to
        put up, as on a machine that has none of them.
        """
        self._gateway = gateway
        self._folder = folder
        self._limits = limits or Limits()
        self._warm = warm
        self._pools: dict[tuple[object, ...], Pool] = {}
        self._nurseries: dict[str, Nursery] = {}
        self._unwalled = unwalled
        self._lock = threading.Lock()
        sweep(folder)
        self._without = without

    def run(
        self,
        principal: Principal,
        program: Program,
        *,
        limits: Limits | None = None,
        cancel: threading.Event | None = None,
    ) -> Outcome:
        """What becomes of the program under the principal's rights; `cancel` ends it. Unavailable when no cell can
        be made."""
        bounds = self._bounds(principal, program.kind, limits or self._limits)
        cell = self._cell(program.kind, bounds)
        try:
            gaps = missing(program.kind, cell.walls)
            if gaps and not self._unwalled:
                return _refused(gaps)
            began = time.perf_counter()
            door = Door(self._gateway, principal, bounds, program.sample)
            watch = Watch(cell, door, bounds, cancel)
            watch.run(program.code)
            return outcome(watch, door, cell, bounds, time.perf_counter() - began)
        finally:
            cell.close()

    def walls(self) -> tuple[Wall, ...]:
        """What keeps a program in on this machine. Unavailable when no cell can be made."""
        cell = self._cell("python", self._limits)
        try:
            return told(cell.walls)
        finally:
            cell.close()

    def warm(self, kind: str = "python") -> None:
        """Have cells made before the first program comes."""
        self._pool(kind, self._limits).fill()

    def close(self) -> None:
        """End every program that runs, and every process that stands ready."""
        with self._lock:
            for nursery in self._nurseries.values():
                nursery.close()
            for pool in self._pools.values():
                pool.close()
            self._pools.clear()
            self._nurseries.clear()

    def _cell(self, kind: str, limits: Limits) -> Cell:
        """A cell that is ready. One that stood by may have been ended with its nursery: then a new one is made."""
        pool = self._pool(kind, limits)
        for last in (False, True):
            cell = pool.spawn() if last else pool.take()
            try:
                cell.await_ready(PATIENCE)
                return cell
            except Unavailable:
                cell.close()
                if last:
                    raise
        raise AssertionError("the second cell is made or raises")

    def _bounds(self, principal: Principal, kind: str, limits: Limits) -> Limits:
        """The limits with the principal's own: an answer has no more rows for being made by a program."""
        budget = self._gateway.policy.budget(principal)
        memory = limits.memory_mb + ROOM.get(kind, 0)
        return replace(limits, result_rows=min(limits.result_rows, budget.rows), memory_mb=memory)

    def _pool(self, kind: str, limits: Limits) -> Pool:
        key = (kind, limits.file_mb, limits.files)
        with self._lock:
            if key not in self._pools:
                provided(kind)
                nursery = self._nurseries.setdefault(kind, Nursery(kind, environment()))
                usual = limits.file_mb == self._limits.file_mb and limits.files == self._limits.files
                self._pools[key] = Pool(lambda: self._spawn(nursery, limits), self._size(kind) if usual else 0)
            return self._pools[key]

    def _size(self, kind: str) -> int:
        """A JVM is too heavy to stand by."""
        return 0 if kind == "jvm" else self._warm

    def _spawn(self, nursery: Nursery, limits: Limits) -> Cell:
        spec = self._spec(nursery.kind, limits)
        return nursery.spawn(spec, Path(spec["own"]))

    def _spec(self, kind: str, limits: Limits) -> dict[str, Any]:
        folder = self._folder.resolve()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return {
            "kind": kind,
            "place": str(folder),
            "own": str(folder / f"run-{os.getpid()}-{secrets.token_hex(4)}"),
            "file_mb": limits.file_mb,
            "files": limits.files,
            "without": sorted(self._without),
            "environment": environment(),
        }


def _refused(gaps: str) -> Outcome:
    why = f"This machine lacks walls that keep a program from the data: {gaps}."
    return Outcome("refused", error=Fault("Refused", f"{why} `lakewright doctor` says how to have them."))
