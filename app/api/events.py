"""Server-sent events of work that goes on after the status has been sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from sse_starlette import ServerSentEvent

from app.api import problems
from data.errors import DataError

Told = TypeVar("Told")


def sent(events: Iterator[Told], event: Callable[[Told], ServerSentEvent]) -> Iterator[ServerSentEvent]:
    """Events as they come; a failure is the last of them, named `error`."""
    try:
        for one in events:
            yield event(one)
    except DataError as error:
        yield named("error", problems.of_error(error))
    except Exception:  # noqa: BLE001
        # The status has been sent, so the stream must say it; it tells nothing of the inside.
        yield named("error", problems.document(500, "internal", "Something went wrong inside Lakewright."))


def named(name: str, document: dict[str, Any]) -> ServerSentEvent:
    return ServerSentEvent(json.dumps(document, ensure_ascii=False, allow_nan=False), event=name)
