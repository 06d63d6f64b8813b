"""A fair queue before a model: callers take turns, however much each asks, and only so many wait."""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from data.errors import Unavailable

MOST, EACH = 64, 16
"""Requests that may wait: all together, and those of one caller."""


@dataclass(frozen=True, eq=False)
class Ticket:
    """A request that waits. Once `dropped`, nobody wants it any more."""

    work: Callable[[], Any]
    dropped: Callable[[], bool] = lambda: False
    done: Future[Any] = field(default_factory=Future)

    @property
    def left(self) -> bool:
        """Whether nobody wants it any more; an error in finding out is its own."""
        try:
            return self.dropped()
        except Exception as error:  # noqa: BLE001 - it is raised again where the result is wanted
            self.done.set_exception(error)
            return True


class FairQueue:
    """Gives each caller's oldest ticket in turn. Not thread safe."""

    def __init__(self, most: int = MOST, each: int = EACH) -> None:
        self._most, self._each = most, each
        self._waiting: OrderedDict[str, deque[Ticket]] = OrderedDict()
        self._seconds = 1.0
        """How long it took of late from one end of a piece of work to the next."""

    def put(self, caller: str, ticket: Ticket, *, ahead: bool = False) -> None:
        """Have it wait for the caller's turn, or `ahead` of all others, for what goes on with something that had its
        turn and was counted then. Unavailable, with `retry_after` in seconds, when too much waits."""
        self._forget()
        if ahead:
            self._waiting.setdefault(caller, deque()).appendleft(ticket)
            self._waiting.move_to_end(caller, last=False)
            return
        own, all_ = len(self._waiting.get(caller, ())), sum(map(len, self._waiting.values()))
        if own >= self._each or all_ >= self._most:
            raise self._full(own if own >= self._each else all_, caller if own >= self._each else "")
        self._waiting.setdefault(caller, deque()).append(ticket)

    def next(self) -> Ticket | None:
        """The oldest of the caller who has waited longest for a turn; None where all were dropped."""
        self._forget()
        if not self._waiting:
            return None
        caller, tickets = self._waiting.popitem(last=False)
        ticket = tickets.popleft()
        if tickets:
            self._waiting[caller] = tickets
        return ticket

    def took(self, seconds: float) -> None:
        """A piece of work ended so long after the one before it."""
        self._seconds += 0.2 * (seconds - self._seconds)

    def _forget(self) -> None:
        """Let those go whom nobody waits for."""
        for caller in list(self._waiting):
            tickets = self._waiting[caller]
            kept = deque(ticket for ticket in tickets if not ticket.left)
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
