"""Feast's side of the comparison. It runs in an environment that has Feast, and nothing of Lakewright's.

    python feast_side.py retrieve FOLDER STORE LABELS OUT    or    online FOLDER COUNT SEED END

prints one JSON document. FOLDER has `values.parquet`, and becomes Feast's repository.
"""

from __future__ import annotations

import json
import random
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

SLOW = "file"
"""The store (Dask) that takes more than a minute for one label, too."""


def store_of(folder: Path, offline: str) -> Any:
    """A store with one view over `values.parquet`, whose registry is read once."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType  # type: ignore[import-not-found]
    from feast.types import Float64, Int64  # type: ignore[import-not-found]

    config = RepoConfig(
        project="bench",
        provider="local",
        registry={"registry_type": "file", "path": str(folder / "registry.db"), "cache_ttl_seconds": 0},
        offline_store={"type": offline},
        online_store={"type": "sqlite", "path": str(folder / "online.db")},
        entity_key_serialization_version=3,
    )
    store = FeatureStore(config=config)
    card = Entity(name="card", join_keys=["card_id"], value_type=ValueType.INT64)
    fields = [f for f in pq.read_schema(folder / "values.parquet") if f.name not in ("card_id", "event_timestamp")]
    schema = [Field(name=f.name, dtype=Float64 if pa.types.is_floating(f.type) else Int64) for f in fields]
    source = FileSource(name="values", path=str(folder / "values.parquet"), timestamp_field="event_timestamp")
    view = FeatureView(name="cards", entities=[card], ttl=timedelta(days=30), schema=schema, source=source)
    store.apply([card, view])
    return store, [f"cards:{field.name}" for field in fields]


def retrieve(folder: Path, offline: str, labels: Path, out: Path) -> dict[str, Any]:
    """Point-in-time values of all labels; the clock starts when the labels are in memory, and libraries were loaded
    by asking for one label."""
    import pyarrow.parquet as pq

    store, features = store_of(folder, offline)
    entities = pq.read_table(labels).to_pandas()
    if offline != SLOW:
        store.get_historical_features(entity_df=entities.head(1), features=features).to_arrow()
    began, used = time.perf_counter(), time.process_time()
    table = store.get_historical_features(entity_df=entities, features=features).to_arrow()
    seconds = time.perf_counter() - began
    pq.write_table(table, out)
    spent = {"seconds": time.perf_counter() - began, "cpu_s": time.process_time() - used}
    return {**spent, "unwritten_s": seconds, "rows": table.num_rows}


def online(folder: Path, count: int, seed: int, end: str) -> dict[str, Any]:
    """One key at a time from the SQLite store; milliseconds of each."""
    import pyarrow.parquet as pq

    store, features = store_of(folder, "duckdb")
    moment = datetime.fromisoformat(end)
    began = time.perf_counter()
    store.materialize(moment - timedelta(days=30), moment)
    materialized = time.perf_counter() - began
    cards = sorted(set(pq.read_table(folder / "values.parquet", columns=["card_id"])["card_id"].to_pylist()))
    rng, times, last = random.Random(seed), [], {}
    for number in range(count + count // 10):
        card = rng.choice(cards)
        began = time.perf_counter()
        found = store.get_online_features(features=features, entity_rows=[{"card_id": card}]).to_dict()
        if number >= count // 10:
            times.append((time.perf_counter() - began) * 1e3)
        last[card] = found["shop_30d"][0]
    return {"ms": times, "last": last, "materialize_s": materialized}


def main(arguments: list[str]) -> None:
    act, folder, *rest = arguments
    if act == "retrieve":
        found = retrieve(Path(folder), rest[0], Path(rest[1]), Path(rest[2]))
    else:
        found = online(Path(folder), int(rest[0]), int(rest[1]), rest[2])
    import feast

    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    sys.stdout.write(json.dumps({**found, "memory_mb": peak, "version": feast.__version__}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
