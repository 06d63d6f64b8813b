"""What a new source's catalogue entry says of its rows: counts, values, keys, links, and what looks personal."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import yaml

from data import onboard, personal, sample
from data.catalog import Catalog
from data.kinship import Link
from data.onboard import Added

ROWS = 300


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Three tables that declare nothing, with the ways of a real database: prefixes, nulls, a link that is none."""
    path = tmp_path / "shop.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(
        """
        CREATE TABLE customers (id INTEGER, name TEXT, contact TEXT, tier TEXT, city TEXT, born DATE, score INTEGER);
        CREATE TABLE orders (order_id INTEGER, customer_id INTEGER, product_id INTEGER, status TEXT, total REAL);
        CREATE TABLE products (id INTEGER, title TEXT, colour TEXT);
        CREATE TABLE vacant (id INTEGER);
        """
    )
    for i in range(ROWS):
        person = (i, f"Person {i}", f"p{i}@example.com", ["gold", "basic"][i % 2], None if i % 4 else "Oslo")
        connection.execute("INSERT INTO customers VALUES (?, ?, ?, ?, ?, '1990-01-01', ?)", (*person, i % 7))
        # Half of these products do not exist.
        order = (i, i % 100, i if i < 150 else 1000 + i, ["paid", "open", "void"][i % 3], i / 2)
        connection.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", order)
        connection.execute("INSERT INTO products VALUES (?, ?, 'red')", (i, f"Thing {i}"))
    connection.commit()
    connection.close()
    return path


@pytest.fixture
def added(tmp_path: Path, shop: Path) -> Added:
    return onboard.add(tmp_path / "home", "shop", "sqlite", str(shop))


def test_the_catalogue_says_what_the_rows_say(tmp_path: Path, added: Added) -> None:
    catalog = Catalog.load(tmp_path / "home/catalog.yaml")
    customers, orders = catalog.table("shop.customers"), catalog.table("shop.orders")
    assert (customers.key, orders.key, catalog.table("shop.vacant").key) == ("id", "order_id", None)
    assert customers.column("tier").description == "basic, gold"
    assert orders.column("status").description == "open, paid, void"
    tagged = {column.name for table in catalog.tables for column in table.columns if "pii" in column.tags}
    assert tagged == {"name", "contact", "born"}
    assert all(column.description == "" for column in customers.columns if column.name in tagged)


def test_links_need_names_and_values(added: Added) -> None:
    evidence = "inferred: 100 % of 100 sampled values are there"
    assert added.survey.links == (Link("orders", "customer_id", "customers", "id", evidence),)


def test_the_text_carries_the_evidence_and_no_personal_value(tmp_path: Path, added: Added) -> None:
    text = (tmp_path / "home/catalog.yaml").read_text()
    assert "- name: orders  # 300 rows; key inferred: unique and never null in all 300 rows" in text
    assert "{name: score, type: BIGINT}  # 7 different; 0 to 6" in text
    assert "# 75% null; 1 different" in text
    assert "looks personal: 100% of values look like an e-mail address" in text
    assert "to: shop.customers.id}  # inferred: 100 % of 100 sampled values are there" in text
    assert not any(secret in text for secret in ("example.com", "Person", "1990"))
    assert yaml.safe_load(text)["version"] == 1
    onboard.remove(tmp_path / "home", "shop")
    assert "shop" not in (tmp_path / "home/catalog.yaml").read_text()


def test_a_report_for_programs(added: Added) -> None:
    report = {table["table"]: table for table in added.survey.as_json()["profile"]}
    orders = report["shop.orders"]
    assert (orders["rows"], orders["sampled"], orders["key"]) == (ROWS, ROWS, "order_id")
    status = next(column for column in orders["columns"] if column["name"] == "status")
    assert (status["distinct"], status["values"], status["null_share"]) == (3, ["open", "paid", "void"], 0.0)
    born = next(column for column in report["shop.customers"]["columns"] if column["name"] == "born")
    assert (born["min"], born["max"], born["values"]) == (None, None, [])
    assert (report["shop.vacant"]["rows"], report["shop.vacant"]["key"]) == (0, None)


def test_large_tables_are_sampled(tmp_path: Path, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample.Sample.__init__, "__kwdefaults__", {"rows": 50, "seconds": 5.0})
    added = onboard.add(tmp_path / "home", "shop", "sqlite", str(shop))
    orders = added.survey.profiles["orders"]
    assert (orders.rows, orders.sampled, orders.whole) == (ROWS, 50, False)
    assert (
        "# 300 rows; 50 sampled; key inferred: unique and never null in 50 sampled rows"
        in (tmp_path / "home/catalog.yaml").read_text()
    )


def test_what_takes_too_long_is_listed_without_a_profile(
    tmp_path: Path, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.survey.PATIENCE", -1.0)
    added = onboard.add(tmp_path / "home", "shop", "sqlite", str(shop))
    assert len(added.config.tables) == 4
    assert added.survey.profiles == {}
    assert "- name: orders  # not looked at: it takes too long" in (tmp_path / "home/catalog.yaml").read_text()


def test_a_table_that_can_not_be_read_is_listed_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files/good.csv").write_text("id\n1\n")
    lines = ["id", *(str(i) for i in range(300_000)), "topsecret"]
    (tmp_path / "files/bad.csv").write_text("\n".join(lines) + "\n")
    said: list[str] = []
    added = onboard.add(tmp_path / "home", "files", "csv", str(tmp_path / "files"), say=said.append)
    assert set(added.survey.profiles) == {"good"}
    text = (tmp_path / "home/catalog.yaml").read_text()
    assert "- name: bad  # not looked at: The source 'files' is not available. A CSV file does not fit" in text
    assert "topsecret" not in text
    assert said == ["Looking at files.bad (1 of 2).", "Looking at files.good (2 of 2)."]


@pytest.mark.parametrize(
    ("table", "column", "found"),
    [
        ("t", "email", True),
        ("t", "CustomerEmail", True),
        ("t", "phone_number", True),
        ("t", "dateOfBirth", True),
        ("t", "firstName", True),
        ("t", "account_number", True),
        ("customers", "name", True),
        ("products", "name", False),
        ("t", "shipping_cost", False),
        ("t", "emails_sent_count", False),
        ("t", "since", False),
        ("t", "panel", False),
    ],
)
def test_names_that_speak_of_people(table: str, column: str, found: bool) -> None:
    assert (personal.named(table, column) is not None) == found


def test_whole_months_are_days_where_the_name_or_the_writing_says_so(tmp_path: Path) -> None:
    path = tmp_path / "till.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE sales (month TEXT, period INTEGER, code INTEGER, price_pence INTEGER)")
    months = [(f"20{year}-{month:02}", 200_000 + year * 100 + month) for year in (23, 24) for month in range(1, 13)]
    connection.executemany("INSERT INTO sales VALUES (?, ?, ?, 5)", [(text, number, number) for text, number in months])
    connection.commit()
    connection.close()
    onboard.add(tmp_path / "home", "till", "sqlite", str(path))
    sales = Catalog.load(tmp_path / "home/catalog.yaml").table("till.sales")
    assert [column.format for column in sales.columns] == ["%Y-%m", "%Y%m", None, None]
    assert sales.column("price_pence").unit == "pence"
