"""The process that programs are born from: it has imported the libraries, runs nothing itself, and forks a keeper
for each cell that is asked for. It ends with the process that started it."""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import warnings
from typing import Any

PRELOADED = {
    "python": ("numpy", "pyarrow", "pyarrow.compute", "pyarrow.parquet", "pandas", "polars", "duckdb"),
    "sail": ("pyarrow.parquet", "pandas", "pysail.spark", "pyspark.sql", "pyspark.sql.connect.session"),
    "jvm": ("pyarrow.parquet", "pandas", "pyspark.sql"),
}
BEAT = 1.0
"""Seconds between two looks at whether the parent is still there."""
LONGEST = 64 * 1024


def serve(kind: str, control: socket.socket) -> None:
    """Fork a keeper for each request, until the parent has gone."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # libraries that warn of each other
        for name in PRELOADED[kind]:
            importlib.import_module(name)
    from data.sandbox.inside import keeper
    from data.sandbox.inside.walls import calls

    calls.prepare()
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    parent = os.getppid()
    control.send(b"ready")
    while (request := _next(control, parent)) is not None:
        spec, fds = request
        if os.fork() == 0:
            control.close()
            keeper.keep(spec, fds)
        for fd in fds:
            os.close(fd)


def _next(control: socket.socket, parent: int) -> tuple[dict[str, Any], list[int]] | None:
    """The next request with its descriptors; None when the parent has gone."""
    while True:
        try:
            ready, _, _ = select.select([control], [], [], BEAT)
        except InterruptedError:
            continue
        if os.getppid() != parent:
            return None
        if ready:
            message, fds, _, _ = socket.recv_fds(control, LONGEST, 8)
            return (json.loads(message), fds) if message else None


def main() -> None:
    """Started with what to preload and the number of the control socket."""
    kind, fd = sys.argv[1], int(sys.argv[2])
    with contextlib.suppress(KeyboardInterrupt, ConnectionError):
        serve(kind, socket.socket(fileno=fd))
