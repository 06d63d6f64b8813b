"""Server-sent events of work that goes on after the status has been sent."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Generic, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar
from sse_starlette import ServerSentEvent

from agents.ask.relay import End, worked
from app.api import problems
from data.errors import DataError

Told = TypeVar("Told")
Work = Callable[[Callable[[Told], None]], object]
"""Something that tells how far it is while it goes on."""

AT_ONCE = 64
"""Questions that are answered at once; more of them wait. They have threads of their own, so that other requests do
not wait behind models."""
_PLACES: RunVar[CapacityLimiter] = RunVar("questions")


async def begun(work: Work[Told], event: Callable[[Told], ServerSentEvent]) -> AsyncIterator[bytes]:
    """What `work` tells in a thread of its own, as events. What is wrong with the request itself is raised here, while
    the status can still say so; a later failure is the last event, named `error`."""
    loop, told = asyncio.get_running_loop(), Post[Told]()
    doing = to_thread.run_sync(worked, work, told.put, abandon_on_cancel=True, limiter=_places())
    working = loop.create_task(doing)
    first = await told.taken()
    if isinstance(first[0], End) and first[0].error is not None:
        raise first[0].error
    return _events(first, told, event, working)


async def _events(
    some: list[Told | End], told: Post[Told], event: Callable[[Told], ServerSentEvent], working: object
) -> AsyncIterator[bytes]:
    """`working` is held on to: a task that nobody knows may be forgotten."""
    while True:
        end = some.pop() if isinstance(some[-1], End) else None
        if some:
            yield b"".join(event(one).encode() for one in some)  # type: ignore[arg-type]
        if isinstance(end, End):
            break
        some = await told.taken()
    if end.error is not None:
        yield failed(end.error).encode()


class Post(Generic[Told]):
    """What a thread tells the loop, which is woken once for all that is told until it looks."""

    def __init__(self) -> None:
        self._loop, self._there = asyncio.get_running_loop(), asyncio.Event()
        self._waiting: deque[Told | End] = deque()
        self._called = False

    def put(self, one: Told | End) -> None:
        """From any thread."""
        self._waiting.append(one)
        if not self._called:
            self._called = True
            self._loop.call_soon_threadsafe(self._there.set)

    async def taken(self) -> list[Told | End]:
        """All that was told since, at least one."""
        while not (found := [self._waiting.popleft() for _ in range(len(self._waiting))]):
            await self._there.wait()
            self._there.clear()
            self._called = False
        return found


def _places() -> CapacityLimiter:
    """Those of this event loop."""
    try:
        return _PLACES.get()
    except LookupError:
        _PLACES.set(made := CapacityLimiter(AT_ONCE))
        return made


def failed(error: BaseException) -> ServerSentEvent:
    """How a stream ends whose status has been sent; a fault tells nothing of the inside."""
    if isinstance(error, DataError):
        return named("error", problems.of_error(error))
    return named("error", problems.document(500, "internal", "Something went wrong inside Lakewright."))


def sent(events: Iterator[Told], event: Callable[[Told], ServerSentEvent]) -> Iterator[ServerSentEvent]:
    """Events as they come; a failure is the last of them, named `error`."""
    try:
        for one in events:
            yield event(one)
    except Exception as error:  # noqa: BLE001 - the stream must say it
        yield failed(error)


def named(name: str, document: dict[str, Any]) -> ServerSentEvent:
    return ServerSentEvent(json.dumps(document, ensure_ascii=False, allow_nan=False), event=name)
