"""Logs for programs: one JSON object a line. What people wrote, and what data an error quotes, is in none of them."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, Literal

from data.audit import REQUEST

OURS = ("lakewright.", "uvicorn")
"""Loggers whose messages hold nothing personal; of others the unfilled template is told."""
FACTS = "facts"
Form = Literal["text", "json"]


class Json(logging.Formatter):
    """A record as JSON. An exception is told by its type and the lines it passed, without its message."""

    def format(self, record: logging.LogRecord) -> str:
        document: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        facts = getattr(record, FACTS, None)
        document |= facts if isinstance(facts, dict) else {"message": _message(record)}
        document.setdefault("request", REQUEST.get())
        if record.exc_info and record.exc_info[0] is not None:
            document["exception"] = record.exc_info[0].__name__
            document["at"] = [
                f"{frame.filename.rsplit('/site-packages/')[-1]}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return json.dumps({key: value for key, value in document.items() if value != ""}, ensure_ascii=False)


def _message(record: logging.LogRecord) -> str:
    return record.getMessage() if record.name.startswith(OURS) else str(record.msg)


def begin(form: Form) -> None:
    """Write this process's log to stderr; as JSON with a line for each request."""
    if form == "text":
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in ("lakewright", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.INFO)
