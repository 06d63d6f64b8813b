"""The fair queue before a model."""

from __future__ import annotations

import pytest

from agents.endpoints.queue import FairQueue, Ticket
from data.errors import Unavailable


class Line:
    """A queue of texts."""

    def __init__(self, most: int = 64, each: int = 16) -> None:
        self.queue = FairQueue(most, each)

    def add(self, caller: str, text: str, *, dropped: bool = False, ahead: bool = False) -> Ticket:
        ticket = Ticket(lambda: text, lambda: dropped)
        self.queue.put(caller, ticket, ahead=ahead)
        return ticket

    def order(self) -> list[str]:
        tickets = iter(self.queue.next, None)
        return [ticket.work() for ticket in tickets if ticket is not None]


def test_callers_take_turns_however_much_one_asks() -> None:
    line = Line()
    for n in range(3):
        line.add("greedy", f"g{n}")
    line.add("ann", "a0")
    line.add("bob", "b0")
    line.add("ann", "a1")
    assert line.order() == ["g0", "a0", "b0", "g1", "a1", "g2"]


def test_what_goes_on_with_something_begun_comes_first_and_is_not_counted_again() -> None:
    line = Line(most=2)
    line.add("ann", "a0")
    line.add("bob", "b0")
    line.add("bob", "b more", ahead=True)
    line.add("carl", "c more", ahead=True)
    assert line.order() == ["c more", "b more", "a0", "b0"]


def test_a_full_queue_says_when_to_come_again() -> None:
    line = Line(most=4, each=2)
    line.add("ann", "1")
    line.add("ann", "2")
    line.queue.took(6.0)
    with pytest.raises(Unavailable, match=r"2 requests of .ann. wait for the model already\. Ask again in 4 s") as full:
        line.add("ann", "3")
    assert full.value.facts["retry_after"] == 4
    line.add("bob", "3")
    line.add("carl", "4")
    with pytest.raises(Unavailable, match="4 requests wait"):
        line.add("dora", "5")


def test_whoever_has_gone_is_skipped_and_makes_room() -> None:
    line = Line(most=2)
    gone = line.add("ann", "gone", dropped=True)
    line.add("bob", "b")
    line.add("carl", "c")
    assert gone.done.cancelled()
    assert line.order() == ["b", "c"]
