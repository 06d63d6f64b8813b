"""Workers in processes of their own, that may end by SIGKILL at a chosen kind of moment."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import threading
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

MOMENTS = ("decode", "before", "in", "after", "any")
"""While a batch is decoded; before, in and after the commit to Delta; at any time."""
MODULES = [
    "data.streams.worker",
    "data.streams.decode.json",
    "deltalake",
    "confluent_kafka",
    "tests.data.streams.lives",
]


def start(streams: Any, home: Path, *, once: bool = True, moment: str = "", seed: int = 0) -> BaseProcess:
    """A worker in a new process. `streams` is (stream, broker)."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(MODULES)
    process = context.Process(target=_live, args=(*streams, home, once, moment, seed), daemon=True)
    process.start()
    return process


def _live(stream: Any, broker: Any, home: Path, once: bool, moment: str, seed: int) -> None:
    from data.streams import reader, worker
    from data.streams.decode import decoder_of
    from data.streams.interrupt import interruption

    reader.ROWS = 4_000
    made = worker.Worker(stream, broker, home, home / "lake" / stream.name, decoder_of(stream, broker), linger=0.05)
    _arm(moment, random.Random(seed))
    with interruption() as stop:
        made.run(stop, once=once)


def _arm(moment: str, rng: random.Random) -> None:
    from data.streams.target import Target
    from data.streams.worker import Worker

    left = [rng.randrange(1, 4)]

    def wrapped(owner: type, name: str, act: Callable[[Callable[[], Any]], Any]) -> None:
        original = getattr(owner, name)

        def call(*arguments: Any) -> Any:
            left[0] -= 1
            return act(lambda: original(*arguments)) if left[0] == 0 else original(*arguments)

        setattr(owner, name, call)

    if moment == "decode":
        wrapped(Worker, "_decode", lambda call: (call(), _die()))
    elif moment == "before":
        wrapped(Target, "land", lambda call: _die())
    elif moment == "in":
        wrapped(Target, "land", lambda call: (_die_soon(rng.uniform(0, 0.02)), call())[1])
    elif moment == "after":
        wrapped(Target, "land", lambda call: (call(), _die()))
    elif moment:
        _die_soon(rng.uniform(0.2, 2.0))


def _die_soon(seconds: float) -> None:
    threading.Timer(seconds, _die).start()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
