"""One program as it is: checked, run and compared, without a model and without a second try."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any, cast

from agents.code import record
from agents.code.desk import Desk
from agents.code.nodes import NODES, Change
from agents.code.state import CodeState, Delivery, Draft
from data.errors import DataError

STEPS = ("check", "run", "compare")


def once(desk: Desk, state: CodeState, code: str) -> Delivery:
    """What becomes of it. The result is given only where nothing was wrong."""
    began = time.perf_counter()
    state = {**state, "draft": asdict(Draft(code))}
    for node in NODES:
        if node.__name__ in STEPS and not state["error"]:
            state = cast(CodeState, {**state, **_changed(node, state, desk)})
    attempt = record.attempted(state)
    error = state["error"]
    bad = {"forbidden": "forbidden", "too_expensive": "timeout"}.get(error["kind"], "failed") if error else "failed"
    status: Any = "delivered" if attempt.good else bad
    ended = cast(CodeState, {**state, "status": status, "attempts": [attempt.as_json()], "write_back": None})
    return record.delivery_of({**ended, "seconds": time.perf_counter() - began})


def _changed(node: Any, state: CodeState, desk: Desk) -> Change:
    try:
        change, _ = node(state, desk)
    except DataError as error:
        return {"error": {"kind": error.kind, "message": error.message, "remedy": error.remedy}}
    return cast(Change, change)
