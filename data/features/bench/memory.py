"""The memory that materialising takes, for histories of several sizes."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from data.apart import apart
from data.features.bench import lakehouse


def grow(sizes: Sequence[int], say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Seconds and peak memory of a first materialisation with the table of values, for so many events each."""
    found = []
    for events in sizes:
        with tempfile.TemporaryDirectory(prefix="lakewright-bench-") as folder:
            say(f"{events:,} events")
            apart(lakehouse.build, Path(folder), events)
            seconds, memory = apart(materialize, Path(folder))
        found.append({"events": events, "seconds": round(seconds, 1), "memory_mb": round(memory)})
    return found


def materialize(home: Path) -> float:
    """Seconds of bringing the view up to the end of its history."""
    with lakehouse.opened(home) as features:
        owner = features.gateway.policy.principal("owner")
        began = time.perf_counter()
        (done,) = features.materialize(owner, [], lakehouse.END, lambda _: None)
        seconds = time.perf_counter() - began
    assert done.events == done.rows > 0, done
    return seconds
