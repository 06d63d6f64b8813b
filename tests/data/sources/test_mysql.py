"""MySQL: tables with their keys, passwords of any letters, a server that goes and comes back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from data import onboard
from data.catalog import Catalog
from data.errors import DataError, Unavailable
from data.federation import open_gateway
from data.gateway import Gateway

PASSWORD = "p@ss:w/or d%&'\"\\é"


@pytest.fixture
def home(tmp_path: Path, maria: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    home = tmp_path / "home"
    onboard.add(home, "shop", "mysql", f"mysql://app:${{SHOP_PASSWORD}}@127.0.0.1:{maria.port}/shop")
    return home


def rows(gateway: Gateway, sql: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = gateway.query(gateway.policy.principal("owner"), sql).table.to_pylist()
    return found


def test_tables_come_with_types_keys_and_links(home: Path) -> None:
    catalog = Catalog.load(home / "catalog.yaml")
    customers = catalog.table("shop.customers")
    assert {column.name: column.type for column in customers.columns} == {
        "id": "INTEGER",
        "name": "VARCHAR",
        "balance": "DECIMAL(12,2)",
        "joined": "TIMESTAMP",
        "active": "BOOLEAN",
    }
    assert (customers.key, catalog.table("shop.orders").key, catalog.table("shop.pairs").key) == ("id", "id", None)
    links = [(link.table, link.column, link.to_table, link.to_column) for link in catalog.relationships]
    assert links == [("shop.orders", "customer_id", "shop.customers", "id")]


def test_rows_are_read_with_moments_in_utc(home: Path) -> None:
    gateway = open_gateway(home, threads=1)
    assert rows(gateway, "SELECT * FROM shop.customers WHERE id = 1") == [
        {"id": 1, "name": "Ada", "balance": Decimal("10.50"), "joined": dt.datetime(2024, 1, 1, 12), "active": True}
    ]
    gateway.close()


def test_it_is_back_when_the_server_is(home: Path, maria: Any) -> None:
    gateway = open_gateway(home, threads=2)
    sql = "SELECT count(*) AS n FROM shop.orders"
    assert rows(gateway, sql) == [{"n": 3}]
    maria.stop()
    try:
        with pytest.raises(Unavailable, match=rf"127\.0\.0\.1:{maria.port}.*Start the server") as caught:
            rows(gateway, sql)
    finally:
        maria.start()
    assert PASSWORD not in str(caught.value)
    assert rows(gateway, sql) == [{"n": 3}]
    gateway.close()


def test_a_server_that_is_not_there_is_named_without_the_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "hunter2")
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:1") as caught:
        onboard.add(tmp_path, "shop", "mysql", "mysql://app:${SHOP_PASSWORD}@127.0.0.1:1/shop")
    assert "hunter2" not in str(caught.value)


def test_a_wrong_password_is_told_apart(tmp_path: Path, maria: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "hunter2")
    with pytest.raises(Unavailable, match="does not let us in") as caught:
        onboard.add(tmp_path, "shop", "mysql", f"mysql://app:${{SHOP_PASSWORD}}@127.0.0.1:{maria.port}/shop")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("location", ["mysql://127.0.0.1", "postgres://127.0.0.1/x", "nowhere", "mysql://h:port/x"])
def test_what_is_no_mysql_url_is_quoted(tmp_path: Path, location: str) -> None:
    with pytest.raises(DataError, match=f"'{location}' is no MySQL URL"):
        onboard.add(tmp_path, "shop", "mysql", location)


def test_the_store_can_not_be_written(home: Path) -> None:
    from data.engines.database import Database
    from data.sources import open_source

    source = open_source(Catalog.load(home / "catalog.yaml").source("shop"), home)
    database = Database.of([source], [], {})
    with pytest.raises(Exception, match="read-only"):
        database.connection.execute('DELETE FROM "~shop".orders')
    paths = database.connection.execute("SELECT path FROM duckdb_databases()").fetchall()
    assert PASSWORD not in str(paths)


def test_columns_and_filters_reach_the_server(home: Path) -> None:
    gateway = open_gateway(home, threads=1)
    owner = gateway.policy.principal("owner")
    _, (access,) = gateway.explain(owner, "SELECT id FROM shop.customers WHERE id > 1 AND name = 'Bo' LIMIT 5")
    assert access.table == "shop.customers"
    assert len(access.filters) == 2
    assert access.rest == ()
    assert "balance" not in access.columns
    assert access.limit == "store"
    gateway.close()
