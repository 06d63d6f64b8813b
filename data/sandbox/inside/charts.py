"""The charts that a program made: what it binds to `chart`, and the .json and .png files of its folder."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

KINDS = {".json": "vega", ".png": "png"}


def gather(bound: Any, limits: Mapping[str, Any]) -> tuple[list[dict[str, Any]], bytes]:
    """Name, kind and length of each chart, and their bytes one after the other. One that can't be read is left out."""
    listed: list[dict[str, Any]] = []
    bodies: list[bytes] = []
    try:
        for name, kind, body in (*_bound(bound), *_files(limits["chart_kb"] * 1024)):
            if len(listed) < limits["charts"] and len(body) <= limits["chart_kb"] * 1024:
                listed.append({"name": name, "kind": kind, "length": len(body)})
                bodies.append(body)
    except Exception:  # noqa: BLE001 - of the program's own objects and files
        pass
    return listed, b"".join(bodies)


def _bound(chart: Any) -> Iterator[tuple[str, str, bytes]]:
    if hasattr(chart, "to_dict"):
        chart = chart.to_dict()
    if isinstance(chart, Mapping):
        yield "chart", "vega", json.dumps(dict(chart), default=str).encode()


def _files(longest: int) -> Iterator[tuple[str, str, bytes]]:
    for name in sorted(os.listdir(os.environ["HOME"]))[:1000]:
        path = os.path.join(os.environ["HOME"], name)
        kind = KINDS.get(os.path.splitext(name)[1].lower())
        if kind and os.path.isfile(path) and not os.path.islink(path) and os.path.getsize(path) <= longest:
            with open(path, "rb") as file:
                yield name[:100], kind, file.read()
