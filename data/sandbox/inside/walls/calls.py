"""Seccomp: the system calls that computing needs, and no other one.

There is none to open a socket, to start a process or a program, to trace, to mount, to load. What is on the list may
still have to meet a condition on its arguments.
https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import struct
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from data.sandbox.inside import kernel
from data.sandbox.inside.walls.plan import Plan

Condition = tuple[int, int, int]
"""Argument, mask, value: the call is allowed where `argument & mask == value`."""

SECCOMP = {"x86_64": 317, "aarch64": 277}
MACHINE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
FILTER, TO_ALL_THREADS = 1, 1
ALLOW, ERROR, KILL = 0x7FFF0000, 0x00050000, 0x80000000
LOAD, EQUAL, AT_LEAST, AND, RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
X32 = 0x40000000
NEWER = 450
"""Calls from here on are told to be unknown, so that the C library does without them."""

WHOLE = 0xFFFFFFFF
THREAD, SPACES = 0x10000, 0x7E020000
"""Flags of clone(2): a thread, and any new namespace."""
BY_PATH = frozenset(("chmod", "fchmodat", "utimensat", "futimesat", "utime", "utimes", "truncate"))
"""What Landlock does not watch over: only for a program that has nothing but its own folder in view."""

FCNTL = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1031, 1032, 1034)
IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
PRCTL = (3, 15, 16, 23, 0x53564D41)


def calls(plan: Plan) -> None:
    """Put the filter on every thread of this process. KeyError on a machine whose calls are not known."""
    machine = os.uname().machine
    program = _filter(MACHINE[machine], _numbers()[machine], _allowed(plan), _conditions(plan))
    code = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    left = kernel.syscall(SECCOMP[machine], FILTER, TO_ALL_THREADS, head, what="seccomp")
    if left:
        raise OSError(f"thread {left} is left without a filter")


@cache
def _numbers() -> Mapping[str, Mapping[str, int]]:
    """For each machine the numbers of calls; under `jvm` those that only a JVM may make, as it is several processes
    that talk over the loopback."""
    found: dict[str, dict[str, int]] = json.loads(Path(__file__).with_name("syscalls.json").read_text("ascii"))
    return found


def prepare() -> None:
    """Read what the filter is made of, while it can still be read."""
    _numbers()


def _allowed(plan: Plan) -> frozenset[str]:
    names = frozenset(_numbers()[os.uname().machine]) - {"clone3"}
    return (
        names
        - (frozenset() if plan.jvm else frozenset(_numbers()["jvm"]))
        - (frozenset() if plan.stands("files") else BY_PATH)
    )


def _conditions(plan: Plan) -> dict[str, tuple[Condition, ...]]:
    common = {
        "socketpair": ((1, 0xF, 1), (1, 0xF, 5)),  # a datagram could be sent to any other socket
        "ioctl": tuple((1, WHOLE, one) for one in IOCTL),
    }
    if plan.jvm:
        families = tuple((0, WHOLE, family) for family in (1, 2, 10))
        return {**common, "socket": families, "clone": ((0, SPACES, 0),)}
    itself = ((0, WHOLE, os.getpid()),)
    return {
        **common,
        "clone": ((0, THREAD, THREAD),),
        "mmap": ((3, 1, 0), (3, 0x20, 0)),  # memory that is shared and of no file is counted by nobody
        "fcntl": tuple((1, WHOLE, one) for one in FCNTL),
        "prctl": tuple((0, WHOLE, one) for one in PRCTL),
        "prlimit64": ((0, WHOLE, 0), *itself),
        "kill": itself,
        "tgkill": itself,
    }


def _filter(
    machine: int, numbers: Mapping[str, int], names: Iterable[str], conditions: Mapping[str, tuple[Condition, ...]]
) -> bytes:
    """The program that the kernel runs at each call."""
    steps = [
        (LOAD, 0, 0, 4),
        (EQUAL, 1, 0, machine),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, 0),
        *_when(AT_LEAST, X32, errno.EPERM),
        *_when(AT_LEAST, NEWER, errno.ENOSYS),
        *_when(EQUAL, numbers.get("clone3", NEWER), errno.ENOSYS),
    ]
    for name in sorted(names):
        steps += _call(numbers[name], conditions.get(name, ()))
    steps.append((RETURN, 0, 0, ERROR | errno.EPERM))
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def _when(test: int, value: int, error: int) -> list[tuple[int, int, int, int]]:
    return [(test, 0, 1, value), (RETURN, 0, 0, ERROR | error)]


def _call(number: int, conditions: tuple[Condition, ...]) -> list[tuple[int, int, int, int]]:
    if not conditions:
        return [(EQUAL, 0, 1, number), (RETURN, 0, 0, ALLOW)]
    steps: list[tuple[int, int, int, int]] = []
    for argument, mask, value in conditions:
        steps += [(LOAD, 0, 0, 16 + 8 * argument), (AND, 0, 0, mask), (EQUAL, 0, 1, value), (RETURN, 0, 0, ALLOW)]
    steps.append((RETURN, 0, 0, ERROR | errno.EPERM))
    return [(EQUAL, 0, len(steps), number), *steps]
