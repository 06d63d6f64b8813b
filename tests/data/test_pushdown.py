"""Filters, columns and limits reach the stores, and those of the policy with them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from data.engines.base import Access
from data.federation import open_gateway
from data.gateway import Gateway

PLAYS = """\
version: 1
sources:
  - name: music
    kind: sqlite
    location: music.sqlite
    tables:
      - name: plays
        columns:
          - {name: id, type: BIGINT}
          - {name: listener, type: BIGINT}
          - {name: title, type: VARCHAR}
"""
LISTENERS = """\
version: 1
principals:
  - {name: owner, groups: [owners]}
  - {name: ada, groups: [listeners], attributes: {listener: "7"}}
grants:
  - {to: owners, on: "*"}
  - {to: listeners, on: music.plays, columns: [id, title]}
row_filters:
  - {for: listeners, on: music.plays, where: "listener = :listener"}
"""


def access(gateway: Gateway, name: str, sql: str) -> Access:
    _, (found,) = gateway.explain(gateway.policy.principal(name), sql)
    return found


@pytest.mark.parametrize(
    ("table", "columns", "condition", "pushed"),
    [
        ("shop.orders", ("customer_id",), "status = 'paid' AND id > 2", ("id>2", "status='paid'")),
        ("files.visits", ("page",), "customer_id = 1", ("customer_id=1",)),
        ("bank.accounts", ("balance",), "customer_id = 1", ("customer_id=1",)),
    ],
)
def test_filters_and_columns_reach_the_store(
    gateway: Gateway, table: str, columns: tuple[str, ...], condition: str, pushed: tuple[str, ...]
) -> None:
    found = access(gateway, "owner", f"SELECT {', '.join(columns)} FROM {table} WHERE {condition}")
    assert found.table == table
    assert set(found.filters) == set(pushed)
    assert set(columns) <= set(found.columns)
    assert len(found.columns) < len(gateway.catalog.table(table).columns)
    assert found.rest == ()


@pytest.mark.parametrize(
    ("table", "place"),
    [("shop.orders", "scan"), ("files.visits", "scan"), ("music.tracks", "scan"), ("bank.accounts", "store")],
)
def test_a_limit_ends_the_reading(gateway: Gateway, table: str, place: str) -> None:
    assert access(gateway, "owner", f"SELECT id FROM {table} LIMIT 2").limit == place
    assert access(gateway, "owner", f"SELECT count(DISTINCT id) FROM {table} LIMIT 2").limit == "later"


def test_the_policys_filter_reaches_the_store_with_the_callers(gateway: Gateway) -> None:
    found = access(gateway, "agent-ca", "SELECT name FROM shop.customers WHERE id > 1")
    assert set(found.filters) == {"country='CA'", "id>1"}


def test_a_condition_that_can_fail_stays_behind_the_policys_filter(gateway: Gateway) -> None:
    found = access(gateway, "agent-ca", "SELECT name FROM shop.customers WHERE CAST(name AS INT) = 1")
    assert found.filters == ("country='CA'",)


def test_joins_show_each_table(gateway: Gateway) -> None:
    sql = "SELECT c.name, a.balance FROM shop.customers c JOIN bank.accounts a ON a.customer_id = c.id"
    governed, accesses = gateway.explain(gateway.policy.principal("owner"), sql)
    assert {found.table for found in accesses} == {"shop.customers", "bank.accounts"}
    assert "LIMIT" in governed


@pytest.fixture
def plays(tmp_path: Path) -> Iterator[Gateway]:
    """20,000 plays of 1,000 listeners in a SQLite file, in the order of their numbers."""
    (tmp_path / "catalog.yaml").write_text(PLAYS, encoding="utf-8")
    (tmp_path / "policy.yaml").write_text(LISTENERS, encoding="utf-8")
    with closing(sqlite3.connect(tmp_path / "music.sqlite")) as connection:
        connection.execute("CREATE TABLE plays (id INTEGER PRIMARY KEY, listener INTEGER, title TEXT)")
        rows = ((n, n % 1000, f"title {n % 7}") for n in range(20_000))
        connection.executemany("INSERT INTO plays VALUES (?, ?, ?)", rows)
        connection.execute("CREATE INDEX plays_listener ON plays (listener)")
        connection.execute("CREATE INDEX plays_title ON plays (title)")
        connection.commit()
    os.utime(tmp_path / "music.sqlite", (1_000_000, 1_000_000))
    gateway = open_gateway(tmp_path, threads=2)
    yield gateway
    gateway.close()


@pytest.mark.parametrize(
    ("condition", "reached", "rows"),
    [
        ("id = 5", ("id=5",), 1),
        ("listener IN (3, 4) AND title = 'title 3'", ("listener IN (3, 4)",), 6),
        ("title = 'title 3'", (), 2857),
        ("title LIKE '%3'", (), 2857),
    ],
)
def test_what_an_index_serves_reaches_sqlite(
    plays: Gateway, condition: str, reached: tuple[str, ...], rows: int
) -> None:
    sql = f"SELECT id FROM music.plays WHERE {condition}"
    found = access(plays, "owner", sql)
    assert (found.table, found.filters) == ("music.plays", reached)
    assert found.rest, "the engine checks all conditions itself"
    assert plays.query(plays.policy.principal("owner"), sql).table.num_rows == rows


def test_the_policys_filter_reaches_sqlite(plays: Gateway) -> None:
    found = access(plays, "ada", "SELECT title FROM music.plays WHERE title <> 'title 3' LIMIT 2")
    assert found.filters == ("listener=7",)
    assert "title" in found.rest[0]
    rows = plays.query(plays.policy.principal("ada"), "SELECT id FROM music.plays").table
    assert rows["id"].to_pylist() == list(range(7, 20_000, 1000))
