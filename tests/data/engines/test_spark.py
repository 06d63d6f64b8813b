# ruff: noqa: E501 - one query a line
"""Spark gives the rows that DuckDB gives, or says that it can't."""

from __future__ import annotations

import itertools
import time
from decimal import Decimal
from pathlib import Path

import pytest

from data.errors import Invalid, TooExpensive, Unavailable
from data.federation import open_gateway
from data.gateway import Gateway

PROJECTIONS = (
    "id, amount * 2 AS x", "id, amount / 4 AS x", "id, amount / (id - 2) AS x", "id, id % 3 AS x", "id, upper(status) AS x",
    "id, concat(status, '-', NULL, '!') AS x", "id, status || '''\\' AS x", "id, substr(status, 2, 2) AS x",
    "id, CASE WHEN amount > 9 THEN 'much' ELSE 'little' END AS x", "id, nullif(status, 'open') AS x",
    "id, sum(amount) OVER (PARTITION BY status ORDER BY id) AS x", "id, lag(amount) OVER (ORDER BY id) AS x",
    "id, (SELECT max(amount) FROM shop.orders) AS x", "id, CAST(amount AS VARCHAR) AS x",
)  # fmt: skip
FILTERS = ("TRUE", "amount > 7", "status LIKE 'p%'", "id IN (1, 3, 5)", "amount BETWEEN 5 AND 20.5",
           "customer_id IN (SELECT id FROM shop.customers WHERE joined >= DATE '2024-02-01')")  # fmt: skip
WHOLE = (
    "SELECT status, count(*) AS n, sum(amount) AS s, avg(amount) AS a FROM shop.orders GROUP BY status HAVING count(*) > 0",
    "SELECT c.name, c.email, o.amount FROM shop.customers c JOIN shop.orders o ON o.customer_id = c.id",
    "SELECT c.name, count(DISTINCT o.status) AS n FROM shop.customers c LEFT JOIN shop.orders o ON o.customer_id = c.id GROUP BY c.name",
    "WITH big AS (SELECT * FROM shop.orders WHERE amount > 9) SELECT id FROM big UNION ALL SELECT id FROM shop.customers",
    "SELECT id FROM shop.orders EXCEPT SELECT id FROM shop.customers",
    "SELECT id, dayofweek(joined) AS d, date_trunc('month', joined) AS m, strftime(joined, '%Y-%m') AS f FROM shop.customers",
    "SELECT id, email FROM shop.customers ORDER BY email DESC, id LIMIT 3",
)  # fmt: skip
QUERIES = [f"SELECT {p} FROM shop.orders WHERE {f}" for p, f in itertools.product(PROJECTIONS, FILTERS)] + list(WHOLE)


def rows(gateway: Gateway, who: str, sql: str, engine: str) -> list[tuple[object, ...]]:
    found = gateway.query(gateway.policy.principal(who), sql, engine=engine).table.to_pylist()
    return sorted((tuple(_value(value) for value in row.values()) for row in found), key=repr)


def _value(value: object) -> object:
    return f"{float(value):.9g}" if isinstance(value, int | float | Decimal) else value


@pytest.mark.parametrize("who", ["owner", "agent-ca", "seller"])
def test_both_engines_give_the_same_rows(both: Gateway, who: str) -> None:
    asked = [sql for sql in QUERIES if who != "agent-ca" or "joined" not in sql]
    assert len(asked) > 70
    wrong = [sql for sql in asked if rows(both, who, sql, "duckdb") != rows(both, who, sql, "spark")]
    assert wrong == []


def test_a_hashed_column_is_the_same_on_both(both: Gateway) -> None:
    sql = "SELECT email FROM shop.customers"
    assert rows(both, "hasher", sql, "spark") == rows(both, "hasher", sql, "duckdb")


def test_parquet_is_read(both: Gateway) -> None:
    sql = "SELECT * FROM files.visits"
    assert rows(both, "owner", sql, "spark") == rows(both, "owner", sql, "duckdb") != []


@pytest.mark.parametrize("value", ["CAST({} AS DOUBLE)"])
def test_a_condition_that_fails_tells_nothing_of_hidden_rows(both: Gateway, value: str) -> None:
    tried = value.format("CASE WHEN country = 'US' THEN name ELSE '1' END")
    sql = f"SELECT id FROM shop.customers WHERE {tried} = 1"
    assert rows(both, "agent-ca", sql, "spark") == [("1",), ("3",)]


def test_a_value_is_no_text_of_the_query(both: Gateway) -> None:
    value = "o'\\x` OR 1=1 --"
    found = both.query(both.policy.principal("owner"), "SELECT $v AS v", params={"v": value}, engine="spark")
    assert found.table.to_pylist() == [{"v": value}]


@pytest.mark.parametrize("call", ["hash(name)", "median(id)", "CAST(id AS INTEGER)", "substr(name, -1)"])
def test_what_differs_is_refused_by_name(both: Gateway, call: str) -> None:
    with pytest.raises(Invalid, match=r"no equal in Spark.*--engine duckdb") as caught:
        both.query(both.policy.principal("owner"), f"SELECT {call} FROM shop.customers", engine="spark")
    assert call.partition("(")[0].lower()[:6] in caught.value.message


def test_a_view_can_not_be_shadowed(both: Gateway) -> None:
    sql = "WITH lakewright_x AS (SELECT 1 AS id) SELECT id FROM lakewright_x"
    with pytest.raises(Invalid, match="is kept"):
        both.query(both.policy.principal("owner"), sql, engine="spark")


def test_a_store_out_of_reach_names_the_table(both: Gateway) -> None:
    with pytest.raises(Unavailable, match=r"'music\.tracks'.*--engine duckdb"):
        both.query(both.policy.principal("owner"), "SELECT * FROM music.tracks", engine="spark")


def test_a_query_ends_in_time(both: Gateway) -> None:
    began = time.monotonic()
    many = ", ".join(f"shop.orders o{i}" for i in range(14))
    with pytest.raises(TooExpensive, match="longer than"):
        both.query(
            both.policy.principal("owner"), f"SELECT sum(o1.id * o2.id) AS s FROM {many}", timeout=1.0, engine="spark"
        )
    assert time.monotonic() - began < 6


def test_a_server_that_is_not_there_is_named(lakehouse: Path) -> None:
    gateway = open_gateway(lakehouse, threads=1, spark="sc://127.0.0.1:9")
    with pytest.raises(Unavailable, match=r"sc://127\.0\.0\.1:9"):
        gateway.query(gateway.policy.principal("owner"), "SELECT id FROM shop.orders", engine="spark")
    gateway.close()
