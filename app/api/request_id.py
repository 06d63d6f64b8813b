"""Each request's identifier, the caller's or a new one: in the answer, in problems, in the audit trail and the log."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Scope, Send

from data.audit import REQUEST

HEADER = "X-Request-ID"
SAFE = re.compile(r"[A-Za-z0-9._:-]{1,64}")
"""What is taken from a caller: nothing that could forge a line of a log."""
VERSION = "1"
LOG = logging.getLogger("lakewright.access")


def named(scope: Scope, send: Send) -> Send:
    """Give the request its identifier, from here on and in its answer; its end is logged, without who or what."""
    given = Headers(scope=scope).get(HEADER, "")
    name = given if SAFE.fullmatch(given) else uuid.uuid4().hex
    REQUEST.set(name)
    begun = time.perf_counter()

    async def answered(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers[HEADER], headers["Lakewright-Version"] = name, VERSION
            ms = round((time.perf_counter() - begun) * 1000, 1)
            about = {"method": scope["method"], "route": route(scope), "status": message["status"], "ms": ms}
            facts = {"request": name, **about}
            LOG.info("request=%s method=%s route=%s status=%s ms=%.1f", *facts.values(), extra={"facts": facts})
        await send(message)

    return answered


def route(scope: Scope) -> str:
    """The pattern that the path fits, as `/api/forms/{name}`: the path itself may hold what is nobody's business."""
    found = scope.get("route")
    return getattr(found, "path", "") or "-"
