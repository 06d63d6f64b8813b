"""A lakehouse of card payments as large as is wanted, with one view of twenty features."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data import lake
from data.features.compile import plan_of
from data.features.definition import Feature, FeatureView

if TYPE_CHECKING:
    import pyarrow as pa

    from data.features.platform import Features

CATALOG = """\
version: 1
sources:
  - name: pay
    kind: delta
    location: lake/pay
    tables:
      - name: payments
        columns:
          - {name: payment_id, type: BIGINT}
          - {name: card_id, type: BIGINT}
          - {name: merchant_id, type: BIGINT}
          - {name: cents, type: BIGINT}
          - {name: created_at, type: TIMESTAMP}
      - name: labels
        columns:
          - {name: label_id, type: BIGINT}
          - {name: card_id, type: BIGINT}
          - {name: at, type: TIMESTAMP}
"""
POLICY = """\
version: 1
principals: [{name: owner, groups: [owners]}]
grants: [{to: owners, on: "*"}]
"""
VIEW = FeatureView(
    name="cards",
    entity="card",
    keys=("card_id",),
    source="pay.payments",
    time="created_at",
    ttl="30d",
    features=(
        Feature("payments", "count", over=("1h", "1d", "7d", "30d")),
        Feature("spent", "sum", "cents", over=("1h", "1d", "7d", "30d")),
        Feature("average", "avg", "cents", over=("1d", "7d", "30d")),
        Feature("largest", "max", "cents", over=("1d", "7d", "30d")),
        Feature("smallest", "min", "cents", over=("7d", "30d")),
        Feature("shops", "approx_distinct", "merchant_id", over=("1d", "7d", "30d")),
        Feature("shop", "last", "merchant_id", over=("30d",)),
    ),
)
START, DAYS = datetime(2025, 1, 1), 365
END = START + timedelta(days=DAYS)
EACH = 100
"""Payments of a card, on average."""
PART = 500_000
"""Rows of one commit."""


def build(home: Path, events: int) -> None:
    """Write a home with so many payments, in the order of time, and apply the view."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "catalog.yaml").write_text(CATALOG, encoding="utf-8")
    (home / "policy.yaml").write_text(POLICY, encoding="utf-8")
    for first in range(0, events, PART):
        lake.append(home / "lake/pay/payments", _payments(first, min(events, first + PART), events))
    with opened(home) as features:
        plan = plan_of(VIEW, features.gateway.catalog, features.gateway.policy.functions)
        features.registry.apply([plan])


@contextmanager
def opened(home: Path) -> Iterator[Features]:
    """The features of such a home."""
    from data.features.platform import Features
    from data.federation import open_gateway

    gateway = open_gateway(home, threads=2)
    features = Features(home, gateway)
    try:
        yield features
    finally:
        features.close()
        gateway.close()


def _payments(first: int, end: int, events: int) -> pa.Table:
    import numpy as np
    import pyarrow as pa

    rng, size = np.random.default_rng((7, first)), end - first
    return pa.table({
        "payment_id": np.arange(first, end),
        "card_id": rng.integers(0, _cards(events), size),
        "merchant_id": rng.integers(0, 2_000, size),
        "cents": np.maximum(1, rng.lognormal(8, 1, size).astype(np.int64)),
        "created_at": _moments(np.arange(first, end) + rng.random(size), events),
    })  # fmt: skip


def label(home: Path, count: int, events: int) -> None:
    """Write so many labels: every other one at the moment of a payment of its card, the others at any moment."""
    import numpy as np
    import pyarrow as pa

    rng = np.random.default_rng(11)
    paid = lake.read(home / "lake/pay/payments").select(["card_id", "created_at"]).take(rng.integers(0, events, count))
    exact = np.arange(count) % 2 == 0
    table = pa.table({
        "label_id": np.arange(count),
        "card_id": np.where(exact, paid["card_id"].to_numpy(), rng.integers(0, _cards(events), count)),
        "at": np.where(exact, paid["created_at"].to_numpy(), _moments(rng.random(count) * events, events)),
    })  # fmt: skip
    lake.append(home / "lake/pay/labels", table)


def cards(home: Path) -> int:
    """How many cards a home has: they are numbered from 0 on."""
    import pyarrow.compute as pc

    return int(pc.max(lake.read(home / "lake/pay/payments").column("card_id")).as_py()) + 1


def _cards(events: int) -> int:
    return max(1, events // EACH)


def _moments(places: Any, events: int) -> Any:
    """Moments of places in the history, which is spread evenly over the days."""
    import numpy as np

    spread = (places * (DAYS * 86_400e6 / max(1, events))).astype("timedelta64[us]")
    return np.datetime64(START, "us") + spread
