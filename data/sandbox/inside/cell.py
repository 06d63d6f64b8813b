"""The process of one program: it puts up the walls, waits for the program, runs it and tells what became of it."""

from __future__ import annotations

import os
import random
import resource
import socket
import sys
from typing import Any, NoReturn

from data.sandbox.inside import kernel, lakehouse, program
from data.sandbox.inside.bridge import Bridge

MB = 1024 * 1024


def live(spec: dict[str, Any], bridge: int, stdout: int, stderr: int) -> NoReturn:
    """The whole life of the process; it never comes back to what forked it."""
    code = 1
    try:
        kernel.die_with_parent()
        link = _settle(spec, bridge, stdout, stderr)
        given = _ready(spec)
        link.send({"op": "ready", "walls": []})
        code = _run(link, given)
    except BaseException as error:  # noqa: BLE001 - nothing may go up into the forked keeper
        os.write(2, f"{type(error).__name__}: {error}\n".encode("utf-8", "replace"))
    finally:
        os._exit(code)


def _settle(spec: dict[str, Any], bridge: int, stdout: int, stderr: int) -> Bridge:
    """Close what is not ours, and put up the walls."""
    link = _descriptors(bridge, stdout, stderr)
    os.makedirs(spec["folder"], mode=0o700, exist_ok=True)
    os.chdir(spec["folder"])
    os.environ.clear()
    os.environ.update(spec["environment"])
    random.seed()
    return link


def _ready(spec: dict[str, Any]) -> dict[str, Any]:
    """What a program of its kind finds as names."""
    if spec["kind"] == "python":
        return {}
    from data.sandbox.inside import spark

    return {"spark": spark.given(spark.SESSIONS[spec["kind"]](), spec["folder"])}


def _descriptors(bridge: int, stdout: int, stderr: int) -> Bridge:
    """0, 1 and 2 are nothing, stdout and stderr; 3 is the bridge; there are no others."""
    null = os.open("/dev/null", os.O_RDONLY)
    high = [os.dup(fd) for fd in (null, stdout, stderr, bridge)]
    high = [fd if fd > 10 else _above(fd) for fd in high]
    for number, fd in enumerate(high):
        os.dup2(fd, number, inheritable=False)
    os.closerange(4, 1 << 16)
    return Bridge(socket.socket(fileno=3))


def _above(fd: int) -> int:
    import fcntl

    return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10)


def _run(link: Bridge, given: dict[str, Any]) -> int:
    task, _ = link.receive()
    _bound(task["limits"])
    sys.stdout = open(1, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    lakehouse.connect(link)
    sys.modules["lakehouse"] = lakehouse
    head, body = program.run(task, given)
    link.send(head, body)
    return 0


def _bound(limits: dict[str, Any]) -> None:
    """The kernel's limits on this process. Memory counts on top of what the libraries have taken already."""
    cap(resource.RLIMIT_CPU, limits["cpu_seconds"])
    cap(resource.RLIMIT_NOFILE, limits["open_files"])
    cap(resource.RLIMIT_FSIZE, limits["file_mb"] * MB)
    cap(resource.RLIMIT_CORE, 0)
    if limits["memory_mb"]:
        cap(resource.RLIMIT_DATA, _data() + limits["memory_mb"] * MB)


def cap(kind: int, value: int) -> None:
    """Lower a limit for good."""
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def _data() -> int:
    """Bytes of writable memory that this process has mapped."""
    return 512 * MB
