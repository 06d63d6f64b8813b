"""The fair queue before a model."""

from __future__ import annotations

import threading

import pytest

from agents.endpoints.queue import FairQueue
from data.errors import Unavailable


class Held:
    """A queue whose worker is kept busy until `go`."""

    def __init__(self, most: int = 64, each: int = 16) -> None:
        self.queue, self.gate = FairQueue("test", most, each), threading.Event()
        self.order: list[str] = []
        began = threading.Event()
        self.first = self.queue.submit("first", lambda: (began.set(), self.gate.wait(20))[1])
        assert began.wait(20)

    def add(self, caller: str, text: str, dropped: bool = False) -> object:
        return self.queue.submit(caller, lambda: self.order.append(text), lambda: dropped)

    def go(self) -> list[str]:
        self.gate.set()
        self.queue.submit("last", lambda: None).result(20)
        return self.order


def test_callers_take_turns_however_much_one_asks() -> None:
    held = Held()
    for n in range(3):
        held.add("greedy", f"g{n}")
    held.add("ann", "a0")
    held.add("bob", "b0")
    held.add("ann", "a1")
    assert held.go() == ["g0", "a0", "b0", "g1", "a1", "g2"]


def test_a_full_queue_says_when_to_come_again() -> None:
    held = Held(most=4, each=2)
    held.add("ann", "1")
    held.add("ann", "2")
    with pytest.raises(Unavailable, match=r"2 requests of .ann. wait for the model already\. Ask again in") as full:
        held.add("ann", "3")
    assert full.value.facts["retry_after"] >= 1  # type: ignore[operator]
    held.add("bob", "3")
    held.add("carl", "4")
    with pytest.raises(Unavailable, match="4 requests wait"):
        held.add("dora", "5")
    held.gate.set()
    held.first.result(20)


def test_whoever_has_gone_is_skipped_and_makes_room() -> None:
    held = Held(most=2)
    held.add("ann", "gone", dropped=True)
    held.add("bob", "b")
    held.add("carl", "c")
    held.gate.set()
    held.first.result(20)
    held.queue.submit("last", lambda: None).result(20)
    assert held.order == ["b", "c"]


def test_a_failure_is_raised_where_the_result_is_wanted_and_harms_nobody_else() -> None:
    queue = FairQueue("test")
    failing = queue.submit("ann", lambda: 1 // 0)
    assert queue.submit("ann", lambda: 7).result(20) == 7
    with pytest.raises(ZeroDivisionError):
        failing.result(20)
