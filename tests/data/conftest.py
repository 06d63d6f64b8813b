"""A small lakehouse of four stores, written by hand, so that every expected row can be read here."""

from __future__ import annotations

import datetime as dt
import sqlite3
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data import lake
from data.federation import open_gateway
from data.gateway import Gateway
from data.sources.postgres import managed_url, stop_managed

CATALOG = """\
version: 1
sources:
  - name: shop
    kind: delta
    location: lake/shop
    description: A shop.
    tables:
      - name: customers
        description: Who buys.
        synonyms: [buyers]
        key: id
        label: name
        time: joined
        columns:
          - {name: id, type: BIGINT}
          - {name: name, type: VARCHAR, tags: [pii]}
          - {name: email, type: VARCHAR, tags: [pii]}
          - {name: country, type: VARCHAR}
          - {name: secret, type: VARCHAR}
          - {name: joined, type: TIMESTAMP}
      - name: orders
        key: id
        columns:
          - {name: id, type: BIGINT}
          - {name: customer_id, type: BIGINT}
          - {name: amount, type: "DECIMAL(12,2)", unit: USD}
          - {name: status, type: VARCHAR}
  - name: files
    kind: parquet
    location: ${LAKEHOUSE_FILES:-files}
    tables:
      - name: visits
        columns:
          - {name: id, type: BIGINT}
          - {name: customer_id, type: BIGINT}
          - {name: page, type: VARCHAR}
  - name: music
    kind: sqlite
    location: music.sqlite
    tables:
      - name: tracks
        key: id
        columns:
          - {name: id, type: BIGINT}
          - {name: title, type: VARCHAR}
          - {name: explicit, type: BOOLEAN}
          - {name: released, type: DATE}
  - name: bank
    kind: postgres
    location: ${LAKEHOUSE_BANK:-postgres}
    tables:
      - name: accounts
        key: id
        columns:
          - {name: id, type: BIGINT}
          - {name: customer_id, type: BIGINT}
          - {name: iban, type: VARCHAR, tags: [pii]}
          - {name: balance, type: "DECIMAL(12,2)"}
relationships:
  - {from: shop.orders.customer_id, to: shop.customers.id}
  - {from: bank.accounts.customer_id, to: shop.customers.id}
"""

POLICY = """\
version: 1
principals:
  - {name: owner, groups: [owners]}
  - {name: seller, groups: [sellers]}
  - {name: agent-ca, groups: [agents], attributes: {country: CA}}
  - {name: agent-us, groups: [agents], attributes: {country: US}}
  - {name: hasher, groups: [hashers]}
  - {name: nobody}
grants:
  - {to: owners, on: "*"}
  - {to: sellers, on: shop.*}
  - {to: agents, on: shop.customers, columns: [id, name, email, country]}
  - {to: agents, on: shop.orders}
  - {to: hashers, on: shop.customers}
  - {to: hashers, on: bank.accounts}
row_filters:
  - {for: agents, on: shop.customers, where: "country = :country"}
  - for: agents
    on: shop.orders
    where: customer_id IN (SELECT id FROM shop.customers WHERE country = :country)
masks:
  - {for: sellers, tag: pii, mask: partial}
  - {for: sellers, columns: [shop.customers.secret], mask: redact}
  - {for: agents, columns: [shop.customers.email], mask: partial}
  - {for: hashers, columns: [shop.customers.email, shop.customers.id], mask: hash}
  - {for: hashers, columns: [shop.customers.secret, shop.customers.joined], mask: "null"}
"""

CUSTOMERS = [
    (1, "Ada Lark", "ada@example.com", "CA", "s1", dt.datetime(2024, 1, 1)),
    (2, "Bo Finch", "bo@example.com", "US", "s2", dt.datetime(2024, 2, 1)),
    (3, "Cy Wren", "cy@example.org", "CA", "s3", dt.datetime(2024, 3, 1)),
    (4, "Di Swift", None, "FR", "s4", dt.datetime(2024, 4, 1)),
]
ORDERS = [
    (1, 1, Decimal("10.00"), "paid"),
    (2, 1, Decimal("20.50"), "paid"),
    (3, 2, Decimal("5.00"), "open"),
    (4, 3, Decimal("7.25"), "paid"),
    (5, 4, Decimal("100.00"), "open"),
]
VISITS = [(1, 1, "home"), (2, 1, "cart"), (3, 2, "home")]
TRACKS = [(1, "Nova", 0, "2020-01-01"), (2, "O'Brien's \"Song\"", 1, "2021-06-30")]
ACCOUNTS = [(1, 1, "CA12345678", Decimal("1000.00")), (2, 2, "US99999999", Decimal("50.00"))]


def build(home: Path, *, servers: bool = True) -> None:
    """Write the stores with their catalogue and policy under `home`; without `servers`, no PostgreSQL."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "catalog.yaml").write_text(CATALOG, encoding="utf-8")
    (home / "policy.yaml").write_text(POLICY, encoding="utf-8")
    lake.append(home / "lake/shop/customers", _table("id name email country secret joined", CUSTOMERS))
    orders = _table("id customer_id amount status", ORDERS)
    lake.append(home / "lake/shop/orders", orders.slice(0, 3))
    lake.append(home / "lake/shop/orders", orders.slice(3))
    (home / "files").mkdir()
    pq.write_table(_table("id customer_id page", VISITS), home / "files/visits.parquet")
    _music(home / "music.sqlite")
    if servers:
        _bank(home / "postgres")


def _table(names: str, rows: list[tuple[object, ...]]) -> pa.Table:
    columns = zip(*rows, strict=True)
    return pa.table({name: pa.array(list(column)) for name, column in zip(names.split(), columns, strict=True)}).cast(
        pa.schema([(name, _kind(name)) for name in names.split()])
    )


def _kind(name: str) -> pa.DataType:
    kinds = {"joined": pa.timestamp("us"), "amount": pa.decimal128(12, 2)}
    return kinds.get(name, pa.int64() if name.endswith("id") else pa.string())


def _music(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE tracks (id INTEGER PRIMARY KEY, title TEXT, explicit BOOLEAN, released DATE)")
    connection.executemany("INSERT INTO tracks VALUES (?, ?, ?, ?)", TRACKS)
    connection.commit()
    connection.close()


def _bank(folder: Path) -> None:
    with psycopg.connect(managed_url(folder), autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE accounts (id bigint PRIMARY KEY, customer_id bigint, iban text, balance numeric(12,2))"
        )
        for row in ACCOUNTS:
            connection.execute("INSERT INTO accounts VALUES (%s, %s, %s, %s)", row)


@pytest.fixture(scope="session")
def lakehouse() -> Iterator[Path]:
    """The home of the small lakehouse. Tests only read it."""
    # Not pytest's own folder: another run closes it to other users, and one of these is the server's.
    with tempfile.TemporaryDirectory(prefix="lakehouse-", ignore_cleanup_errors=True) as folder:
        home = Path(folder).resolve()
        build(home)
        yield home
        stop_managed(home / "postgres")


@pytest.fixture(scope="session")
def gateway(lakehouse: Path) -> Iterator[Gateway]:
    """A gateway over the small lakehouse."""
    gateway = open_gateway(lakehouse, threads=2)
    yield gateway
    gateway.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with catalogue, policy and the Delta and Parquet stores, for tests that change something."""
    build(tmp_path, servers=False)
    return tmp_path
