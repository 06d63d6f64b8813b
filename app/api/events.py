"""Server-sent events of work that goes on after the status has been sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeVar

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


async def begun(work: Work[Told], event: Callable[[Told], ServerSentEvent]) -> AsyncIterator[ServerSentEvent]:
    """What `work` tells in a thread of its own, as events. What is wrong with the request itself is raised here, while
    the status can still say so; a later failure is the last event, named `error`."""
    loop, told = asyncio.get_running_loop(), asyncio.Queue[Told | End]()

    def put(one: Told | End) -> None:
        loop.call_soon_threadsafe(told.put_nowait, one)

    working = loop.create_task(to_thread.run_sync(worked, work, put, abandon_on_cancel=True, limiter=_places()))
    first = await told.get()
    if isinstance(first, End) and first.error is not None:
        raise first.error
    return _events(first, told, event, working)


async def _events(
    one: Told | End, told: asyncio.Queue[Told | End], event: Callable[[Told], ServerSentEvent], working: object
) -> AsyncIterator[ServerSentEvent]:
    """`working` is held on to: a task that nobody knows may be forgotten."""
    while not isinstance(one, End):
        yield event(one)
        one = await told.get()
    if one.error is not None:
        yield failed(one.error)


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
