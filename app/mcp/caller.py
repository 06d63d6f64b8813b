"""Who calls, and work that is done in their name: off the event loop, with progress, and ended when they give up."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

import anyio
from anyio import from_thread, to_thread
from mcp.server.fastmcp.exceptions import ToolError

from app.identity import Identity
from data.errors import DataError
from data.stop import Stop

KEY = "lakewright.identity"
"""Where the door over HTTP leaves who it let in."""

LOG = logging.getLogger("lakewright.mcp")

Done = TypeVar("Done")
Who = Callable[[Any], Identity]
"""From a request's context to who makes it."""


class Call:
    """One call of a tool: `identity` makes it, `stop` ends when nobody waits any more."""

    def __init__(self, identity: Identity, context: Any) -> None:
        self.identity, self.stop = identity, Stop()
        self._context, self._done = context, 0

    def tell(self, text: str) -> None:
        """Say how far it is; from the thread that does the work."""
        self._done += 1
        from_thread.run(self._context.report_progress, self._done, None, text)


async def carried_out(who: Who, context: Any, scope: str, work: Callable[[Call], Done]) -> Done:
    """What the work gives; ToolError with what to do about it where it fails."""
    try:
        identity = who(context)
        identity.require(scope)
        call = Call(identity, context)
        return await _waited(call, work)
    except DataError as error:
        raise ToolError(str(error)) from error
    except Exception as error:
        # What nobody foresaw tells nothing of its inside.
        LOG.exception("a tool failed")
        raise ToolError("Something went wrong inside Lakewright. See the server's log.") from error


async def _waited(call: Call, work: Callable[[Call], Done]) -> Done:
    try:
        return await to_thread.run_sync(work, call, abandon_on_cancel=True)
    except anyio.get_cancelled_exc_class():
        call.stop.cancel()
        raise


def of_request(context: Any) -> Identity:
    """Who was let in with this very request: nothing is remembered between two of them."""
    identity: Identity = context.request_context.request.scope[KEY]
    return identity
