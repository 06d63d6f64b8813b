"""What Spark can't do, and what happens when its server goes away."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from data.engines.connect import connect
from data.engines.fence import MOST, WIDEST
from data.engines.translation import spark
from data.errors import Invalid, TooExpensive, Unavailable
from data.federation import open_gateway
from data.gateway import Gateway


def rows(gateway: Gateway, who: str, sql: str, engine: str) -> list[tuple[object, ...]]:
    found = gateway.query(gateway.policy.principal(who), sql, engine=engine).table.to_pylist()
    return sorted((tuple(_value(value) for value in row.values()) for row in found), key=repr)


def _value(value: object) -> object:
    return f"{float(value):.9g}" if isinstance(value, int | float | Decimal) else value


def test_a_hashed_column_is_the_same_on_both(both: Gateway) -> None:
    sql = "SELECT email FROM shop.customers"
    assert rows(both, "hasher", sql, "spark") == rows(both, "hasher", sql, "duckdb")


def test_parquet_is_read(both: Gateway) -> None:
    sql = "SELECT * FROM files.visits"
    assert rows(both, "owner", sql, "spark") == rows(both, "owner", sql, "duckdb") != []


@pytest.mark.parametrize(
    ("condition", "here", "hidden"),
    [
        ("CAST({} AS DOUBLE) = 1", "'1'", "name"),
        ("({}) = 1", "'1'", "name"),
        ("({}) IN (1, 2)", "'1'", "name"),
        ("coalesce({}, 2) = 1", "'1'", "name"),
        ("year({}) = 2024", "'2024-05-01'", "name"),
        ("coalesce(date_diff('day', {}, born), 0) < 1e9", "'2024-05-01'", "name"),
        ("DATE '2024-01-01' >= ({})", "'2024-01-01'", "name"),
        ("c.id / ({}) > least(points, 0.5) OR TRUE", "1", "0"),
        ("({}) > CAST(c.id AS DECIMAL(18, 2)) OR TRUE", "1e0", "1e300"),
        ("({}) * 90000000000000000000000000000000000000 > 1", "CAST(1 AS DECIMAL(38, 0))", "9"),
        ("({}) + INTERVAL 5 DAY > DATE '2024-01-01'", "DATE '2024-01-01'", "DATE '9999-12-31'"),
        ("date_trunc('week', {}) > TIMESTAMP '2000-01-01'", "TIMESTAMP '2024-01-01'", "TIMESTAMP '9999-12-31'"),
        ("CAST(CAST({} AS DOUBLE) AS DECIMAL(3, 0)) = 1", "'1'", "'1e300'"),
        ("sqrt({}) = 1", "1", "-1"),
        ("substr('x', 1, 1) = 'x' AND length({}) = 1", "'1'", "NULL"),
    ],
)
@pytest.mark.parametrize(
    "shape",
    [
        "WHERE {}",
        "JOIN shop.orders o ON o.id = c.id AND {} ORDER BY 1",
        "GROUP BY c.id HAVING min(CASE WHEN {} THEN 1 END) = 1",
    ],
)
def test_a_condition_that_fails_tells_nothing_of_hidden_rows(
    mixed: Gateway, condition: str, here: str, hidden: str, shape: str
) -> None:
    tried = condition.format(f"CASE WHEN country = 'CA' THEN {here} ELSE {hidden} END")
    sql = f"SELECT c.id FROM shop.customers c {shape.format(f'({tried})')}"
    found = mixed.query(mixed.policy.principal("agent-ca"), sql, engine="spark").table.column(0).to_pylist()
    assert sorted(found) == ([1, 7] if "JOIN" in shape else [1, 3, 5, 7])


def test_without_a_fence_a_hidden_row_would_be_seen_in_the_error(mixed: Gateway) -> None:
    sql = "SELECT id FROM shop.customers WHERE (CASE WHEN country = 'CA' THEN '1' ELSE name END) = 1"
    with pytest.raises(Invalid, match="can't run it"):
        mixed.query(mixed.policy.principal("owner"), sql, engine="spark")


@pytest.mark.parametrize("wide", [True, False])
def test_a_limit_is_never_lowered(wide: bool) -> None:
    def text(rows: int, *, lenient: bool = True) -> str:
        tree = sqlglot.parse_one(f"SELECT a FROM (SELECT a FROM t WHERE b) AS t LIMIT {rows}", dialect="duckdb")
        assert isinstance(tree, exp.Query)
        return spark(tree, wide=wide, lenient=lenient)

    assert text(MOST).endswith(f"LIMIT {MOST}")
    assert text(WIDEST).endswith(f"LIMIT {WIDEST}") == wide
    assert text(WIDEST).count("LIMIT") == wide
    if wide:
        assert f"WHERE `b` LIMIT {WIDEST}) AS `t` LIMIT {MOST + 1}" in text(MOST + 1, lenient=False)
        return
    with pytest.raises(Invalid, match=f"A limit of {MOST + 1} is more"):
        text(MOST + 1)
    with pytest.raises(Invalid, match="keep a row filter apart"):
        text(1, lenient=False)


def test_a_value_is_no_text_of_the_query(both: Gateway) -> None:
    value = "o'\\x` OR 1=1 --"
    found = both.query(both.policy.principal("owner"), "SELECT $v AS v", params={"v": value}, engine="spark")
    assert found.table.to_pylist() == [{"v": value}]


@pytest.mark.parametrize(
    "call",
    [
        "hash(name)",
        "median(id)",
        "CAST(id AS INTEGER)",
        "substr(name, -1)",
        "regexp_matches(name, '[[a]')",
        "regexp_matches(name, 'a{')",
        "regexp_matches(name, '(a')",
        "regexp_matches(name, email)",
    ],
)
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
    many = ", ".join(f"shop.orders o{i}" for i in range(14))
    with pytest.raises(TooExpensive, match="longer than"):
        both.query(
            both.policy.principal("owner"), f"SELECT sum(o1.id * o2.id) AS s FROM {many}", timeout=1.0, engine="spark"
        )


def test_a_server_that_is_not_there_is_named(lakehouse: Path) -> None:
    gateway = open_gateway(lakehouse, threads=1, spark="sc://127.0.0.1:9")
    with pytest.raises(Unavailable, match=r"sc://127\.0\.0\.1:9"):
        gateway.query(gateway.policy.principal("owner"), "SELECT id FROM shop.orders", engine="spark")
    gateway.close()


def test_a_materialized_query_is_fenced() -> None:
    tree = sqlglot.parse_one(
        "SELECT * FROM (WITH f AS MATERIALIZED (SELECT a FROM t) SELECT * FROM f) AS x", dialect="duckdb"
    )
    assert isinstance(tree, exp.Query)
    assert f"AS (SELECT `a` FROM `t` LIMIT {WIDEST})" in spark(tree, wide=True, lenient=False)
    assert "LIMIT" not in spark(tree, wide=False, lenient=True)
    assert "MATERIALIZED" not in spark(tree)


def test_sail_tells_what_reaches_the_files(mixed: Gateway) -> None:
    sql = "SELECT id FROM shop.orders WHERE amount > 7 AND status = 'paid'"
    _, (access,) = mixed.explain(mixed.policy.principal("owner"), sql, engine="spark")
    assert (access.table, access.columns) == ("shop.orders", ("id", "amount", "status"))
    assert access.filters == ("amount > 7.00", "status = paid")
    _, (access,) = mixed.explain(mixed.policy.principal("agent-ca"), "SELECT name FROM shop.customers", engine="spark")
    assert access.filters == ("country = CA",)
    _, (access,) = mixed.explain(mixed.policy.principal("owner"), "SELECT id FROM shop.orders LIMIT 2", engine="spark")
    assert (access.columns, access.limit) == (("id",), "store")


def test_an_explanation_has_no_salt(mixed: Gateway) -> None:
    salt = mixed._door().salt
    sql = "SELECT id FROM shop.orders WHERE note = 'x' OR id = 1"
    said = mixed.explain(mixed.policy.principal("seller"), sql, engine="spark")
    assert len(salt) > 20
    assert salt not in repr(said)


def test_the_jvm_tells_what_reaches_the_files(jvm_mixed: Gateway) -> None:
    sql = "SELECT id FROM shop.orders WHERE items > 1"
    _, (access,) = jvm_mixed.explain(jvm_mixed.policy.principal("owner"), sql, engine="spark")
    assert (access.table, access.columns) == ("shop.orders", ("id", "items"))
    assert access.filters == ("IsNotNull(items)", "GreaterThan(items,1)")


def test_threads_share_the_server(both: Gateway) -> None:
    sql = "SELECT name, email FROM shop.customers ORDER BY id"
    people = ["owner", "seller", "agent-ca", "agent-us"] * 10
    expected = {who: rows(both, who, sql, "duckdb") for who in people}
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda who: rows(both, who, sql, "spark"), people))
    assert found == [expected[who] for who in people]


def test_a_session_is_nobody_elses(sail: str) -> None:
    """The active session is a thread's: this thread has none of another test."""
    from pyspark.sql.connect.session import SparkSession

    def opened() -> tuple[bool, Any]:
        server = connect(sail)
        found = server.there(), SparkSession.getActiveSession()
        server.close()
        return found

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(opened).result() == (True, None)


def test_service_comes_back_with_the_server(lakehouse: Path, own_sail: Any) -> None:
    own_sail.start()
    gateway = open_gateway(lakehouse, threads=1, spark=own_sail.address)
    sql = "SELECT name FROM shop.customers"
    expected = rows(gateway, "agent-ca", sql, "duckdb")
    assert rows(gateway, "agent-ca", sql, "spark") == expected
    own_sail.stop()
    for _ in range(2):
        with pytest.raises(Unavailable, match=rf"does not answer at {own_sail.address}.*Start the server"):
            rows(gateway, "agent-ca", sql, "spark")
    assert rows(gateway, "agent-ca", sql, "duckdb") == expected
    own_sail.start()
    assert rows(gateway, "agent-ca", sql, "spark") == expected
    # The same without a query in between: the new server knows none of the old one's views.
    own_sail.stop()
    own_sail.start()
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: rows(gateway, "agent-ca", sql, "spark"), range(8))) == [expected] * 8
    gateway.close()
