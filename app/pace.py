"""All measurements of the feature platform, on one lakehouse that is made for them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.errors import Invalid

PARTS = ("retrieval", "online", "http", "memory")


@dataclass(frozen=True)
class Sizes:
    """How much is measured; `histories` are numbers of events with commas between them."""

    events: int
    labels: int
    rounds: int
    clients: int
    histories: str
    seconds: float = 20.0


def measure(
    sizes: Sizes, only: Sequence[str] | None, python: Path | None, say: Callable[[str], None]
) -> dict[str, Any]:
    """The parts that are named, or all of them: `ours`, `peer` and `ratio` (above 1 we are faster) of those that
    have a peer."""
    parts, histories = _parts(only or PARTS), _numbers(sizes.histories)
    found: dict[str, Any] = {}
    if parts & {"retrieval", "online", "http"}:
        found |= _beside(sizes, parts, python, say)
    if "memory" in parts:
        from data.features.bench import grow

        found["memory"] = {f"{one.pop('events'):,} events": one for one in grow(histories, say)}
    return found


def _beside(sizes: Sizes, parts: set[str], python: Path | None, say: Callable[[str], None]) -> dict[str, Any]:
    from app import home as homes
    from data.apart import apart
    from data.features.bench import compare_online, compare_retrieval, lakehouse, memory, peer, retrieval

    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="lakewright-bench-") as folder:
        home = Path(folder) / "home"
        feast = peer.provide(python, say) if parts & {"retrieval", "online"} else None
        say(f"Materialising {sizes.events:,} events…")
        homes.begin(home)
        apart(lakehouse.build, home, sizes.events)
        apart(memory.materialize, home)
        if feast is not None:
            found["feast"] = feast.version
            apart(retrieval.hand_over, home, sizes.labels, sizes.events)
        if feast is not None and "retrieval" in parts:
            found["retrieval"] = compare_retrieval(home, feast, sizes.labels, sizes.events, sizes.rounds, say)
        if feast is not None and "online" in parts:
            found["online"] = compare_online(home, feast, sizes.rounds, say)
        if "http" in parts:
            from app import load

            say("Training a model…")
            apart(load.train, home)
            found["http"] = load.measure(home, sizes.clients, sizes.seconds, say)
    return found


def _parts(names: Sequence[str]) -> set[str]:
    for name in names:
        if name not in PARTS:
            raise Invalid(f"There is no measurement '{name}'.", f"Use some of: {', '.join(PARTS)}.")
    return set(names)


def _numbers(text: str) -> list[int]:
    try:
        found = [int(part) for part in text.split(",")]
    except ValueError:
        found = []
    if not found or min(found) < 10_000:
        raise Invalid(f"--sizes has no numbers of events: '{text}'.", "Write for instance 1000000,5000000.")
    return found
