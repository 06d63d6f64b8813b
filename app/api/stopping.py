"""Stopping well: no new requests, time for those that are there, and a clean end for streams that take longer."""

from __future__ import annotations

import threading
from types import FrameType
from typing import Any

import uvicorn
from sse_starlette.sse import AppStatus

from app.api.connection import Connection

CUT = 2
"""Seconds from the end of the streams to the end of everything."""

KEPT = 75
"""Seconds for which a silent connection is kept: longer than proxies keep theirs, so that none sends a request on one
that ends at that moment."""


class Server(uvicorn.Server):
    """uvicorn's server, whose streams go on for a while after the signal. A second signal ends everything at once."""

    def __init__(self, app: Any, drain: int) -> None:
        """`drain`: seconds that are given to what goes on."""
        AppStatus.enable_automatic_graceful_drain = False
        AppStatus.should_exit = False
        self._drain = drain
        waits: dict[str, Any] = {
            "timeout_graceful_shutdown": drain + CUT, "timeout_keep_alive": KEPT, "http": Connection,
        }  # fmt: skip
        super().__init__(uvicorn.Config(app, log_config=None, access_log=False, server_header=False, **waits))

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal starts the time."""
        if not self.should_exit:
            timer = threading.Timer(self._drain, _end_streams)
            timer.daemon = True
            timer.start()
        super().handle_exit(sig, frame)


def _end_streams() -> None:
    AppStatus.should_exit = True
