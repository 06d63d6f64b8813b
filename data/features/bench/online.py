"""Twenty features of one key in process, beside Feast's SQLite store."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from data.apart import apart
from data.features.bench import lakehouse
from data.features.bench.peer import Peer

COUNT, SEED = 5_000, 3
"""Look-ups of each that are timed, after a tenth as many to warm up."""

Times = Sequence[float]
"""Milliseconds of each."""


def compare_online(home: Path, peer: Peer, rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """p50 and p99 in ms, medians of rounds in turns. `ours` is what callers use, with rights and the audit trail;
    `lookup` the bare look-up. `home` has been materialised, and `feast` in it has the table of values."""
    ours, bare, theirs, last = [], [], [], {}
    for number in range(rounds):
        found = peer.ask("online", home / "feast", COUNT, SEED, lakehouse.END.isoformat())
        (one, two, mine), _ = apart(_ours, home)
        theirs.append(_cut(found["ms"]))
        ours.append(_cut(one))
        bare.append(_cut(two))
        last = {int(card): shop for card, shop in found["last"].items()}
        say(f"round {number + 1}: p99 {ours[-1][1]:.3f} ms, Feast {theirs[-1][1]:.3f} ms")
    agreed = [last[card] == shop for card, shop in mine.items() if card in last and shop is not None]
    sides = {"ours": _side(ours), "lookup": _side(bare), "peer": _side(theirs)}
    ratios = {p: round(sides["peer"][f"{p}_ms"] / sides["ours"][f"{p}_ms"], 2) for p in ("p50", "p99")}
    rates = [[round(one[1], 3), round(other[1], 3)] for one, other in zip(ours, theirs, strict=True)]
    return {**sides, "ratio": ratios["p99"], "ratios": ratios, "rounds_p99_ms": rates,
            "agreement": sum(agreed) / len(agreed)}  # fmt: skip


def _ours(home: Path) -> tuple[Times, Times, dict[int, Any]]:
    from data.features.online.get import Lookup
    from data.features.results import microseconds

    with lakehouse.opened(home) as features:
        owner = features.gateway.policy.principal("owner")
        plan = features.registry.plan("cards")
        lookup, at = Lookup(plan, features.store, plan.outputs), microseconds(lakehouse.END)
        cards = _cards(home)
        last: dict[int, Any] = {}

        def through(card: int) -> None:
            (got,) = features.get(owner, "cards", [{"card_id": card}], [], lakehouse.END)
            last[card] = got.values["shop_30d"]

        ours = _timed(through, cards)
        return ours, _timed(lambda card: lookup.get({"card_id": card}, at), cards), last


def _cards(home: Path) -> Sequence[int]:
    import pyarrow.parquet as pq

    table = pq.read_table(home / "feast" / "values.parquet", columns=["card_id"])
    return sorted(table["card_id"].unique().to_pylist())


def _timed(look: Callable[[int], object], cards: Sequence[int]) -> Times:
    rng, times = random.Random(SEED), []
    for number in range(COUNT + COUNT // 10):
        card = rng.choice(cards)
        began = time.perf_counter()
        look(card)
        if number >= COUNT // 10:
            times.append((time.perf_counter() - began) * 1e3)
    return times


def _cut(times: Times) -> tuple[float, float]:
    cuts = quantiles(times, n=100)
    return cuts[49], cuts[98]


def _side(rounds: Sequence[tuple[float, float]]) -> dict[str, float]:
    return {f"{name}_ms": round(median(cut[i] for cut in rounds), 4) for i, name in enumerate(("p50", "p99"))}
