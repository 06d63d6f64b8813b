"""Reads what a program sends at its end. It may be anything, so nothing of it is believed before it is checked."""

from __future__ import annotations

import json
import re
from math import isfinite
from typing import TYPE_CHECKING, Any, NoReturn

from data.sandbox.envelope import opened
from data.sandbox.frames import Garbled
from data.sandbox.program import Chart, Fault, Limits

if TYPE_CHECKING:
    import pyarrow as pa

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What could move a terminal's cursor, colour it, or turn the direction of its text."""
HALF = re.compile("[\ud800-\udfff]")
"""Half of a character, which no text can hold."""
SLACK = 65536
"""Bytes that an Arrow stream has beside its values."""
PNG = b"\x89PNG\r\n\x1a\n"
DEEPEST = 64
"""Levels of a chart's description; nobody draws with more, and what reads them further on has an end to its stack."""
LOADS = ("url", "href", "usermeta")
"""What has the one who looks at a chart load something: addresses, and settings of the page that shows it."""


def cleaned(text: str) -> str:
    """The text without what a terminal or a page would obey."""
    return CONTROL.sub("\ufffd", text)


def decoded(raw: bytes) -> str:
    """What was printed."""
    return cleaned(raw.decode("utf-8", "replace").replace("\r\n", "\n"))


def fault(head: dict[str, Any]) -> Fault | None:
    """The error that the program tells of."""
    said = head.get("error")
    if not isinstance(said, dict):
        return None
    line = said.get("line")
    kind, message = (cleaned(_text(said.get(name, ""))) for name in ("type", "message"))
    return Fault(kind[:100] or "Error", message[:4000], line if isinstance(line, int) and 0 <= line < 10**6 else 0)


def table(body: bytes, limits: Limits) -> pa.Table | None:
    """The result. Garbled for what is no whole, plain, uncompressed table within the limits."""
    if len(body) > limits.result_bytes + SLACK:
        raise Garbled(f"The result has more than {limits.result_bytes} bytes.")
    return opened(body, limits.result_rows) if body else None


def charts(head: dict[str, Any], body: bytes, limits: Limits) -> tuple[Chart, ...]:
    """Those charts that are what they say they are."""
    listed = head.get("charts")
    found: list[Chart] = []
    for told in (listed if isinstance(listed, list) else [])[: limits.charts]:
        length = told.get("length") if isinstance(told, dict) else None
        if not isinstance(length, int) or not 0 <= length <= len(body):
            break
        chart = _chart(cleaned(_text(told.get("name")) or "chart")[:100], told.get("kind"), body[:length])
        found += [chart] if chart is not None else []
        body = body[length:]
    return tuple(found)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _chart(name: str, kind: object, raw: bytes) -> Chart | None:
    if kind == "png":
        return Chart(name, "png", png=raw) if raw.startswith(PNG) else None
    try:
        spec = json.loads(raw, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None
    return Chart(name, "vega", spec=spec) if isinstance(spec, dict) and _harmless(spec, DEEPEST) else None


def _no_number(text: str) -> NoReturn:
    """NaN and Infinity are no JSON, and no answer could hold them."""
    raise ValueError(text)


def _harmless(spec: object, depth: int) -> bool:
    """Whether a chart can be handed on: it loads nothing, is not too deep, and its numbers and texts are JSON's."""
    if isinstance(spec, dict):
        return depth > 0 and all(
            key not in LOADS and _harmless(key, depth) and _harmless(value, depth - 1) for key, value in spec.items()
        )
    if isinstance(spec, list):
        return depth > 0 and all(_harmless(value, depth - 1) for value in spec)
    if isinstance(spec, float):
        return isfinite(spec)
    return not (isinstance(spec, str) and HALF.search(spec))
