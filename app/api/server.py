"""The application that is served: the API, and the chat on the same port."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from app.api import (
    administration,
    answers,
    catalog,
    coding,
    conversations,
    documents,
    endpoints,
    features,
    forms,
    jobs,
    models,
    problems,
    session,
    sql,
)  # fmt: skip
from app.api.collecting import Collecting
from app.api.description import describe
from app.api.guard import Guard
from app.api.lane import Lane
from app.api.observation import Observed
from app.api.openai import routes as openai
from app.metrics import Door, Metrics
from data.errors import DataError, Unavailable
from data.observe import observing
from lakewright import __version__

if TYPE_CHECKING:
    from app.assembly import Lakewright

PARTS = (
    answers, conversations, sql, catalog, documents, features, models, endpoints, jobs, forms, coding, administration,
    session,
)  # fmt: skip
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def build(lakewright: Lakewright, *, chat: bool = True) -> FastAPI:
    """The API of a home, with the chat at `/` unless it is left out."""
    from app.mcp.door import Door as McpDoor
    from app.mcp.server import over_http, running

    tools = over_http(lakewright, lakewright.settings.hosts)
    app = FastAPI(
        title="Lakewright",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=lambda _: running(tools),
    )
    app.state.lakewright = lakewright.prepare()
    for part in PARTS:
        app.include_router(part.router, responses=problems.failures())
    app.include_router(openai.router, responses=problems.failures("application/json", "OpenAIError"))
    describe(app)
    app.add_api_route("/healthz", healthz, methods=["GET"])
    app.router.routes.append(Route("/mcp", McpDoor(lakewright, tools), methods=["POST"]))
    metrics = Metrics()
    app.state.metrics = metrics
    app.router.routes.append(Route("/metrics", Door(lakewright, metrics).show, methods=["GET"]))
    problems.register(app)
    if chat:
        from app import ui

        ui.mount(app, lakewright)
    if origins := lakewright.settings.cors_origins:
        allowed = ("Authorization", "Content-Type", "Idempotency-Key", "X-Request-ID")
        options: dict[str, Any] = {
            "allow_methods": METHODS,
            "allow_headers": allowed,
            "expose_headers": ("X-Request-ID",),
        }
        app.add_middleware(CORSMiddleware, allow_origins=origins, **options)
    app.add_middleware(Observed)
    app.add_middleware(Guard, per_minute=lakewright.settings.address_requests_per_minute)
    return app


def healthz() -> dict[str, str]:
    """Whether the server runs. It needs no token and says nothing about the data."""
    return {"status": "ok", "version": __version__}


def serve_until_stopped(lakewright: Lakewright, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until a signal comes; `ready` gets the address. Unavailable if the port is taken."""
    from app import logs, tracing
    from app.api.stopping import Server
    from app.jobs import wake

    listening = _listen(host, port)
    logs.begin(lakewright.settings.log)
    app = build(lakewright)
    wake(lakewright)
    traces, finish = tracing.observers(lakewright.settings)
    _warm(lakewright)
    shown = f"[{host}]" if ":" in host else host
    collecting = Collecting()
    # The lane comes first: what others measure of a model or a store has no waiting in it.
    with observing(Lane().observe, app.state.metrics.observe, collecting.observe, *traces), collecting.serving():
        ready(f"http://{shown}:{listening.getsockname()[1]}/")
        Server(app, lakewright.settings.drain_seconds).run(sockets=[listening])
    finish()


def _warm(lakewright: Lakewright) -> None:
    """Have a place for programs made beside all else, so that the first one does not wait for its libraries. One for
    PySpark is made when the first is asked for: it takes more memory than some servers have to spare."""

    def warm() -> None:
        with contextlib.suppress(DataError, OSError):  # the first program is told, and `lakewright doctor` too
            lakewright.sandbox.warm("python")

    threading.Thread(target=warm, name="sandbox-warm", daemon=True).start()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise Unavailable(f"Port {port} of '{host}' can't be used: {reason}.", "Choose another --port.") from error
