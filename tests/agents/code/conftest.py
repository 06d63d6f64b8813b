"""A small shop with a Delta source that may be written to, and a coder whose model says what a test wants."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from agents.approved import ApprovedQueries
from agents.code.coder import Coder
from agents.endpoints import Endpoint
from agents.endpoints.router import Router
from data import lake
from data.federation import open_gateway
from data.gateway import Gateway
from data.policy import Principal
from data.sandbox import Limits, Sandbox
from tests.agents.conftest import Findings

CATALOG = """\
version: 1
sources:
  - name: shop
    kind: parquet
    location: shop
    tables:
      - name: orders
        description: What was bought.
        key: id
        time: placed_at
        columns:
          - {name: id, type: BIGINT, description: Identifier.}
          - {name: customer_id, type: BIGINT, description: Who bought.}
          - {name: amount, type: DOUBLE, description: What was paid., unit: USD}
          - {name: status, type: VARCHAR, description: paid or open.}
          - {name: placed_at, type: TIMESTAMP, description: When.}
      - name: customers
        description: Who buys.
        key: id
        label: name
        columns:
          - {name: id, type: BIGINT, description: Identifier.}
          - {name: name, type: VARCHAR, description: Name.}
          - {name: country, type: VARCHAR, description: Country.}
  - name: bank
    kind: parquet
    location: bank
    tables:
      - name: accounts
        columns:
          - {name: id, type: BIGINT}
          - {name: balance, type: DOUBLE}
  - name: lab
    kind: delta
    location: lab
    tables:
      - name: totals
        columns:
          - {name: customer_id, type: BIGINT}
          - {name: amount, type: DOUBLE}
relationships:
  - {from: shop.orders.customer_id, to: shop.customers.id}
"""
POLICY = """\
version: 1
principals:
  - {name: owner, groups: [owners]}
  - {name: ann, groups: [analysts]}
  - {name: bob, groups: [readers]}
grants:
  - {to: owners, on: "*"}
  - {to: owners, on: "system.*"}
  - {to: analysts, on: shop.*}
  - {to: analysts, on: lab.*}
  - {to: readers, on: shop.*}
  - {to: readers, on: lab.*}
writes:
  - {to: analysts, on: lab.*}
"""
TABLES = {
    "shop/orders": {
        "id": [1, 2, 3, 4],
        "customer_id": [1, 1, 2, 3],
        "amount": [10.0, 2.5, 7.0, 1.0],
        "status": ["paid", "paid", "open", "paid"],
        "placed_at": [datetime(2026, 11, day) for day in (1, 2, 3, 4)],
    },
    "shop/customers": {"id": [1, 2, 3], "name": ["Ada", "Bo", "Cy"], "country": ["CA", "US", "CA"]},
    "bank/accounts": {"id": [1], "balance": [5.0]},
}


def made(home: Path) -> Path:
    """The shop's home."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "catalog.yaml").write_text(CATALOG)
    (home / "policy.yaml").write_text(POLICY)
    for name, columns in TABLES.items():
        (home / name).parent.mkdir(exist_ok=True)
        pq.write_table(pa.table(columns), home / f"{name}.parquet")
    lake.append(home / "lab" / "totals", pa.table({"customer_id": [9], "amount": [9.0]}))
    return home


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return made(tmp_path / "shop-home")


@pytest.fixture
def gateway(home: Path) -> Iterator[Gateway]:
    opened = open_gateway(home, threads=1)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One sandbox for all tests: its cells stand ready; each test gives it its own gateway."""
    home = made(tmp_path_factory.mktemp("shared") / "home")
    gateway = open_gateway(home, threads=1)
    sandbox = Sandbox(gateway, home / "sandbox", Limits(seconds=3))
    yield sandbox
    sandbox.close()
    gateway.close()


@pytest.fixture
def ann(gateway: Gateway) -> Principal:
    return gateway.policy.principal("ann")


@pytest.fixture
def bob(gateway: Gateway) -> Principal:
    return gateway.policy.principal("bob")


Make = Callable[..., Coder]


@pytest.fixture
def coder(gateway: Gateway, home: Path, shared: Sandbox) -> Iterator[Make]:
    """Make a Coder over endpoints that are open already; it is closed after the test."""
    opened: list[Coder] = []

    def make(*endpoints: Endpoint) -> Coder:
        openers = {endpoint.name: (lambda e=endpoint: e) for endpoint in endpoints}
        findings = Findings(gateway)
        approved = ApprovedQueries(home / "approved.sqlite")
        opened.append(Coder(home, gateway, findings, Router(openers), lambda: shared, approved))  # type: ignore[arg-type]
        return opened[-1]

    yield make
    for one in opened:
        one.close()
