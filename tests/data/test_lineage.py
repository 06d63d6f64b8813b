"""Where each output column comes from: by hand for each construct, and against marked values for random
queries."""

from __future__ import annotations

import re
import timeit
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from data.catalog import Column, Table
from data.errors import DataError
from data.federation import open_gateway
from data.gateway import Gateway
from data.gateway.flow import flow, named

A = "shop.customers."
B = "shop.orders."
V = "files.visits."
EVERY = {f"{A}{name}" for name in ("id", "name", "email", "country", "secret", "joined")}

CASES: list[tuple[str, dict[str, set[str]]]] = [
    ("SELECT name AS n, id + 1 AS m FROM shop.customers", {"n": {A + "name"}, "m": {A + "id"}}),
    ("SELECT country, count(*), sum(id) FROM shop.customers GROUP BY ALL",
     {"country": {A + "country"}, "count_star()": set(), "sum(id)": {A + "id"}}),
    ("FROM shop.orders", {name: {B + name} for name in ("id", "customer_id", "amount", "status")}),
    ("SELECT * EXCLUDE (id, amount) REPLACE (upper(status) AS status) RENAME (customer_id AS c) FROM shop.orders",
     {"c": {B + "customer_id"}, "status": {B + "status"}}),
    ("SELECT o.* EXCLUDE (amount, status), c.name FROM shop.orders o JOIN shop.customers c ON c.id = o.customer_id",
     {"id": {B + "id"}, "customer_id": {B + "customer_id"}, "name": {A + "name"}}),
    ("SELECT amount AS a, a * 2 AS b FROM shop.orders", {"a": {B + "amount"}, "b": {B + "amount"}}),
    ("SELECT x.q FROM (SELECT id + amount AS q, status FROM shop.orders) x", {"q": {B + "id", B + "amount"}}),
    ("WITH o(p, q) AS (SELECT id, status FROM shop.orders), r AS (SELECT q AS z FROM o) SELECT z FROM r",
     {"z": {B + "status"}}),
    ("WITH RECURSIVE r(n, m) AS (SELECT id, customer_id FROM shop.orders UNION ALL SELECT m, n + 1 FROM r WHERE n < 0) "
     "SELECT n FROM r", {"n": {B + "id", B + "customer_id"}}),
    ("SELECT name FROM shop.customers UNION ALL SELECT status FROM shop.orders",
     {"name": {A + "name", B + "status"}}),
    ("SELECT id, status FROM shop.orders UNION BY NAME SELECT name AS status FROM shop.customers",
     {"id": {B + "id"}, "status": {B + "status", A + "name"}}),
    ("SELECT id FROM shop.customers EXCEPT SELECT customer_id FROM shop.orders", {"id": {A + "id"}}),
    ("SELECT id, page FROM shop.customers JOIN files.visits USING (id)",
     {"id": {A + "id", V + "id"}, "page": {V + "page"}}),
    ("SELECT o.status, v.* FROM shop.orders o NATURAL JOIN files.visits v",
     {"status": {B + "status"}, "id": {V + "id"}, "customer_id": {V + "customer_id"}, "page": {V + "page"}}),
    ("SELECT * FROM shop.orders SEMI JOIN files.visits ON visits.customer_id = orders.customer_id",
     {name: {B + name} for name in ("id", "customer_id", "amount", "status")}),
    ("SELECT id, (SELECT max(amount) FROM shop.orders o WHERE o.customer_id = c.id) AS m FROM shop.customers c",
     {"id": {A + "id"}, "m": {B + "amount"}}),
    ("SELECT EXISTS (SELECT 1 FROM shop.orders o WHERE o.status = c.country) AS e FROM shop.customers c",
     {"e": {A + "country", B + "status"}}),
    ("SELECT EXISTS (SELECT 1 FROM (SELECT * FROM shop.orders) q WHERE q.id = 1) AS e FROM shop.customers",
     {"e": {B + "id"}}),
    ("SELECT c.country IN (SELECT status FROM shop.orders) AS e FROM shop.customers c",
     {"e": {A + "country", B + "status"}}),
    ("SELECT CASE WHEN id > 1 THEN name ELSE country END AS v FROM shop.customers",
     {"v": {A + "id", A + "name", A + "country"}}),
    ("SELECT sum(amount) FILTER (WHERE status = 'paid') AS s FROM shop.orders", {"s": {B + "amount", B + "status"}}),
    ("SELECT sum(amount) OVER w AS s FROM shop.orders WINDOW w AS (PARTITION BY status)",
     {"s": {B + "amount", B + "status"}}),
    ("SELECT list_transform([amount], x -> x + id) AS l, [y * 2 FOR y IN [id] IF y > 1] AS m FROM shop.orders",
     {"l": {B + "amount", B + "id"}, "m": {B + "id"}}),
    ("SELECT c AS whole FROM (SELECT id, name FROM shop.customers) c", {"whole": {A + "id", A + "name"}}),
    ("SELECT s.a.b AS v FROM (SELECT {'a': {'b': name}} AS s FROM shop.customers)", {"v": {A + "name"}}),
    ("SELECT u.x FROM shop.customers c, unnest([c.name, c.country]) AS u(x)", {"x": {A + "name", A + "country"}}),
    ("SELECT l.x FROM shop.customers c, LATERAL (SELECT upper(c.name) AS x) l", {"x": {A + "name"}}),
    ("SELECT v.p, name FROM shop.customers, (VALUES (1, 2)) v(p, q)", {"p": set(), "name": {A + "name"}}),
    ("SELECT a.id, b.name AS id FROM shop.customers a JOIN shop.customers b ON a.id = b.id",
     {"id": {A + "id", A + "name"}}),
    ("SELECT shop.orders.status FROM shop.orders", {"status": {B + "status"}}),
    ("SELECT count(*) AS n FROM shop.customers WHERE name = 'x' ORDER BY 1", {"n": set()}),
    ("SELECT COLUMNS('id|name') FROM shop.customers", {"id": EVERY, "name": EVERY}),
    ("SELECT * FROM (shop.orders JOIN files.visits USING (id)) WHERE status = 'none'", {}),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "expected"), CASES)
def test_the_origins_of_each_output(gateway: Gateway, sql: str, expected: dict[str, set[str]]) -> None:
    result = gateway.query(gateway.policy.principal("owner"), sql)
    read = set(result.lineage)
    if not expected:
        # What the walk does not know comes from everything that is read.
        expected = dict.fromkeys(result.table.column_names, read)
    assert {name: set(origins) for name, origins in result.flow.items()} == expected
    assert all(set(origins) <= read for origins in result.flow.values())


def test_masks_and_row_filters_hide_no_origin(gateway: Gateway) -> None:
    agent = gateway.policy.principal("agent-ca")
    result = gateway.query(agent, "SELECT email AS e, * FROM shop.customers")
    assert result.flow["e"] == (A + "email",)
    assert set(result.flow) == {"e", "id", "name", "email", "country"}
    record = gateway.audit.tail(1)[0]
    assert record.lineage == {name: list(origins) for name, origins in result.flow.items()}


def test_what_is_only_read_stands_apart(gateway: Gateway) -> None:
    owner = gateway.policy.principal("owner")
    gateway.query(owner, "SELECT name FROM shop.customers WHERE secret <> '' ORDER BY joined")
    assert gateway.audit.tail(1)[0].lineage == {"name": [A + "name"], "": [A + "joined", A + "secret"]}


def test_a_query_that_failed_has_read_but_given_nothing(gateway: Gateway) -> None:
    with pytest.raises(DataError):
        gateway.query(gateway.policy.principal("owner"), "SELECT CAST(name AS INTEGER) FROM shop.customers")
    assert gateway.audit.tail(1)[0].lineage == {"": [A + "name"]}


def test_other_columns_than_the_engine_gives_are_not_trusted() -> None:
    found = (("a", frozenset({"s.t.x"})),)
    assert named(found, ["a"], ["s.t.x", "s.t.y"]) == {"a": ("s.t.x",)}
    assert named(found, ["b"], ["s.t.x", "s.t.y"]) == {"b": ("s.t.x", "s.t.y")}
    assert named(found, ["a", "b"], ["s.t.x"]) == {"a": ("s.t.x",), "b": ("s.t.x",)}


def test_it_costs_less_than_parsing() -> None:
    sql = """
        WITH paid AS (SELECT customer_id, sum(amount) AS total FROM shop.orders WHERE status = 'paid' GROUP BY 1)
        SELECT c.country, count(*) AS n, sum(p.total) AS total, max(c.name) AS last
        FROM shop.customers c JOIN paid p ON p.customer_id = c.id WHERE c.joined > '2024-01-01'
        GROUP BY c.country HAVING sum(p.total) > 10 ORDER BY total DESC LIMIT 10
    """
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    tables = {
        "orders": Table("shop", "orders", columns=tuple(Column(n, "INT") for n in ("customer_id", "amount", "status"))),
        "customers": Table("shop", "customers", columns=tuple(Column(n, "INT") for n in ("id", "country", "name"))),
    }
    references = [(node, tables[node.name]) for node in tree.find_all(exp.Table) if node.db]
    assert isinstance(tree, exp.Query)
    assert flow(tree, references) is not None
    parsing = timeit.repeat(lambda: sqlglot.parse_one(sql, dialect="duckdb"), number=1, repeat=50)
    assert min(timeit.repeat(lambda: flow(tree, references), number=1, repeat=50)) < min(parsing)


# Each cell says which column it is from, and expressions only join texts: the rows themselves tell the origins.
MARKED = {"t": ("a", "b", "c"), "u": ("a", "x", "y"), "v": ("b", "y", "z")}


@st.composite
def selects(draw: Any, depth: int = 2) -> tuple[str, list[str]]:
    """SQL with the names of its columns."""
    source, columns = draw(relations(depth))
    if draw(st.booleans()) and len(set(columns)) == len(columns):
        if draw(st.booleans()) and len(columns) > 1:
            gone = draw(st.sampled_from(columns))
            return f"SELECT * EXCLUDE ({gone}) FROM {source}", [name for name in columns if name != gone]
        return f"SELECT * FROM {source}", columns
    unique = [name for name in columns if columns.count(name) == 1]
    if not unique:
        return f"SELECT 'x' AS k FROM {source}", ["k"]
    names = draw(st.lists(st.sampled_from("pqrs"), min_size=1, max_size=3, unique=True))
    items = []
    for name in names:
        parts = draw(st.lists(st.sampled_from(unique), min_size=1, max_size=2))
        text = f"concat({', '.join(parts)})" if draw(st.booleans()) else f"max({parts[0]}) OVER ()"
        items.append(f"{text} AS {name}")
    return f"SELECT {', '.join(items)} FROM {source}", names


@st.composite
def relations(draw: Any, depth: int) -> tuple[str, list[str]]:
    """What stands after FROM, with the columns that it offers."""
    kinds = ["table", "sub", "union", "cte", "cross", "using"] if depth else ["table"]
    kind = draw(st.sampled_from(kinds))
    if kind == "table":
        name = draw(st.sampled_from(sorted(MARKED)))
        return f"m.{name}", list(MARKED[name])
    if kind == "using":
        left, right = draw(st.sampled_from([("t", "u"), ("t", "v"), ("u", "v")]))
        (shared,) = set(MARKED[left]) & set(MARKED[right])
        columns = [*MARKED[left], *(name for name in MARKED[right] if name != shared)]
        return f"m.{left} LEFT JOIN m.{right} USING ({shared})", columns
    sql, columns = draw(selects(depth - 1))
    if kind == "sub":
        return f"({sql}) s1", columns
    if kind == "cte":
        return f"(WITH w AS ({sql}) SELECT * FROM w) s2", columns
    other, others = draw(selects(depth - 1))
    if kind == "union" and len(others) == len(columns):
        return f"({sql} UNION ALL {other}) s3", columns
    return f"({sql}) s4, ({other}) s5", columns + others


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Gateway:
    home: Path = tmp_path_factory.mktemp("marked")
    lines = ["version: 1", "sources:", "  - name: m", "    kind: parquet", "    location: m", "    tables:"]
    (home / "m").mkdir()
    for table, columns in MARKED.items():
        lines += [f"      - name: {table}", "        columns:"]
        lines += [f"          - {{name: {name}, type: VARCHAR}}" for name in columns]
        pq.write_table(pa.table({name: [f"<m.{table}.{name}>"] for name in columns}), home / f"m/{table}.parquet")
    (home / "catalog.yaml").write_text("\n".join(lines), encoding="utf-8")
    return open_gateway(home, threads=1)


@settings(max_examples=80, deadline=None)
@given(made=selects())
def test_no_value_comes_from_elsewhere(marked: Gateway, made: tuple[str, list[str]]) -> None:
    sql, _ = made
    result = marked.query(marked.policy.principal("owner"), sql)
    for name in set(result.table.column_names):
        cells = [
            value
            for column, values in zip(result.table.column_names, result.table.columns, strict=True)
            for value in values.to_pylist()
            if column == name and value
        ]
        marks = {mark for cell in cells for mark in re.findall("<([^>]+)>", cell)}
        assert marks <= set(result.flow[name])
        assert set(result.flow[name]) <= set(result.lineage)


def test_the_walk_and_duckdb_agree_about_stars() -> None:
    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA m; CREATE TABLE m.t (a INT, b INT); CREATE TABLE m.u (a INT, c INT, b INT)")
    tables = {"t": ("a", "b"), "u": ("a", "c", "b")}
    made = {name: Table("m", name, columns=tuple(Column(c, "INT") for c in tables[name])) for name in tables}
    for join in (
        "JOIN m.u USING (a)",
        "NATURAL JOIN m.u",
        ", m.u",
        "FULL JOIN m.u USING (b, a)",
        "ANTI JOIN m.u USING (a)",
    ):
        sql = f"SELECT * FROM m.t {join}"
        tree = sqlglot.parse_one(sql, dialect="duckdb")
        assert isinstance(tree, exp.Query)
        found = flow(tree, [(node, made[node.name]) for node in tree.find_all(exp.Table)])
        assert found is not None
        assert [name for name, _ in found] == [name for name, *_ in connection.execute(sql).description or ()]
