"""The process that holds one cell: it stays outside the walls, and ends the program when nobody wants it any more."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
from typing import Any, NoReturn

from data.sandbox.inside import cell, kernel
from data.sandbox.inside.walls import rights, spaces
from data.sandbox.inside.walls.plan import Plan


def keep(spec: dict[str, Any], fds: list[int]) -> NoReturn:
    """Start the program's process and wait for its end, or for that of the one who asked."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the parent, and the parent ends us
    kernel.die_with_parent()
    bridge, stdout, stderr, lifeline = fds
    plan, environment = Plan.of(spec), spec["environment"]
    spec.clear()
    plan.user = rights.user(os.getpid()) if os.geteuid() == 0 else spaces.INSIDE
    plan.put_up("users", spaces.users)
    plan.put_up("processes", spaces.processes)
    child = os.fork()
    if child == 0:
        os.close(lifeline)
        cell.live(plan, environment, bridge, stdout, stderr)
    for fd in (bridge, stdout, stderr):
        os.close(fd)
    with contextlib.suppress(OSError):
        _watch(child, socket.socket(fileno=lifeline))
    os._exit(0)


def _watch(child: int, lifeline: socket.socket) -> None:
    handle = os.pidfd_open(child)
    socket.send_fds(lifeline, [json.dumps({"pid": child}).encode()], [handle])
    select.select([handle, lifeline.fileno()], [], [])
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    lifeline.send(json.dumps({"status": os.waitstatus_to_exitcode(status)}).encode())
