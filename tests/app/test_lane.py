"""One question at a time computes, others do while it waits, and none is kept by one that does not say so."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from app.api.lane import Lane
from data.observe import observed, observing


def at_once(questions: int, work: Callable[[int], None], *, long: float = 60.0) -> None:
    """So many questions in threads, in their order, on one lane."""
    with observing(Lane(long).observe):

        def ask(number: int) -> None:
            with observed("question", "ask"):
                work(number)

        threads = [threading.Thread(target=ask, args=(number,), daemon=True) for number in range(questions)]
        for thread in threads:
            thread.start()
            time.sleep(0.005)
        for thread in threads:
            thread.join(20)
            assert not thread.is_alive()


def test_one_question_at_a_time_computes_in_the_order_in_which_they_came() -> None:
    inside, most, order = 0, 0, []

    def work(number: int) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        order.append(number)
        time.sleep(0.02)
        inside -= 1

    at_once(8, work)
    assert (most, order) == (1, list(range(8)))


@pytest.mark.parametrize("kind", ["model", "engine", "commit"])
def test_while_one_waits_others_compute(kind: str) -> None:
    together = threading.Barrier(3)

    def work(number: int) -> None:
        with observed(kind, "slow"):  # type: ignore[arg-type]
            together.wait(10)  # broken, unless all three wait at once

    at_once(3, work)
    assert not together.broken


def test_who_comes_back_goes_before_who_is_new() -> None:
    order, here, answered = [], threading.Event(), threading.Event()

    def work(number: int) -> None:
        if number == 0:
            with observed("model", "slow"):
                here.set()
                answered.wait(10)
        elif number == 1:
            here.wait(10)
            time.sleep(0.1)  # until the third stands in line
            answered.set()
            time.sleep(0.1)
        order.append(number)

    at_once(3, work)
    assert order == [1, 0, 2]


def test_what_is_slow_and_tells_nobody_keeps_none() -> None:
    done = threading.Event()

    def work(number: int) -> None:
        if number == 0:
            assert done.wait(10)
        elif number == 3:
            done.set()

    at_once(4, work, long=0.02)
    assert done.is_set()


def test_a_question_within_one_and_one_that_fails_leave_the_lane_whole() -> None:
    def work(number: int) -> None:
        with pytest.raises(ValueError, match="no"), observed("question", "ask"), observed("model", "slow"):
            raise ValueError("no")
        if number == 0:
            with pytest.raises(ValueError, match="no"), observed("engine", "duckdb"):
                raise ValueError("no")

    at_once(3, work)
