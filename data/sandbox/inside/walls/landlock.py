"""Landlock: the kernel itself refuses files, connections and signals that are not the program's.

https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import os
import struct

from data.sandbox.inside import kernel
from data.sandbox.inside.walls.plan import Plan
from data.sandbox.inside.walls.view import DEVICES, WRITTEN, readable

CREATE, ADD, RESTRICT = 444, 445, 446
EXECUTE, WRITE, READ, LIST, SOCKET, SYMLINK = 1, 2, 4, 8, 1 << 9, 1 << 12
CHARACTER, BLOCK, REFER, TRUNCATE, IOCTL = 1 << 6, 1 << 11, 1 << 13, 1 << 14, 1 << 15
FILE = EXECUTE | WRITE | READ | TRUNCATE | IOCTL
"""What can be said of a file that is no folder."""
GROWN = ((1, (1 << 13) - 1), (2, REFER), (3, TRUNCATE), (5, IOCTL))
"""Which rights came with which version."""
CONNECTIONS, SCOPES = 0b11, 0b11
BENEATH = 1


def landlock(plan: Plan) -> None:
    """Restrict this thread and all that come from it. OSError where the kernel has no Landlock."""
    version = kernel.syscall(CREATE, None, 0, 1, what="landlock")
    handled = sum(rights for since, rights in GROWN if version >= since)
    # Spark's own server and its client meet over the loopback.
    connections = CONNECTIONS if version >= 4 and plan.kind == "python" else 0
    scopes = SCOPES if version >= 6 else 0
    attributes = struct.pack("QQQ", handled, connections, scopes)
    ruleset = kernel.syscall(CREATE, attributes, len(attributes), 0, what="landlock")
    for path in readable(plan):
        _allow(ruleset, path, handled & (EXECUTE | READ | LIST))
    for path in DEVICES:
        _allow(ruleset, path, handled & (READ | WRITE))
    _allow(ruleset, plan.home, handled & ~_forbidden(plan))
    if plan.jvm:
        for path in ("/proc", *(f"/etc/{name}" for name in WRITTEN)):
            _allow(ruleset, path, handled & (READ | LIST | WRITE))
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.syscall(RESTRICT, ruleset, 0, what="landlock")
    os.close(ruleset)


def _forbidden(plan: Plan) -> int:
    return CHARACTER | BLOCK | SOCKET | (0 if plan.jvm else EXECUTE | SYMLINK)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        rights = rights if os.path.isdir(path) else rights & FILE
        kernel.syscall(ADD, ruleset, BENEATH, struct.pack("=Qi", rights, place), 0, what=f"landlock {path}")
    finally:
        os.close(place)
