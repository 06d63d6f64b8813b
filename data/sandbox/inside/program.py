"""Runs the program's text and puts its outcome into one message."""

from __future__ import annotations

import builtins
import linecache
import sys
import traceback
from typing import Any

from data.sandbox.inside import charts, result

NAME = "program.py"
LONGEST_TRACE = 4_000
"""Characters; what a program prints itself is counted elsewhere."""


def run(task: dict[str, Any], given: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The head and the body of the last message: the result in Arrow, then the charts."""
    code = task["code"]
    linecache.cache[NAME] = (len(code), None, code.splitlines(True), NAME)
    scope: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins, **given}
    fault = _execute(code, scope)
    body, truncated = b"", False
    if fault is None and scope.get("result") is not None:
        try:
            body, truncated = result.arrow(scope["result"], task["limits"])
        except BaseException as error:  # noqa: BLE001 - the result is the program's own code
            fault = told(error, code)
    drawn, images = charts.gather(scope.get("chart"), task["limits"])
    head = {"op": "done", "error": fault, "truncated": truncated, "result": len(body), "charts": drawn}
    _flush()
    return head, body + images


def _execute(code: str, scope: dict[str, Any]) -> dict[str, Any] | None:
    try:
        exec(compile(code, NAME, "exec", dont_inherit=True), scope)
    except SystemExit as error:
        return None if not error.code else told(error, code)
    except BaseException as error:  # noqa: BLE001 - whatever a program raises is its outcome
        _trace(error)
        return told(error, code)
    return None


def _trace(error: BaseException) -> None:
    """The traceback from the program's first line on, without the middle of a long one."""
    try:
        below = error.__traceback__ and error.__traceback__.tb_next
        text = "".join(traceback.format_exception(error.with_traceback(below)))
        short = text if len(text) <= LONGEST_TRACE else f"{text[: LONGEST_TRACE // 2]} … {text[-LONGEST_TRACE // 2 :]}"
        sys.stderr.write(short)
    except BaseException:  # noqa: BLE001 - of the program's own error, or it has shut stderr
        pass


def told(error: BaseException, code: str) -> dict[str, Any]:
    """Type, message and line of an error; the error's own methods may be hostile."""
    try:
        message = str(error)
    except BaseException:  # noqa: BLE001 - as above
        message = ""
    return {
        "type": "MemoryError" if isinstance(error, MemoryError) else type(error).__name__,
        "message": message[:4000],
        "line": _line(error),
    }


def _line(error: BaseException) -> int:
    if isinstance(error, SyntaxError) and error.filename == NAME:
        return error.lineno or 0
    lines = [line for frame, line in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == NAME]
    return lines[-1] if lines else 0


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:  # noqa: BLE001 - the program may have put anything in its place
            continue
