"""Filters, columns and limits reach the stores, and those of the policy with them."""

from __future__ import annotations

import pytest

from data.engines.base import Access
from data.gateway import Gateway


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
