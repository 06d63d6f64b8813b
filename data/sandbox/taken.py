"""What the processes of a cell take at this moment, as the kernel tells it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
KB = 1024
FIELDS = ("VmRSS", "VmSwap", "VmPTE", "VmData", "Threads")
"""Swapped pages and page tables are memory too: a program can have gigabytes of these while it holds no page itself."""


@dataclass(frozen=True)
class Taken:
    """Bytes of memory and of mapped writable memory, and threads."""

    memory: int = 0
    data: int = 0
    threads: int = 0


def taken(pid: int) -> Taken:
    """Of a process with all that it started; nothing of one that is no more."""
    found = [_of(one) for one in _family(pid)]
    sums = (sum(values) for values in zip(*found, strict=True)) if found else ()
    return Taken(*sums)


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        for thread in (PROC / str(pid) / "task").iterdir():
            for child in (thread / "children").read_text("ascii").split():
                yield from _family(int(child))
    except OSError:
        return


def _of(pid: int) -> tuple[int, int, int]:
    try:
        text = (PROC / str(pid) / "status").read_text("utf-8", "replace")
    except OSError:
        return (0, 0, 0)
    lines = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    pages, swapped, tables, data, threads = (int(lines.get(name, "0").split()[0]) for name in FIELDS)
    return (pages + swapped + tables) * KB, data * KB, threads
