"""Point-in-time retrieval beside Feast's.

Feast joins values that were computed before; ours computes the windows at each label's moment. So Feast gets a table
of precomputed values, which are right at the moments of events: for every other label, which is at such a moment, both
have to give the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from data.apart import apart
from data.errors import Unavailable
from data.features.bench import lakehouse
from data.features.bench.peer import Peer
from data.sources.base import literal

LABELS = 'SELECT label_id, card_id, "at" FROM pay.labels WHERE label_id < {most}'
STORES = ("duckdb", "file")
"""Feast's offline stores that read Parquet without a server: DuckDB, and Dask."""
TRIED, PATIENCE = 100_000, 60.0
"""So many labels are tried with each store for at most so many seconds, to find the faster one. Dask is Feast's
default, and does not get through more of them."""


def compare_retrieval(
    home: Path, peer: Peer, labels: int, events: int, rounds: int, say: Callable[[str], None]
) -> dict[str, Any]:
    """Seconds (medians of rounds in turns) and peak memory of both; `home` has been materialised
    and `hand_over` called."""
    folder = home / "feast"
    tried = {store: _try(peer, folder, store, say) for store in STORES}
    store = min(tried, key=lambda name: tried[name] or PATIENCE)
    few, _ = apart(_ours, home, folder / "ours.parquet", min(TRIED, labels))
    pairs = []
    for number in range(rounds):
        theirs = peer.ask("retrieve", folder, store, folder / "labels.parquet", folder / "theirs.parquet")
        ours, memory = apart(_ours, home, folder / "ours.parquet", labels)
        say(f"round {number + 1}: {ours['seconds']:.1f} s, Feast {theirs['seconds']:.1f} s")
        pairs.append((ours, memory, theirs))
    agree, _ = apart(_agreement, folder)
    ours, theirs = _middle([pair[0] for pair in pairs]), _middle([pair[2] for pair in pairs])
    memory, other = max(pair[1] for pair in pairs), max(pair[2]["memory_mb"] for pair in pairs)
    return {
        "labels": labels, "events": events, "features": 20, "store": store,
        "tried": {name: _tried(few["seconds"], seconds) for name, seconds in tried.items()},
        "ours": {**ours, "memory_mb": round(memory)},
        "peer": {**theirs, "memory_mb": round(other)},
        "rounds": [[round(one["seconds"], 2), round(other["seconds"], 2)] for one, _, other in pairs],
        "ratio": round(theirs["seconds"] / ours["seconds"], 2), "cpu_ratio": round(theirs["cpu_s"] / ours["cpu_s"], 2),
        "memory_ratio": round(other / memory, 2), "agreement": agree,
    }  # fmt: skip


def _middle(rounds: Sequence[dict[str, Any]]) -> dict[str, float]:
    """The medians of rounds. Seconds of the processor tell more where others work on the machine, too."""
    names = ("seconds", "cpu_s", "unwritten_s")
    return {name: round(median(one[name] for one in rounds), 2) for name in names if name in rounds[0]}


def _tried(ours: float, theirs: float | None) -> dict[str, Any]:
    """Both with some of the labels; the ratio is the least that it can be where theirs did not finish."""
    ratio = round((theirs or PATIENCE) / ours, 2)
    return {"labels": TRIED, "ours_s": round(ours, 2), "peer_s": theirs, "finished": theirs is not None, "ratio": ratio}


def _try(peer: Peer, folder: Path, store: str, say: Callable[[str], None]) -> float | None:
    """Seconds for some of the labels; None where it takes too long or fails."""
    try:
        found = peer.ask("retrieve", folder, store, folder / "few.parquet", folder / "tried.parquet", seconds=PATIENCE)
    except Unavailable as error:
        say(str(error))
        return None
    return round(float(found["seconds"]), 2)


def hand_over(home: Path, labels: int, events: int) -> None:
    """Make the labels, and what Feast reads: the table of values and the labels, as Parquet in `feast`."""
    import duckdb

    folder = home / "feast"
    folder.mkdir(exist_ok=True)
    duckdb.execute("SET enable_progress_bar = false")
    lakehouse.label(home, labels, events)
    values = _parquet(home / "lake/features/values/*/*.parquet")
    asked = f'SELECT label_id, card_id, "at" AS event_timestamp FROM {_parquet(home / "lake/pay/labels/*.parquet")}'
    for name, sql in (
        ("values", f"SELECT * RENAME (_at AS event_timestamp) FROM {values}"),
        ("labels", asked),
        ("few", f"{asked} WHERE label_id < {TRIED}"),
    ):
        duckdb.execute(f"COPY ({sql}) TO {literal(str(folder / f'{name}.parquet'))} (COMPRESSION zstd)")


def _ours(home: Path, out: Path, most: int) -> dict[str, float]:
    """The clock starts when libraries were loaded by asking for one label."""
    out.unlink(missing_ok=True)
    with lakehouse.opened(home) as features:
        owner = features.gateway.policy.principal("owner")
        features.training_set(owner, LABELS.format(most=1), "at", [], str(out))
        began, used = time.perf_counter(), time.process_time()
        features.training_set(owner, LABELS.format(most=most), "at", [], str(out))
        return {"seconds": time.perf_counter() - began, "cpu_s": time.process_time() - used}


def _agreement(folder: Path) -> dict[str, float]:
    """The share of labels with equal values: of those at the moment of an event in all features, of the others in the
    newest shop, which is the one feature that does not change between two events."""
    import duckdb

    names = [f"{f.name}_{window}" for f in lakehouse.VIEW.features for window in f.over]
    same = " AND ".join(f"ours.cards__{name} IS NOT DISTINCT FROM theirs.{name}" for name in names)
    newest = "ours.cards__shop_30d IS NOT DISTINCT FROM theirs.shop_30d"
    found = duckdb.execute(
        f"SELECT avg(({same})::INTEGER) FILTER (WHERE label_id % 2 = 0), "
        f"avg(({newest})::INTEGER) FILTER (WHERE label_id % 2 = 1), count(*) / max(n) FROM "
        f"{_parquet(folder / 'ours.parquet')} AS ours JOIN {_parquet(folder / 'theirs.parquet')} AS theirs "
        f"USING (label_id), (SELECT count(*) AS n FROM {_parquet(folder / 'labels.parquet')})"
    ).fetchall()[0]
    return dict(zip(("at_events", "newest_between", "rows"), found, strict=True))


def _parquet(path: Path) -> str:
    return f"read_parquet({literal(str(path))})"
