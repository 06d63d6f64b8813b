"""The process of one program: it puts up the walls, waits for the program, runs it and tells what became of it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import resource
import socket
import sys
from typing import Any, NoReturn

from data.sandbox.inside import kernel, lakehouse, program, spark
from data.sandbox.inside.bridge import Bridge
from data.sandbox.inside.walls.calls import calls
from data.sandbox.inside.walls.landlock import landlock
from data.sandbox.inside.walls.plan import Plan
from data.sandbox.inside.walls.rights import rights
from data.sandbox.inside.walls.spaces import messages, network
from data.sandbox.inside.walls.view import files

MB = 1024 * 1024
SPACES = (("network", network), ("messages", messages), ("files", files))
WALLS = (("landlock", landlock), ("rights", rights))
"""In this order: each needs what the ones after it take away."""


def live(plan: Plan, environment: dict[str, str], bridge: int, stdout: int, stderr: int) -> NoReturn:
    """The whole life of the process; it never comes back to what forked it."""
    code = 1
    try:
        kernel.die_with_parent()
        link = _descriptors(bridge, stdout, stderr)
        given = _settle(plan, environment, link)
        link.send({"op": "ready", "walls": plan.walls})
        code = _run(link, given)
    except BaseException as error:  # noqa: BLE001 - nothing may go up into the forked keeper
        os.write(2, f"{type(error).__name__}: {error}\n".encode("utf-8", "replace"))
    finally:
        os._exit(code)


def _settle(plan: Plan, environment: dict[str, str], link: Bridge) -> dict[str, Any]:
    """Put up the walls; what the program finds as names. Sail's threads are there before the last wall, so that it
    shuts off sockets for them too; a JVM starts behind it."""
    _first_to_go()
    for name, build in SPACES:
        plan.put_up(name, build)
    os.makedirs(plan.home, mode=0o700, exist_ok=True)
    for name, build in WALLS:
        plan.put_up(name, build)
    os.chdir(plan.home)
    os.environ.clear()
    os.environ.update(environment, HOME=plan.home, TMPDIR=plan.home)
    random.seed()
    lakehouse.connect(link)
    sys.modules["lakehouse"] = lakehouse
    given = spark.given(plan) if plan.kind == "sail" else {}
    plan.put_up("calls", calls)
    plan.place, plan.own = (
        "",
        "" if plan.stands("files") else plan.own,
    )  # how the machine's folders are called is nobody's business
    return given | (spark.given(plan) if plan.kind == "jvm" else {})


def _first_to_go() -> None:
    """When the machine runs out of memory, it is to end this process and no other."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("1000")


def _descriptors(bridge: int, stdout: int, stderr: int) -> Bridge:
    """0, 1 and 2 are nothing, stdout and stderr; 3 is the bridge; there are no others."""
    null = os.open("/dev/null", os.O_RDONLY)
    high = [os.dup(fd) for fd in (null, stdout, stderr, bridge)]
    high = [fd if fd > 10 else _above(fd) for fd in high]
    for number, fd in enumerate(high):
        os.dup2(fd, number, inheritable=number < 3)
    os.closerange(4, 1 << 16)
    return Bridge(socket.socket(fileno=3))


def _above(fd: int) -> int:
    return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10)


def _run(link: Bridge, given: dict[str, Any]) -> int:
    task, _ = link.receive()
    _bound(task["limits"])
    sys.stdout = open(1, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    head, body = program.run(task, given)
    link.send(head, body)
    return 0


def _bound(limits: dict[str, Any]) -> None:
    """The kernel's limits on this process."""
    cap(resource.RLIMIT_CPU, limits["cpu_seconds"])
    cap(resource.RLIMIT_NOFILE, limits["open_files"])
    cap(resource.RLIMIT_FSIZE, limits["file_mb"] * MB)
    for kind, name in ((resource.RLIMIT_DATA, "data"), (resource.RLIMIT_NPROC, "threads")):
        if limits[name]:
            cap(kind, limits[name])


def cap(kind: int, value: int) -> None:
    """Lower a limit for good."""
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))
