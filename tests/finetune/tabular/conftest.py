"""A small lakehouse of payments, some of which turn out to be fraud weeks later."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from agents.predictors.store import ModelStore
from data import lake
from data.features.platform import Features
from data.federation import open_gateway
from finetune.tabular.job import Workshop
from finetune.tabular.recipe import TabularRecipe

CATALOG = """\
version: 1
sources:
  - name: pay
    kind: delta
    location: lake/pay
    tables:
      - name: payments
        time: at
        columns:
          - {name: id, type: BIGINT}
          - {name: card, type: VARCHAR}
          - {name: amount, type: DOUBLE}
          - {name: shop, type: VARCHAR}
          - {name: same, type: BIGINT}
          - {name: at, type: TIMESTAMP}
      - name: claims
        columns:
          - {name: id, type: BIGINT}
          - {name: label, type: BIGINT}
          - {name: opened, type: TIMESTAMP}
"""
POLICY = """\
version: 1
principals: [{name: owner, groups: [owners]}, {name: nobody}]
grants: [{to: owners, on: "*"}]
"""
VIEWS = """\
from data.features import Feature, FeatureView

cards = FeatureView(
    name="cards",
    entity="card",
    keys=("card",),
    source="pay.payments",
    time="at",
    delay="1s",
    features=(
        Feature("payments", "count", over=("1h", "7d")),
        Feature("spent", "sum", "amount", over=("1h",)),
        Feature("shop", "last", "shop", over=("7d",)),
    ),
)
"""
START = dt.datetime(2025, 1, 1)
DAYS = 120
ROWS = 2400
SHOPS = ("café ☕", "grocer", "Ünï'cödé; DROP", "")
RECIPE: dict[str, Any] = {
    "name": "tiny",
    "subject": {
        "sql": "SELECT id, card, amount, shop, same, at FROM pay.payments",
        "key": ["id"],
        "time": "at",
        "columns": ["amount", "shop", "same"],
    },
    "labels": {"sql": "SELECT id, label, opened AS known_at FROM pay.claims", "maturity": "10d"},
    "features": ["cards"],
    "split": {"since": "2025-01-01", "calibration": "2025-02-20", "test": "2025-03-25", "until": "2025-05-01"},
    "rule": ["amount", "cards.payments_1h"],
    "search": {
        "trials": 2,
        "folds": 2,
        "space": {"num_leaves": {"low": 4, "high": 8}, "rounds": {"low": 10, "high": 20}},
    },
    "costs": {"miss": "amount", "false_alarm": 5, "unit": "USD"},
    "needed": 5,
    "threads": 1,
}


def payments(seed: int = 0) -> tuple[pa.Table, pa.Table]:
    """Payments with a few missing values, and claims: mostly of large payments of cards that pay twice an hour."""
    rng = np.random.default_rng(seed)
    minutes = np.sort(rng.integers(0, DAYS * 24 * 60, ROWS))
    burst = rng.random(ROWS) < 0.08
    minutes[1:][burst[1:]] = minutes[:-1][burst[1:]] + 1
    cards = [f"card {n}" for n in rng.integers(0, 60, ROWS)]
    for row in np.flatnonzero(burst[1:]) + 1:
        cards[row] = cards[row - 1]
    amounts = rng.gamma(2.0, 20.0, ROWS) + burst * 60
    fraud = burst & (amounts > 80) & (rng.random(ROWS) < 0.9)
    at = [START + dt.timedelta(minutes=int(m)) for m in minutes]
    rows = pa.table(
        {
            "id": pa.array(range(ROWS), pa.int64()),
            "card": cards,
            "amount": pa.array(amounts, mask=rng.random(ROWS) < 0.02),
            "shop": pa.array([SHOPS[i] for i in rng.integers(0, 4, ROWS)], mask=rng.random(ROWS) < 0.05),
            "same": pa.array([7] * ROWS, pa.int64()),
            "at": pa.array(at, pa.timestamp("us")),
        }
    )
    places = np.flatnonzero(fraud)
    opened = [at[i] + dt.timedelta(days=float(d)) for i, d in zip(places, rng.uniform(1, 9, len(places)), strict=True)]
    return rows, claims(places, opened)


def claims(places: Any, opened: list[dt.datetime], label: int | None = 1) -> pa.Table:
    return pa.table(
        {
            "id": pa.array(places, pa.int64()),
            "label": pa.array([label] * len(opened), pa.int64()),
            "opened": pa.array(opened, pa.timestamp("us")),
        }
    )


@cache
def registry() -> bytes:
    """An empty registry: making one takes MLflow seconds."""
    with TemporaryDirectory() as folder:
        with ModelStore(Path(folder)).client() as client:
            client.search_registered_models()
        return (Path(folder) / "mlflow.db").read_bytes()


def build(home: Path, rows: pa.Table, labels: pa.Table, more: str = "") -> Path:
    (home / "features").mkdir(parents=True)
    (home / "mlflow.db").write_bytes(registry())
    (home / "catalog.yaml").write_text(CATALOG, encoding="utf-8")
    (home / "policy.yaml").write_text(POLICY, encoding="utf-8")
    (home / "features/views.py").write_text(VIEWS + more, encoding="utf-8")
    lake.append(home / "lake/pay/payments", rows)
    lake.append(home / "lake/pay/claims", labels)
    return home


@pytest.fixture(scope="session")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with payments and claims; copy it."""
    return build(tmp_path_factory.mktemp("tabular") / "home", *payments())


@pytest.fixture
def home(untrained: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(untrained, tmp_path / "home", dirs_exist_ok=True))


@contextmanager
def opened(home: Path, say: Callable[[str], None] = lambda text: None) -> Iterator[Workshop]:
    gateway = open_gateway(home, threads=1)
    features = Features(home, gateway)
    yield Workshop(gateway, features, gateway.policy.principal("owner"), home, say)
    features.close()
    gateway.close()


def recipe(**changes: Any) -> TabularRecipe:
    return TabularRecipe.model_validate({**RECIPE, **changes})
