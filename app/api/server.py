"""The application that is served: the API, and the chat on the same port."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from fastapi import FastAPI

from app.api import documents, endpoints, features, forms, jobs, models, problems, routes
from app.api.guard import Guard
from data.errors import Unavailable
from lakewright import __version__

if TYPE_CHECKING:
    from app.assembly import Lakewright


def build(lakewright: Lakewright, *, chat: bool = True) -> FastAPI:
    """The API of a home, with the chat at `/` unless it is left out."""
    app = FastAPI(
        title="Lakewright",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.lakewright = lakewright.prepare()
    app.include_router(routes.router)
    app.include_router(documents.router)
    app.include_router(features.router)
    app.include_router(models.router)
    app.include_router(jobs.router)
    app.include_router(endpoints.router)
    app.include_router(forms.router)
    app.add_api_route("/healthz", healthz, methods=["GET"])
    problems.register(app)
    if chat:
        from app import ui

        ui.mount(app, lakewright)
    app.add_middleware(Guard)
    return app


def healthz() -> dict[str, str]:
    """Whether the server runs. It needs no token and says nothing about the data."""
    return {"status": "ok", "version": __version__}


def serve_until_stopped(lakewright: Lakewright, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until a signal comes; `ready` gets the address. Unavailable if the port is taken."""
    import uvicorn

    from app.jobs import wake

    listening = _listen(host, port)
    app = build(lakewright)
    wake(lakewright)
    shown = f"[{host}]" if ":" in host else host
    ready(f"http://{shown}:{listening.getsockname()[1]}/")
    config = uvicorn.Config(app, log_level="warning", server_header=False, timeout_graceful_shutdown=3)
    uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise Unavailable(f"Port {port} of '{host}' can't be used: {reason}.", "Choose another --port.") from error
