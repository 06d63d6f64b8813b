"""Callers who come while a piece of work is under way share the next one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from data.errors import Unavailable

Item = TypeVar("Item")
Found = TypeVar("Found")

MOST = 1_000
"""Items of one piece of work, where it has more than one caller."""


@dataclass
class _Call(Generic[Item, Found]):
    items: Sequence[Item]
    found: list[Found] = field(default_factory=list)
    error: Exception | None = None
    done: bool = False


class Gather(Generic[Item, Found]):
    """One piece of work at a time; `work` gives something for each item, in their order."""

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Found]]) -> None:
        self._work = work
        self._waiting: list[_Call[Item, Found]] = []
        self._mutex, self._turn = threading.Lock(), threading.Lock()

    def ask(self, items: Sequence[Item]) -> list[Found]:
        """What the work finds for these items; raises what it raises for them."""
        call: _Call[Item, Found] = _Call(items)
        with self._mutex:
            self._waiting.append(call)
        with self._turn:
            while not call.done:
                self._lead()
        if call.error is not None:
            raise call.error
        return call.found

    def _lead(self) -> None:
        calls = self._taken()
        try:
            found = list(self._work([item for call in calls for item in call.items]))
            for call in calls:
                call.found, found = found[: len(call.items)], found[len(call.items) :]
        except Exception as error:  # noqa: BLE001 - it is raised again by whose items it is about
            self._apart(calls, error)
        except BaseException:
            for call in calls:
                call.error = Unavailable("The work was interrupted.", "Ask again.")
            raise
        finally:
            for call in calls:
                call.done = True

    def _taken(self) -> list[_Call[Item, Found]]:
        """Those who wait longest."""
        with self._mutex:
            size, count = 0, 0
            for call in self._waiting:
                if count and size + len(call.items) > MOST:
                    break
                size, count = size + len(call.items), count + 1
            calls, self._waiting = self._waiting[:count], self._waiting[count:]
        return calls

    def _apart(self, calls: Sequence[_Call[Item, Found]], error: Exception) -> None:
        """One caller's wrong item must not be the failure of the others."""
        if len(calls) == 1:
            calls[0].error = error
            return
        for call in calls:
            try:
                call.found = list(self._work(call.items))
            except Exception as own:  # noqa: BLE001 - raised in the caller's thread
                call.error = own
