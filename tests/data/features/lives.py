"""Materialising in processes of their own, that may end by SIGKILL at a chosen kind of moment."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import threading
from collections.abc import Callable
from datetime import datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

MOMENTS = ("history", "after history", "online", "values", "after values", "any")
"""While a commit to the history is made, or after it; before a batch of the online store; while the commit to the
table of values is made, or after it; at any time."""
MODULES = [
    "data.features.materialize", "data.features.platform", "data.federation", "deltalake", "duckdb", "pyarrow.parquet",
    "tests.data.features.lives", "tests.data.features.views",
]  # fmt: skip


def start(home: Path, until: datetime, *, moment: str = "", seed: int = 0) -> BaseProcess:
    """Materialises the view `cards` of a home in a new process."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(MODULES)
    process = context.Process(target=_live, args=(home, until, moment, seed), daemon=True)
    process.start()
    return process


def _live(home: Path, until: datetime, moment: str, seed: int) -> None:
    from data.features.compile import plan_of
    from data.features.online import refresh
    from data.features.platform import Features
    from data.federation import open_gateway
    from tests.data.features.views import CARDS

    refresh.BATCH = 5
    gateway = open_gateway(home, threads=2)
    features = Features(home, gateway)
    features.registry.apply([plan_of(CARDS, gateway.catalog, gateway.policy.functions)])
    _arm(moment, random.Random(seed))
    list(features.materialize(gateway.policy.principal("owner"), [], until, lambda _: None))
    features.close()
    gateway.close()


def _arm(moment: str, rng: random.Random) -> None:
    from data.features.history import History
    from data.features.online.sqlite import SqliteStore
    from data.features.values import ValueTable

    if moment == "history":
        _wrap(History, "write", lambda call: (_die_soon(rng.uniform(0, 0.02)), call())[1])
    elif moment == "after history":
        _wrap(History, "write", lambda call: (call(), _die()))
    elif moment == "online":
        _wrap(SqliteStore, "put", lambda call: (_die_soon(rng.uniform(0, 0.003)), call())[1], rng.randrange(1, 6))
    elif moment == "values":
        _wrap(ValueTable, "_write", lambda call: (_die_soon(rng.uniform(0, 0.05)), call())[1])
    elif moment == "after values":
        _wrap(ValueTable, "_write", lambda call: (call(), _die()))
    elif moment:
        _die_soon(rng.uniform(0, 0.5))


def _wrap(owner: type, name: str, act: Callable[[Callable[[], Any]], Any], turn: int = 1) -> None:
    original, left = getattr(owner, name), [turn]

    def call(*arguments: Any, **named: Any) -> Any:
        left[0] -= 1
        go = lambda: original(*arguments, **named)  # noqa: E731
        return act(go) if left[0] == 0 else go()

    setattr(owner, name, call)


def _die_soon(seconds: float) -> None:
    timer = threading.Timer(seconds, _die)
    timer.daemon = True
    timer.start()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
