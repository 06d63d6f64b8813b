"""A server's garbage: what has lived long is set aside; and what a thread tells the loop comes whole."""

from __future__ import annotations

import asyncio
import gc
import threading
import time

import pytest

from app.api import collecting
from app.api.collecting import Collecting
from app.api.events import Post
from data.observe import Observation


class Knot:
    """Only a collection frees it."""

    freed: list[bool]

    def __init__(self, freed: list[bool]) -> None:
        self.itself, self.freed = self, freed

    def __del__(self) -> None:
        self.freed.append(True)


def test_what_was_there_is_set_aside_while_it_serves() -> None:
    before = gc.get_threshold()
    with Collecting().serving():
        assert gc.get_freeze_count() > 0
        freed: list[bool] = []
        Knot(freed)
        gc.collect()
        assert freed
    assert (gc.get_freeze_count(), gc.get_threshold()) == (0, before)


def test_garbage_among_it_is_freed_when_nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LONG", "QUIET", "SELDOM"):
        monkeypatch.setattr(collecting, name, 0.01 if name == "QUIET" else 0.0)
    freed: list[bool] = []
    kept, watch = [Knot(freed)], Collecting()
    with watch.serving():
        with watch.observe(Observation("request", "GET")):
            gc.collect()
            kept.clear()
            gc.collect()
            time.sleep(0.1)
            assert not freed
        for _ in range(1_000):
            if freed:
                break
            time.sleep(0.01)
        assert freed


def test_the_loop_gets_all_that_a_thread_tells_in_its_order() -> None:
    async def heard() -> list[int]:
        post: Post[int] = Post()
        telling = threading.Thread(target=lambda: [post.put(n) for n in range(20_000)])
        telling.start()
        found: list[int] = []
        while len(found) < 20_000:
            found += await post.taken()  # type: ignore[arg-type]
        telling.join()
        return found

    assert asyncio.run(heard()) == list(range(20_000))
