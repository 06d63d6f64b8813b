"""Each request, as operators see it: by the pattern of its path and its status."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.request_id import route
from data.observe import observed

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


class Observed:
    """ASGI middleware: a request goes on until its last byte has been sent."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        with observed("request", method) as seen:

            async def told(message: MutableMapping[str, Any]) -> None:
                if message["type"] == "http.response.start":
                    seen.name = f"{method} {route(scope)}"
                    seen.outcome = str(message["status"])
                await send(message)

            await self.app(scope, receive, told)
