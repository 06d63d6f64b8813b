"""Iceberg: tables as pyiceberg writes them, each read at one snapshot."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyiceberg.catalog.sql import SqlCatalog

from data import onboard
from data.catalog import Catalog
from data.errors import Unavailable
from data.federation import open_gateway
from data.sources import open_source
from data.sources.base import Source

ROWS = pa.table({"id": pa.array([1, 2], pa.int64()), "day": pa.array([dt.date(2024, 1, 1)] * 2)})


@pytest.fixture
def orders(tmp_path: Path) -> Any:
    """The table `shop.orders` of a warehouse, with one append."""
    catalog = SqlCatalog("test", uri=f"sqlite:///{tmp_path}/catalog.sqlite", warehouse=f"file://{tmp_path}/warehouse")
    catalog.create_namespace("shop")
    catalog.create_table("shop.nothing", schema=ROWS.schema)
    table = catalog.create_table("shop.orders", schema=ROWS.schema)
    table.append(ROWS)
    yield table
    catalog.close()


@pytest.fixture
def home(tmp_path: Path, orders: Any) -> Path:
    home = tmp_path / "home"
    onboard.add(home, "ice", "iceberg", str(tmp_path / "warehouse"))
    return home


def source(home: Path) -> Source:
    return open_source(Catalog.load(home / "catalog.yaml").source("ice"), home)


def test_tables_of_a_namespace_are_read_at_the_newest_snapshot(home: Path, orders: Any) -> None:
    catalog = Catalog.load(home / "catalog.yaml")
    assert [table.name for table in catalog.tables] == ["shop.nothing", "shop.orders"]
    assert [column.type for column in catalog.table("ice.shop.orders").columns] == ["BIGINT", "DATE"]
    gateway = open_gateway(home, threads=1)
    owner = gateway.policy.principal("owner")
    sql = "SELECT count(*) AS n FROM ice.shop.orders"
    first = gateway.query(owner, sql)
    orders.append(ROWS)
    second = gateway.query(owner, sql)
    assert [result.table.to_pylist() for result in (first, second)] == [[{"n": 2}], [{"n": 4}]]
    assert second.sources[0].version == str(orders.current_snapshot().snapshot_id)
    freshness = second.sources[0].freshness
    assert freshness is not None
    assert freshness.timestamp() == orders.current_snapshot().timestamp_ms / 1000
    assert gateway.query(owner, "SELECT count(*) AS n FROM ice.shop.nothing").table.to_pylist() == [{"n": 0}]
    gateway.close()


def test_an_older_snapshot_stays_readable(home: Path, orders: Any) -> None:
    from data.engines.database import Database

    opened = source(home)
    table = Catalog.load(home / "catalog.yaml").table("ice.shop.orders")
    first = opened.state(table).version
    orders.append(ROWS)
    database = Database.of([opened], opened.directories(), {})
    counts = [
        database.connection.execute(f'SELECT count(*) FROM "~"."{database.view(table, version)}"').fetchall()
        for version in (first, opened.state(table).version)
    ]
    assert counts == [[(2,)], [(4,)]]


def test_a_moved_warehouse_is_read_where_it_is(home: Path, tmp_path: Path) -> None:
    shutil.move(tmp_path / "warehouse", tmp_path / "moved")
    path = home / "catalog.yaml"
    path.write_text(path.read_text().replace("/warehouse", "/moved"))
    gateway = open_gateway(home, threads=1)
    result = gateway.query(gateway.policy.principal("owner"), "SELECT sum(id) AS n FROM ice.shop.orders")
    assert result.table.to_pylist() == [{"n": 3}]
    gateway.close()


def test_two_newest_metadata_files_are_refused(home: Path, orders: Any) -> None:
    table = Catalog.load(home / "catalog.yaml").table("ice.shop.orders")
    current = Path(orders.metadata_location.removeprefix("file://"))
    shutil.copy(current, current.with_name(current.name[:6] + "0-other.metadata.json"))
    with pytest.raises(Unavailable, match="2 metadata files of version 1"):
        source(home).state(table)


def test_a_folder_that_is_no_table_is_named(home: Path, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "warehouse/shop/orders")
    with pytest.raises(Unavailable, match=r"'shop\.orders' is not an Iceberg table"):
        source(home).state(Catalog.load(home / "catalog.yaml").table("ice.shop.orders"))
