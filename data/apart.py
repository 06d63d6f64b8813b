"""A measurement in a process of its own, so that its memory is its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from pathlib import Path
from typing import Any

PEAK = "VmHWM:"
"""What Linux says of the most memory that a program had. (`ru_maxrss` counts that of the process it was started
from.)"""


def apart(run: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    """The result of a run in a process of its own, and that process's peak memory in MB. What the run raises is
    raised here."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_told, args=(there, run, *arguments))
    process.start()
    there.close()
    try:
        result, memory = here.recv()
    except EOFError:
        raise RuntimeError(f"The process of '{run.__name__}' ended without a result.") from None
    finally:
        process.join()
    if isinstance(result, BaseException):
        raise result
    return result, memory


def peak() -> float:
    """The most memory in MB that this process has had."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith(PEAK))
    return int(line.split()[1]) / 1024


def _told(pipe: Any, run: Callable[..., Any], *arguments: Any) -> None:
    try:
        result = run(*arguments)
    except Exception as error:  # noqa: BLE001 - it is raised where the result is waited for
        result = error
    pipe.send((result, peak()))
