"""What a job said, line by line, also while it still says more."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from finetune.jobs.store import Jobs

EVERY = 0.3
"""Seconds between two looks for more."""
MOST = 256 * 1024
"""Bytes of the end of a log that are told."""


def lines(jobs: Jobs, id: str, *, follow: bool = False, gone: Callable[[], bool] = lambda: False) -> Iterator[str]:
    """The lines of a job's log; with `follow` until the job is over or interrupted, or nobody listens any more."""
    path, at = jobs.log(id), 0
    at = max(0, _size(path) - MOST)
    while True:
        more = follow and jobs.get(id).state in ("queued", "running") and not gone()
        text, at = _read(path, at, whole=not more)
        yield from text
        if not more:
            return
        if not text:
            time.sleep(EVERY)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _read(path: Path, at: int, *, whole: bool) -> tuple[list[str], int]:
    """The lines from a position on, and the position behind them; one that is not ended only if it is the last."""
    if not path.is_file():
        return [], at
    with path.open("rb") as file:
        file.seek(at)
        data = file.read()
    kept = data if whole else data[: data.rfind(b"\n") + 1]
    # A progress bar writes over its line: the last of what it wrote is what stays.
    told = [line.rstrip("\r").rpartition("\r")[2] for line in kept.decode("utf-8", "replace").split("\n")]
    return [line for line in told if line], at + len(kept)
