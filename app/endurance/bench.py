"""How much time the graph and the gateway add to a turn, beside a bare LangGraph agent, and what lasting does."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from app.crowd import callers_home, server
from app.endurance.chats import Tally, hold
from app.endurance.scripted import scripted, started
from app.settings import remember

WARM = 0.1
"""The share of the time after which the memory counts: until then threads and caches are made."""


def measure(
    sessions: int, seconds: float, pace: float, model_seconds: float, closed_seconds: float, say: Callable[[str], None]
) -> dict[str, Any]:
    """`sessions` chats at once with a turn each `pace` seconds; then as fast as they can, for `closed_seconds`.

    `overhead_ms` is what a turn takes for the client beyond the model's own time, queueing included. `lost` are turns
    that had no answer, or another than the caller's own rows."""
    with tempfile.TemporaryDirectory(prefix="lakewright-endurance-") as folder, scripted(model_seconds) as url:
        place = Path(folder) / "home"
        tokens = callers_home(place, sessions)
        remember(place, endpoint="scripted", endpoints=[endpoint_at(url)])
        plan = (("paced", seconds, pace), ("closed", closed_seconds, 0.0))
        with server(place) as (address, process):
            ours = _measured(address, tokens, plan, model_seconds, process, say, "lakewright")
        arguments = (url, str(place / "lake" / "orders"), str(Path(folder) / "bare.sqlite"))
        with started("app.endurance.bare", *arguments) as (address, process):
            peer = _measured(address, tokens, plan, model_seconds, process, say, "bare LangGraph", checked=False)
    shape = {"sessions": sessions, "pace_s": pace, "model_ms": round(model_seconds * 1e3), "cpus": os.cpu_count()}
    return {**shape, "ours": ours, "peer": peer, "ratio": _ratio(ours, peer)}


def endpoint_at(url: str) -> dict[str, Any]:
    return {"name": "scripted", "kind": "openai", "url": url, "model": "scripted", "instruct": False}


def _measured(
    address: str,
    tokens: list[str],
    plan: tuple[tuple[str, float, float], ...],
    model_seconds: float,
    process: int,
    say: Callable[[str], None],
    who: str,
    *,
    checked: bool = True,
) -> dict[str, Any]:
    say(f"{who}: first questions")
    asyncio.run(hold(address, tokens[:4], 3, 1, process, checked=checked))
    found: dict[str, Any] = {}
    for name, seconds, pace in plan:
        if seconds > 0:
            say(f"{who}: {len(tokens)} chats, {name}, for {seconds:g} s")
            tally = asyncio.run(hold(address, tokens, seconds, pace, process, checked=checked))
            found[name] = told(tally, seconds, model_seconds)
    return found


def told(tally: Tally, seconds: float, model_seconds: float) -> dict[str, Any]:
    """A tally in figures. The memory is the median of the first fifth after warming, and of the last fifth."""
    over = [(taken - model_seconds) * 1e3 for taken in tally.seconds]
    steady = tally.memory[int(len(tally.memory) * WARM) :] or tally.memory
    fifth = max(1, len(steady) // 5)
    cuts = quantiles(over, n=100) if len(over) > 1 else over * 99
    return {
        "turns": len(over),
        "turns_per_s": round(len(over) / seconds, 1),
        "lost": len(tally.lost),
        "first_lost": tally.lost[:3],
        "overhead_p50_ms": round(cuts[49], 1),
        "overhead_p99_ms": round(cuts[98], 1),
        "memory_mb": [round(median(steady[:fifth]), 1), round(median(steady[-fifth:]), 1)],
    }


def _ratio(ours: dict[str, Any], peer: dict[str, Any]) -> dict[str, float]:
    """Our median overhead over the peer's."""
    return {
        name: round(ours[name]["overhead_p50_ms"] / max(peer[name]["overhead_p50_ms"], 0.1), 1)
        for name in ours
        if name in peer
    }
