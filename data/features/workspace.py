"""A private database for one piece of work: it sorts and joins what the gateway gave, and spills to disk."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from data.sources.base import literal

if TYPE_CHECKING:
    import duckdb

MEMORY = "96MB"
"""What the database holds in memory; sorting more goes to disk."""

THREADS = 4
"""At most: each one needs some of the memory."""

PREFIX, LOCK = "features-", "lock"


@contextmanager
def workspace(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in a folder of its own in the home, which goes when the work is done."""
    import duckdb

    config = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    threads = min(THREADS, os.cpu_count() or 1)
    with scratch(home) as folder, duckdb.connect(str(folder / "work.duckdb"), config=config) as connection:
        connection.execute(f"SET memory_limit = {literal(MEMORY)}")
        connection.execute(f"SET threads = {threads}")
        connection.execute(f"SET temp_directory = {literal(str(folder / 'spilled'))}")
        # Otherwise freed memory stays with the process until the allocator comes by, which fast work does not wait for.
        connection.execute("SET allocator_background_threads = true")
        connection.execute("SET allocator_flush_threshold = '4MB'")
        connection.execute("SET python_enable_replacements = false")
        yield connection


@contextmanager
def scratch(home: Path) -> Iterator[Path]:
    """A folder in the home for as long as the work takes."""
    with _alone(home) as spill:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=spill))
        # The operating system lets go of the lock of a process that dies.
        mine = FileLock(folder / LOCK)
        mine.acquire()
    try:
        yield folder
    finally:
        mine.release()
        shutil.rmtree(folder, ignore_errors=True)


def sweep(home: Path) -> None:
    """Remove the folders of processes that were killed."""
    with _alone(home) as spill:
        for left in spill.glob(f"{PREFIX}*"):
            _remove(left)


@contextmanager
def _alone(home: Path) -> Iterator[Path]:
    """While no other process makes or removes folders."""
    spill = home / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    with FileLock(spill / "features.lock"):
        yield spill


def _remove(folder: Path) -> None:
    try:
        with FileLock(folder / LOCK, timeout=0):
            shutil.rmtree(folder, ignore_errors=True)
    except (Timeout, OSError):
        pass  # somebody works in it, or has just removed it
