"""Namespaces: processes, network, messages and the name of the machine are the cell's own."""

from __future__ import annotations

import fcntl
import os
import socket
import struct

from data.sandbox.inside import kernel
from data.sandbox.inside.walls.plan import Plan

INSIDE = 1000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1


def users(plan: Plan) -> None:
    """Who is not root needs a user namespace for all the others; root has no need of one."""
    if os.geteuid() == 0:
        return
    user, group = os.geteuid(), os.getegid()
    kernel.unshare(kernel.NEWUSER)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{INSIDE} {user} 1")
    _write("/proc/self/gid_map", f"{INSIDE} {group} 1")


def processes(plan: Plan) -> None:
    """The next process that is forked is the first of its own world, and all of it ends with it."""
    kernel.unshare(kernel.NEWPID)


def network(plan: Plan) -> None:
    """A network with nothing in it; Spark talks to itself over the loopback."""
    kernel.unshare(kernel.NEWNET)
    if plan.kind != "python":
        _loopback()


def messages(plan: Plan) -> None:
    """Shared memory and queues of one's own, and a machine without its name."""
    kernel.unshare(kernel.NEWIPC | kernel.NEWUTS)
    socket.sethostname("sandbox")


def _loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_:
        request = struct.pack("16sH14x", b"lo", 0)
        (flags,) = struct.unpack_from("H", fcntl.ioctl(any_, SIOCGIFFLAGS, request), 16)
        fcntl.ioctl(any_, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
