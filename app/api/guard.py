"""What stands before every request: a limit on its size, and headers that keep browsers careful."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api import problems

MOST_BYTES = 64 * 1024
MOST_CHAT_BYTES = 1024 * 1024
ROWS = ("/invocations", "/batch")
"""Requests whose path ends like this carry rows, and may be as large as the chat's."""
FORMS = "/api/forms/"
MOST_FORM_BYTES = 8 * 1024 * 1024
"""Of a form that is added: a PDF."""

HEADERS = {
    # The chat's framework compiles its templates in the page and styles elements one by one.
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
        "style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
CLOSED = ("/gradio_api/upload", "/gradio_api/file", "/gradio_api/proxy", "/gradio_api/component_server")
"""Doors of the chat's framework that nothing here uses, and that would need no token."""


class Guard:
    """ASGI middleware. A request that is too large is refused before anything reads it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        guarded = _with_headers(scope, send)
        if scope["path"].startswith(CLOSED):
            await problems.response(problems.document(404, "not_found", "Not Found"))(scope, receive, guarded)
            return
        limit = _limit(scope["method"], scope["path"])
        body = await _body(scope, receive, limit)
        if body is None:
            message = f"The request is larger than {limit // 1024:,} kB."
            problem = problems.document(413, "too_large", message, "Ask in fewer words.")
            await problems.response(problem)(scope, receive, guarded)
            return
        await self.app(scope, _Replay(body, receive), guarded)


def _limit(method: str, path: str) -> int:
    """The bytes that a request may have."""
    if method == "PUT" and path.startswith(FORMS):
        return MOST_FORM_BYTES
    small = path.startswith("/api/") and not path.endswith(ROWS)
    return MOST_BYTES if small else MOST_CHAT_BYTES


class _Replay:
    """The body that was read, then whatever comes after it, such as the news that the client has gone."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._first: Message | None = {"type": "http.request", "body": body, "more_body": False}
        self._receive = receive

    async def __call__(self) -> Message:
        first, self._first = self._first, None
        return first if first is not None else await self._receive()


async def _body(scope: Scope, receive: Receive, limit: int) -> bytes | None:
    """The whole body, or None when it is larger than the limit, declared or not."""
    declared: bytes = dict(scope["headers"]).get(b"content-length", b"0")
    if not declared.isdigit() or int(declared) > limit:
        return None
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if len(body) > limit:
            return None
        if message["type"] != "http.request" or not message.get("more_body"):
            return body


def _with_headers(scope: Scope, send: Send) -> Send:
    private = scope["path"].startswith("/api/")

    async def guarded(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            if private:
                headers["Cache-Control"] = "no-store"
        await send(message)

    return guarded
