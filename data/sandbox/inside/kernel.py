"""The system calls that Python has no function for."""

from __future__ import annotations

import ctypes
import os
import signal

LIBC = ctypes.CDLL(None, use_errno=True)

PR_SET_PDEATHSIG = 1


def checked(done: int, what: str) -> int:
    """The result of a call; OSError where it failed."""
    if done < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return done


def prctl(option: int, *arguments: int) -> int:
    """prctl(2)."""
    numbers = [ctypes.c_ulong(argument) for argument in (*arguments, 0, 0, 0, 0)[:4]]
    return checked(LIBC.prctl(option, *numbers), f"prctl({option})")


def die_with_parent() -> None:
    """This process ends when the one that forked it ends."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
