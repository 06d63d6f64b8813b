"""What has drifted between the catalogue and its stores is told, each with what to do."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pyarrow as pa
import pytest

from data import drift, lake
from data.catalog import Catalog


def told(home: Path, *, broken: bool, deep: bool = False) -> list[str]:
    """Messages of what is broken, or of what is only worth knowing; the small lakehouse has no server here."""
    found = drift.check(home, Catalog.load(home / "catalog.yaml"), deep=deep)
    assert all(one.remedy for one in found)
    return [one.message for one in found if one.broken == broken and one.source != "bank"]


def edit(home: Path, *changes: tuple[str, str]) -> None:
    path = home / "catalog.yaml"
    text = path.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)


def test_a_catalogue_that_fits_has_nothing_broken(home: Path) -> None:
    assert told(home, broken=True, deep=True) == []
    assert told(home, broken=False) == [
        "The table 'shop.orders' is not described.",
        "The table 'files.visits' is not described.",
        "The table 'music.tracks' is not described.",
    ]


def test_missing_and_new_tables_and_columns(home: Path) -> None:
    edit(home, ("name: page", "name: pages"), ("name: orders", "name: order"), ("shop.orders", "shop.order"))
    assert told(home, broken=True) == [
        "The table 'shop.order' is not in the store.",
        "The column 'pages' of 'files.visits' is not in the store.",
    ]
    assert "The store has a table 'orders' that is not in the catalogue." in told(home, broken=False)
    assert "The store has a column 'page' (VARCHAR) of 'files.visits' that is not in the catalogue." in told(
        home, broken=False
    )


@pytest.mark.parametrize(
    ("declared", "broken"), [("VARCHAR", False), ("DOUBLE", False), ("BIGINT", True), ("DATE", True)]
)
def test_changed_types(home: Path, declared: str, broken: bool) -> None:
    edit(home, ('"DECIMAL(12,2)", unit', f"{declared}, unit"))
    message = f"The column 'amount' of 'shop.orders' is DECIMAL(12,2) in the store, not {declared}."
    assert (message in told(home, broken=True)) == broken
    assert (message in told(home, broken=False)) == (not broken)


def test_other_names_of_a_type_are_no_change(home: Path) -> None:
    edit(home, ("{name: page, type: VARCHAR}", "{name: page, type: TEXT}"))
    assert told(home, broken=True) == []


def test_keys_and_links_are_looked_at_only_when_asked(home: Path) -> None:
    row = {"id": 5, "customer_id": 99, "amount": None, "status": "open"}
    schema = lake.read(home / "lake/shop/orders").schema
    lake.append(home / "lake/shop/orders", pa.Table.from_pylist([row], schema=schema))
    connection = sqlite3.connect(home / "music.sqlite")
    connection.executescript(
        """
        ALTER TABLE tracks RENAME TO old;
        CREATE TABLE tracks (id INTEGER, title TEXT, explicit BOOLEAN, released DATE);
        INSERT INTO tracks SELECT * FROM old;
        DROP TABLE old;
        """
    )
    connection.execute("INSERT INTO tracks (title) VALUES ('no id')")
    connection.commit()
    connection.close()
    assert told(home, broken=True) == []
    assert told(home, broken=True, deep=True) == [
        "The key 'id' of 'shop.orders' is not unique: 1 of 6 rows repeat a value and 0 have none.",
        "The key 'id' of 'music.tracks' is not unique: 0 of 3 rows repeat a value and 1 have none.",
        "1 of 6 values of 'shop.orders.customer_id' are not in 'shop.customers.id'.",
    ]


def test_a_store_that_is_gone_is_one_line(home: Path) -> None:
    (home / "music.sqlite").unlink()
    (message,) = told(home, broken=True, deep=True)
    assert "'music' is not available" in message
