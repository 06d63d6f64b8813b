"""Work for a client that may go away before it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from data.stop import Stop

Done = TypeVar("Done")


StopT = TypeVar("StopT", bound=Stop)


async def while_connected(request: Request, work: Callable[[Stop], Done]) -> Done:
    """Do `work` in a thread, and cancel its `Stop` when the client has gone."""
    return await while_there(request, Stop(), work)


async def while_there(request: Request, stop: StopT, work: Callable[[StopT], Done]) -> Done:
    """The same for another kind of `Stop`."""

    async def watch() -> None:
        # The body has been read: what still comes is the news that the client has gone.
        while (await request.receive())["type"] != "http.disconnect":
            pass
        stop.cancel()

    watching = asyncio.create_task(watch())
    try:
        return await run_in_threadpool(work, stop)
    finally:
        watching.cancel()
