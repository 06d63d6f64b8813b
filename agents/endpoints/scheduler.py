"""Continuous batching: the answers of several callers go through the model together, token by token, and whoever comes
while others are written joins them at the next token."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from agents.endpoints.decoding import Engine, Made, Step, Steps
from agents.endpoints.queue import FairQueue, Ticket

LOOK = 0.02
"""Seconds for which a future is waited for before somebody else is looked for, where there is nothing to compute."""


@dataclass(eq=False)
class Sequence:
    """The work of a ticket under way: where it stopped last, and what for."""

    ticket: Ticket
    steps: Steps[Any]
    asked: Step | Future[Any] | None = None
    ended: bool = False
    begun: float = field(default_factory=time.perf_counter)

    def go(self, logits: Any = None) -> None:
        """Go on to the next stop."""
        self._moved(lambda: self.steps.send(logits))

    def fail(self, error: Exception) -> None:
        """Have the error raised where it stopped."""
        self._moved(lambda: self.steps.throw(error))

    def leave(self) -> None:
        """End it, as nobody waits for it any more."""
        self.ended = True
        self.ticket.done.cancel()
        self.steps.close()

    @property
    def waits(self) -> bool:
        """Whether it stopped for something that is not there yet."""
        return isinstance(self.asked, Future) and not self.asked.done()

    def _moved(self, move: Callable[[], Any]) -> None:
        try:
            self.asked = move()
            return
        except StopIteration as done:
            self.ticket.done.set_result(done.value)
        except BaseException as error:  # noqa: BLE001 - it is raised again where the result is wanted
            self.ticket.done.set_exception(error)
        self.ended = True


class Scheduler:
    """Works on as many sequences at a time as a pass of the engine takes, in a thread of its own that is there while
    there is work; others wait in a fair queue. An error ends the sequence that it is of. Thread safe."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine, self._queue = engine, FairQueue()
        self._active: list[Sequence] = []
        self._last = 0.0
        """When a sequence ended last."""
        self._lock, self._running = threading.Lock(), False
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    def submit(
        self,
        caller: str,
        work: Callable[[], Steps[Made]],
        dropped: Callable[[], bool] = lambda: False,
        *,
        ahead: bool = False,
    ) -> Future[Made]:
        """Have the work done in the caller's turn. Unavailable, with `retry_after` in seconds, when too much waits."""
        ticket = Ticket(work, dropped)
        with self._lock:
            self._queue.put(caller, ticket, ahead=ahead)
            if not self._running:
                self._worker.submit(self._run)
                self._running = True
        return ticket.done

    def _run(self) -> None:
        while self._admitted():
            self._leave()
            self._advance()

    def _admitted(self) -> bool:
        """Whether there is anything to do, with those who are let in now: nobody, while somebody who is in waits for
        what others hold, so that a large request is not overtaken for ever."""
        with self._lock:
            self._active = [one for one in self._active if not self._counted(one)]
            held_up = any(one.asked is None for one in self._active)
            while not held_up and len(self._active) < self._engine.rows and (ticket := self._queue.next()):
                self._active.append(Sequence(ticket, ticket.work()))
            self._running = bool(self._active)
            return self._running

    def _counted(self, one: Sequence) -> bool:
        """Whether it has ended; how long that took is noted."""
        if one.ended:
            now = time.perf_counter()
            self._queue.took(now - max(one.begun, self._last))
            self._last = now
        return one.ended

    def _leave(self) -> None:
        for one in self._active:
            if not one.ended and one.ticket.left:
                one.leave()

    def _advance(self) -> None:
        """Whoever stopped for anything else looks whether it can go on; then one pass of the model for all who have
        tokens for it."""
        for one in self._active:
            if not one.ended and not isinstance(one.asked, Step) and not one.waits:
                one.go()
        active = [one for one in self._active if not one.ended]
        fed = [one for one in active if isinstance(one.asked, Step)]
        if fed:
            self._feed(fed)
        else:
            wait([one.asked for one in active if isinstance(one.asked, Future)], LOOK, FIRST_COMPLETED)

    def _feed(self, fed: list[Sequence]) -> None:
        steps = [one.asked for one in fed if isinstance(one.asked, Step)]
        try:
            logits = self._engine.advance(steps)
        except Exception as error:  # noqa: BLE001 - it is raised again where the answer is read
            if len(fed) == 1:
                fed[0].fail(error)
                return
            for one in fed:  # whose fault it is shows when each goes alone
                self._feed([one])
            return
        for one, row in zip(fed, logits, strict=True):
            one.go(row)
