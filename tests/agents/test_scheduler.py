"""Continuous batching: who advances with whom, and what one's end, error or wait means for the others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from typing import Any

import pytest

from agents.endpoints.decoding import Step, Steps, settled
from agents.endpoints.scheduler import Scheduler

WAIT = 20


@dataclass(eq=False)
class Fed:
    """A session that counts its tokens; a negative one breaks it."""

    tokens: list[int] = field(default_factory=list)

    def feed(self, ids: Sequence[int]) -> int:
        if min(ids) < 0:
            raise ArithmeticError(f"token {min(ids)}")
        self.tokens += ids
        return len(self.tokens)


@dataclass
class Passes:
    """An engine of three rows that remembers the first tokens of each pass. The first pass waits for `go`."""

    rows = 3
    token_bytes = 1
    made: list[list[int]] = field(default_factory=list)
    begun: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)

    def open(self, room: int) -> Any:
        return Fed()

    def advance(self, steps: Sequence[Step]) -> list[Any]:
        self.made.append([step.ids[0] for step in steps])
        self.begun.set()
        assert self.go.wait(WAIT)
        if any(min(step.ids) < 0 for step in steps):
            raise ArithmeticError("one of them")
        return [step.session.feed(step.ids) for step in steps]


def counting(*tokens: int) -> Callable[[], Steps[int]]:
    def steps() -> Steps[int]:
        session, told = Fed(), 0
        for token in tokens:
            told = yield Step(session, [token])
        return told

    return steps


@pytest.fixture
def engine() -> Passes:
    return Passes()


def test_sequences_advance_together_and_whoever_comes_takes_the_place_of_who_ended(engine: Passes) -> None:
    scheduler = Scheduler(engine, "test")
    first = scheduler.submit("ann", counting(1, 1, 1, 1))
    assert engine.begun.wait(WAIT)
    others = [scheduler.submit("bob", counting(*[n] * n)) for n in (2, 3, 4)]
    engine.go.set()
    assert [done.result(WAIT) for done in (first, *others)] == [4, 2, 3, 4]
    assert engine.made[0] == [1]
    together = engine.made[1:]
    assert together[:2] == [[1, 2, 3], [1, 2, 3]]
    assert together[2] in ([1, 3], [1, 3, 4])
    assert max(map(len, engine.made)) == 3
    assert sum(made.count(4) for made in engine.made) == 4


def test_an_error_ends_the_sequence_that_it_is_of_and_no_other(engine: Passes) -> None:
    engine.go.set()
    scheduler, heard = Scheduler(engine, "test"), list[str]()

    def broken() -> Steps[None]:
        try:
            yield from counting(7, -7)()
        except ArithmeticError as error:
            heard.append(str(error))
            raise

    def worse() -> Steps[None]:
        yield Step(Fed(), [8])
        raise KeyError("own")

    done = [scheduler.submit("ann", work) for work in (counting(1, 1, 1), broken, worse)]
    assert done[0].result(WAIT) == 3
    for failed, kind in ((done[1], ArithmeticError), (done[2], KeyError)):
        with pytest.raises(kind):
            failed.result(WAIT)
    assert heard == ["token -7"] or heard == ["one of them"]
    assert scheduler.submit("bob", counting(5)).result(WAIT) == 1


def test_whoever_leaves_ends_at_the_next_token_and_cleans_up(engine: Passes) -> None:
    scheduler, gone, cleaned = Scheduler(engine, "test"), threading.Event(), threading.Event()

    def endless() -> Steps[None]:
        try:
            while True:
                yield Step(Fed(), [9])
        finally:
            cleaned.set()

    left = scheduler.submit("ann", endless, gone.is_set)
    stays = scheduler.submit("bob", counting(1, 1))
    engine.go.set()
    assert stays.result(WAIT) == 2
    assert not left.done()
    gone.set()
    assert cleaned.wait(WAIT)
    with pytest.raises(CancelledError):
        left.result(WAIT)
    broken = scheduler.submit("ann", endless, lambda: 1 // 0 > 0)
    with pytest.raises(ZeroDivisionError):
        broken.result(WAIT)


def test_nobody_is_let_in_before_who_waits_for_what_others_hold(engine: Passes) -> None:
    scheduler, held, order = Scheduler(engine, "test"), [True], list[str]()

    def holder() -> Steps[None]:
        yield from counting(1, 1, 1)()
        held.clear()
        order.append("holder")

    def large() -> Steps[None]:
        while held:
            yield None
        order.append("large")

    def small() -> Steps[None]:
        yield from counting(2)()
        order.append("small")

    done = [scheduler.submit("ann", work) for work in (holder, large, small, small, small)]
    engine.go.set()
    for one in done:
        one.result(WAIT)
    assert order.index("large") <= order.index("holder") + 2
    assert order[-1] == "small"


def test_a_sequence_that_waits_for_a_future_holds_nobody_up(engine: Passes) -> None:
    engine.go.set()
    scheduler, future = Scheduler(engine, "test"), Future[int]()

    def waiting() -> Steps[int]:
        found = yield from settled(future)
        told: int = yield Step(Fed(), [3])
        return found + told

    waits = scheduler.submit("ann", waiting)
    assert scheduler.submit("bob", counting(1, 1)).result(WAIT) == 2
    assert not waits.done()
    future.set_result(40)
    assert waits.result(WAIT) == 41
