"""What stands before every request: a limit on its size, and headers that keep browsers careful."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from ipaddress import ip_address
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api import problems
from app.api.rates import Rates
from app.api.request_id import VERSION, named

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
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STRICT = "max-age=31536000"
"""For how long a browser that came over TLS comes over TLS alone."""
BODY_SECONDS = 30.0
"""Within which a request's body has to be here."""
PAGES = "/gradio_api/"
CLOSED = ("/gradio_api/upload", "/gradio_api/file", "/gradio_api/proxy", "/gradio_api/component_server")
"""Doors of the chat's framework that nothing here uses, and that would need no token."""


class Guard:
    """ASGI middleware. A request that is too large, too slow or one of too many is refused before anything reads it."""

    def __init__(self, app: ASGIApp, per_minute: int = 12_000) -> None:
        """`per_minute`: requests that may come from one address."""
        self.app, self._rates = app, Rates(per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        guarded = _with_headers(scope, named(scope, send))
        limit = _limit(scope["method"], scope["path"])
        body: bytes | None = b""
        problem = self._refused(scope)
        if problem is None:
            try:
                body = await asyncio.wait_for(_body(scope, receive, limit), BODY_SECONDS)
            except TimeoutError:
                problem = problems.document(408, "invalid", "The request took too long to come.", "Send it again.")
        if body is None:
            message = f"The request is larger than {limit // 1024:,} kB."
            problem = problems.document(413, "too_large", message, "Ask in fewer words.")
        if problem is not None:
            await problems.response(problem, scope["path"])(scope, receive, guarded)
            return
        await self.app(scope, _Replay(body or b"", receive), guarded)

    def _refused(self, scope: Scope) -> dict[str, Any] | None:
        """The problem of a request that nothing is to see."""
        address = (scope.get("client") or ("",))[0]
        if not local(address) and (wait := self._rates.wait(address)):
            return problems.of_error(problems.TooMany("Your address", wait))
        if (version := Headers(scope=scope).get("lakewright-version", VERSION)) != VERSION:
            said = f"There is no version '{version[:20]}' of the API."
            return problems.document(400, "invalid", said, f"Send {VERSION}, or leave the header out.")
        if len(Headers(scope=scope).getlist("authorization")) > 1:
            return problems.document(400, "invalid", "The request has several Authorization headers.", "Send one.")
        if scope["path"].startswith(CLOSED):
            return problems.document(404, "not_found", "Not Found")
        if scope["path"].startswith(PAGES) and scope["method"] == "POST" and _foreign(scope):
            return problems.document(403, "forbidden", "The request comes from another site.", "Use our page.")
        return None


def local(address: str) -> bool:
    """Whether an address is of this machine: its programs are not held back. A proxy has to forward its clients'."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address in ("", "testclient")


def _foreign(scope: Scope) -> bool:
    """Whether a browser says that a page of another site sends this."""
    said = Headers(scope=scope).get("sec-fetch-site", "same-origin")
    return said not in ("same-origin", "none")


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
    if not declared.isdigit() or len(declared) > 18 or int(declared) > limit:
        return None
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > limit:
            return None
        if message["type"] != "http.request" or not message.get("more_body"):
            return bytes(body)


def _with_headers(scope: Scope, send: Send) -> Send:
    private = scope["path"].startswith(("/api/", "/v1/", "/mcp"))

    async def guarded(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            if private:
                headers["Cache-Control"] = "no-store"
            if scope.get("scheme") == "https":
                headers["Strict-Transport-Security"] = STRICT
        await send(message)

    return guarded
