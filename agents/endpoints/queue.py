"""A fair queue before a model: callers take turns, however much each asks, and only so many wait."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from data.errors import Unavailable

Made = TypeVar("Made")

MOST, EACH = 64, 16
"""Requests that may wait: all together, and those of one caller."""


@dataclass(frozen=True)
class Ticket:
    """A request that waits. Once `dropped`, nobody wants it any more."""

    work: Callable[[], Any]
    dropped: Callable[[], bool]
    done: Future[Any] = field(default_factory=Future)


class FairQueue:
    """Does one piece of work at a time, in a thread of its own: each caller's oldest in turn. Thread safe."""

    def __init__(self, name: str, most: int = MOST, each: int = EACH) -> None:
        self._most, self._each = most, each
        self._waiting: OrderedDict[str, deque[Ticket]] = OrderedDict()
        self._lock = threading.Lock()
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._seconds = 1.0
        """How long a piece of work took of late."""

    def submit(
        self, caller: str, work: Callable[[], Made], dropped: Callable[[], bool] = lambda: False
    ) -> Future[Made]:
        """Have the work done in the caller's turn. Unavailable, with `retry_after` in seconds, when too much waits."""
        ticket = Ticket(work, dropped)
        with self._lock:
            self._forget()
            own, all_ = len(self._waiting.get(caller, ())), sum(map(len, self._waiting.values()))
            if own >= self._each or all_ >= self._most:
                raise self._full(own if own >= self._each else all_, caller if own >= self._each else "")
            self._waiting.setdefault(caller, deque()).append(ticket)
        self._worker.submit(self._one)
        return ticket.done

    def _one(self) -> None:
        ticket = self._next()
        if ticket is None:
            return
        begun = time.perf_counter()
        try:
            ticket.done.set_result(ticket.work())
        except BaseException as error:  # noqa: BLE001 - it is raised again where the result is wanted
            ticket.done.set_exception(error)
        self._seconds += 0.2 * (time.perf_counter() - begun - self._seconds)

    def _next(self) -> Ticket | None:
        """The oldest of the caller who has waited longest for a turn; None where all were dropped."""
        with self._lock:
            self._forget()
            if not self._waiting:
                return None
            caller, tickets = self._waiting.popitem(last=False)
            ticket = tickets.popleft()
            if tickets:
                self._waiting[caller] = tickets
            return ticket

    def _forget(self) -> None:
        """Let those go whom nobody waits for."""
        for caller in list(self._waiting):
            tickets = self._waiting[caller]
            kept = deque(ticket for ticket in tickets if not ticket.dropped())
            for ticket in tickets:
                if ticket not in kept:
                    ticket.done.cancel()
            if kept:
                self._waiting[caller] = kept
            else:
                del self._waiting[caller]

    def _full(self, count: int, caller: str) -> Unavailable:
        wait = max(1, math.ceil(count * self._seconds))
        whose = f"{count} requests of '{caller}'" if caller else f"{count} requests"
        return Unavailable(
            f"{whose} wait for the model already.", f"Ask again in {wait} seconds.", retry_after=wait, waiting=count
        )
