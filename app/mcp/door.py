"""The door at `/mcp`: who has no token gets no further, and what is behind it is told who has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from app.api import problems
from app.api.routes import admitted
from app.identity import Identity
from app.mcp.caller import KEY
from data.errors import DataError, Invalid

if TYPE_CHECKING:
    from app.assembly import Lakewright
    from app.mcp.server import Server


class Door:
    """ASGI application over a server that runs."""

    def __init__(self, home: Lakewright, server: Server) -> None:
        self._home, self._server = home, server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        try:
            identity = await run_in_threadpool(self._identity, request)
            readable(body := await request.body())
        except DataError as error:
            await problems.response(problems.of_error(error))(scope, receive, send)
            return
        await self._server.session_manager.handle_request({**scope, KEY: identity}, replay(body, receive), send)

    def _identity(self, request: Request) -> Identity:
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        return admitted(self._home, secret.strip() if scheme.lower() == "bearer" else "")


def readable(body: bytes) -> None:
    """Invalid for what is no JSON, or so deep that reading it would fail."""
    try:
        json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Invalid("The request is not JSON that can be read.", "Send a message of JSON-RPC.") from error


def replay(body: bytes, receive: Receive) -> Receive:
    """The body that was read, then whatever comes after it."""
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return left.pop() if left else await receive()

    return again
