"""A small lakehouse of card payments in Delta and plays in SQLite."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from data import lake
from data.federation import open_gateway
from data.gateway import Gateway

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
          - {name: card, type: BIGINT}
          - {name: shop, type: VARCHAR}
          - {name: amount, type: "DECIMAL(12,2)"}
          - {name: score, type: DOUBLE}
          - {name: status, type: VARCHAR}
          - {name: at, type: TIMESTAMP}
          - {name: received, type: TIMESTAMP}
      - name: labels
        columns:
          - {name: id, type: BIGINT}
          - {name: card, type: BIGINT}
          - {name: shop, type: VARCHAR}
          - {name: at, type: TIMESTAMP}
          - {name: fraud, type: BIGINT}
  - name: music
    kind: sqlite
    location: music.sqlite
    tables:
      - name: plays
        columns:
          - {name: listener, type: VARCHAR}
          - {name: seconds, type: BIGINT}
          - {name: at, type: TIMESTAMP}
"""

POLICY = """\
version: 1
principals:
  - {name: owner, groups: [owners]}
  - {name: all, groups: [all]}
  - {name: narrow, groups: [narrow]}
  - {name: filtered, groups: [filtered]}
  - {name: masked, groups: [masked]}
  - {name: nobody}
grants:
  - {to: owners, on: "*"}
  - {to: all, on: pay.*}
  - {to: narrow, on: pay.payments, columns: [id, card, amount, status, at, received]}
  - {to: narrow, on: pay.labels}
  - {to: filtered, on: pay.*}
  - {to: masked, on: pay.*}
row_filters:
  - {for: filtered, on: pay.payments, where: "shop = 'a'"}
masks:
  - {for: masked, columns: [pay.payments.amount], mask: bucket, size: 10}
"""

PAYMENTS = pa.schema(
    [
        ("id", pa.int64()),
        ("card", pa.int64()),
        ("shop", pa.string()),
        ("amount", pa.decimal128(12, 2)),
        ("score", pa.float64()),
        ("status", pa.string()),
        ("at", pa.timestamp("us")),
        ("received", pa.timestamp("us")),
    ]
)
LABELS = pa.schema([PAYMENTS.field(name) for name in ("id", "card", "shop", "at")] + [("fraud", pa.int64())])
START = dt.datetime(2025, 1, 1)


def payment(
    card: int, minute: float, amount: str = "1.00", *, shop: str = "a", late: float = 0, **more: Any
) -> dict[str, Any]:
    """A payment so many minutes after START, received `late` minutes after that."""
    at = START + dt.timedelta(minutes=minute)
    row = {"id": int(minute), "card": card, "shop": shop, "amount": Decimal(amount), "score": 0.5, "status": "ok"}
    return {**row, "at": at, "received": at + dt.timedelta(minutes=late), **more}


def pay(home: Path, rows: Sequence[dict[str, Any]]) -> int:
    """Add payments in one commit."""
    return lake.append(home / "lake/pay/payments", pa.Table.from_pylist(list(rows), schema=PAYMENTS))


def label(home: Path, rows: Sequence[dict[str, Any]]) -> int:
    return lake.append(home / "lake/pay/labels", pa.Table.from_pylist(list(rows), schema=LABELS))


def play(home: Path, rows: Sequence[tuple[str, int, float]]) -> None:
    """Add plays: listener, seconds, and minutes after START."""
    with sqlite3.connect(home / "music.sqlite") as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS plays (listener TEXT, seconds INTEGER, at TIMESTAMP)")
        made = ((who, n, (START + dt.timedelta(minutes=at)).isoformat(sep=" ")) for who, n, at in rows)
        connection.executemany("INSERT INTO plays VALUES (?, ?, ?)", made)
    connection.close()


def build(home: Path) -> Path:
    """A home whose tables have no rows yet."""
    (home / "catalog.yaml").write_text(CATALOG, encoding="utf-8")
    (home / "policy.yaml").write_text(POLICY, encoding="utf-8")
    (home / "features").mkdir()
    pay(home, [])
    label(home, [])
    play(home, [])
    return home


@contextmanager
def opened(home: Path) -> Iterator[Gateway]:
    gateway = open_gateway(home, threads=2)
    yield gateway
    gateway.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return build(tmp_path)


@pytest.fixture
def gateway(home: Path) -> Iterator[Gateway]:
    with opened(home) as gateway:
        yield gateway
