"""What people try: each is refused with the right kind of error, or gives only what they may see."""

from __future__ import annotations

import pytest

from data.errors import DataError
from data.gateway import Gateway

SECRETS = ("bank", "music", "files", "iban", "CA12345678", "Bo Finch", "s2", "/etc/passwd", "Traceback")
"""What agent-ca may read in no message and in no row."""

NO_QUERIES = [
    ("PRAGMA database_list", "forbidden"),
    ("PRAGMA table_info('shop.customers')", "forbidden"),
    ("COPY shop.customers TO '/tmp/out.csv'", "forbidden"),
    ("COPY (SELECT 1) TO '/tmp/out.csv'", "forbidden"),
    ("ATTACH '/etc/passwd' AS x", "forbidden"),
    ("DETACH x", "forbidden"),
    ("INSTALL httpfs", "forbidden"),
    ("LOAD httpfs", "forbidden"),
    ("SET enable_external_access = true", "forbidden"),
    ("RESET ALL", "forbidden"),
    ("CREATE TABLE t AS SELECT 1", "forbidden"),
    ("CREATE MACRO f() AS 1", "forbidden"),
    ("CREATE SECRET (TYPE s3)", "forbidden"),
    ("DROP TABLE shop.customers", "forbidden"),
    ("INSERT INTO shop.orders VALUES (1)", "forbidden"),
    ("UPDATE shop.orders SET amount = 0", "forbidden"),
    ("DELETE FROM shop.orders", "forbidden"),
    ("TRUNCATE shop.orders", "forbidden"),
    ("MERGE INTO shop.orders USING shop.customers ON true WHEN MATCHED THEN DELETE", "forbidden"),
    ("ALTER TABLE shop.orders DROP COLUMN amount", "forbidden"),
    ("EXPLAIN SELECT 1", "forbidden"),
    ("EXPLAIN ANALYZE SELECT * FROM shop.customers", "forbidden"),
    ("DESCRIBE shop.customers", "forbidden"),
    ("SUMMARIZE shop.customers", "forbidden"),
    ("SHOW TABLES", "forbidden"),
    ("SHOW ALL TABLES", "forbidden"),
    ("CALL pragma_version()", "forbidden"),
    ("EXECUTE x", "forbidden"),
    ("PREPARE x AS SELECT 1", "forbidden"),
    ("VACUUM", "forbidden"),
    ("CHECKPOINT", "forbidden"),
    ("EXPORT DATABASE '/tmp/x'", "forbidden"),
    ("USE system", "forbidden"),
    ("BEGIN TRANSACTION", "forbidden"),
    ("VALUES (1)", "forbidden"),
    ("PIVOT shop.orders ON status USING sum(amount)", "forbidden"),
    ("SELECT 1; SELECT 2", "forbidden"),
    ("SELECT 1; DROP TABLE shop.customers", "forbidden"),
    ("SELECT * INTO copy FROM shop.customers", "forbidden"),
    ("SELECT * FROM shop.customers FOR UPDATE", "forbidden"),
    ("SELECT * FROM (SHOW ALL TABLES)", "invalid"),
    ("", "invalid"),
    ("   -- nothing\n", "invalid"),
    (";;", "invalid"),
    ("SELECT FROM WHERE", "invalid"),
    ("who are you?", "invalid"),
    ("SELECT 1 + ", "invalid"),
    ("SELECT '" + "x" * 200_000 + "'", "invalid"),
    ("SELECT " + "(" * 3000 + "1" + ")" * 3000, "invalid"),
    ("SELECT ?", "invalid"),
    ("SELECT $1", "invalid"),
    ("SELECT $missing", "invalid"),
    ("SELECT 'a\x00b'", "invalid"),
    ("WITH lakewright_fence_0 AS (SELECT 1) SELECT * FROM lakewright_fence_0", "invalid"),
]

FUNCTIONS = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_csv_auto('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_parquet('files/visits.parquet')",
    "SELECT * FROM parquet_scan('files/visits.parquet')",
    "SELECT * FROM read_json('/etc/passwd')",
    "SELECT * FROM delta_scan('lake/shop/customers')",
    "SELECT * FROM sqlite_scan('music.sqlite', 'tracks')",
    "SELECT * FROM sqlite_query('~music', 'select * from tracks')",
    "SELECT * FROM postgres_query('~bank', 'select * from accounts')",
    "SELECT * FROM postgres_scan('', 'public', 'accounts')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('shop.customers')",
    "SELECT * FROM duckdb_tables()",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_views()",
    "SELECT * FROM pragma_table_info('x')",
    "SELECT * FROM json_execute_serialized_sql('{}')",
    "SELECT * FROM system.main.duckdb_tables()",
    "SELECT * FROM arrow_scan(1, 2, 3)",
    "SELECT getenv('HOME')",
    "SELECT GetEnv('HOME')",
    "SELECT \"getenv\"('HOME')",
    "SELECT system.main.getenv('HOME')",
    "SELECT current_setting('home_directory')",
    "SELECT nextval('s')",
    "SELECT error('x')",
    "SELECT getvariable('x')",
    "SELECT sleep_ms(10000)",
    "SELECT pg_sleep(10)",
    "SELECT write_log('x')",
    "SELECT current_query()",
    "SELECT current_schemas(true)",
    "SELECT version()",
    "SELECT json_serialize_sql('SELECT 1')",
    "SELECT no_such_function(1)",
    "SELECT id FROM shop.customers WHERE getenv('HOME') = 'x'",
    "SELECT id FROM shop.customers ORDER BY getenv('HOME')",
    "SELECT id FROM shop.customers LIMIT length(getenv('HOME'))",
    "SELECT list_transform([1], lambda x: getenv('HOME'))",
    "SELECT [getenv('HOME') FOR x IN [1]]",
    "SELECT * REPLACE (getenv('HOME') AS name) FROM shop.customers",
    "SELECT sum(length(getenv('HOME'))) OVER () FROM shop.customers",
    "SELECT count(*) FILTER (WHERE getenv('HOME') = '') FROM shop.customers",
    "SELECT 'HOME'.getenv()",
    "SELECT list_aggregate([1], 'getenv')",
]

HIDDEN = [
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM '/etc/passwd.csv'",
    'SELECT * FROM "files/visits.parquet"',
    "SELECT * FROM bank.accounts",
    "SELECT * FROM no_such.table_at_all",
    "SELECT * FROM BANK.ACCOUNTS",
    'SELECT * FROM "Bank"."Accounts"',
    "SELECT * FROM bank.public.accounts",
    'SELECT * FROM "~bank".public.accounts',
    'SELECT * FROM "~"."shop.customers@0"',
    'SELECT * FROM "~shop.customers@0"."~shop.customers@0"',
    "SELECT * FROM customers",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM pg_catalog.pg_tables",
    "SELECT * FROM duckdb_tables",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM system.information_schema.columns",
    "TABLE bank.accounts",
    "FROM bank.accounts",
    "FROM bank.accounts SELECT count(*)",
    "SELECT (SELECT max(iban) FROM bank.accounts)",
    "SELECT id FROM shop.customers WHERE id IN (SELECT customer_id FROM bank.accounts)",
    "SELECT id FROM shop.customers c WHERE EXISTS (SELECT 1 FROM bank.accounts WHERE customer_id = c.id)",
    "SELECT id FROM shop.customers GROUP BY id HAVING max(id) > (SELECT max(id) FROM bank.accounts)",
    "SELECT id FROM shop.customers QUALIFY row_number() OVER () < (SELECT max(id) FROM bank.accounts)",
    "SELECT id FROM shop.customers ORDER BY (SELECT max(id) FROM bank.accounts)",
    "SELECT id FROM shop.customers LIMIT (SELECT count(*) FROM bank.accounts)",
    "SELECT id FROM shop.customers LIMIT 1 OFFSET (SELECT count(*) FROM bank.accounts)",
    "SELECT c.id FROM shop.customers c JOIN bank.accounts a ON a.customer_id = c.id",
    "SELECT c.id FROM shop.customers c JOIN shop.orders o ON o.id = (SELECT max(id) FROM bank.accounts)",
    "SELECT c.id FROM shop.customers c, LATERAL (SELECT iban FROM bank.accounts WHERE customer_id = c.id) x",
    "SELECT id FROM shop.customers POSITIONAL JOIN bank.accounts",
    "SELECT id FROM shop.customers UNION ALL SELECT id FROM bank.accounts",
    "SELECT id FROM shop.customers EXCEPT SELECT id FROM bank.accounts",
    "WITH x AS (SELECT * FROM bank.accounts) SELECT * FROM x",
    "WITH accounts AS (SELECT 1) SELECT * FROM bank.accounts",
    "WITH x AS (WITH y AS (SELECT * FROM bank.accounts) SELECT * FROM y) SELECT 1 FROM x",
    "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r, bank.accounts WHERE n < 3) SELECT * FROM r",
    "SELECT * FROM (WITH duckdb_tables AS (SELECT 1) SELECT 1) UNION SELECT * FROM duckdb_tables",
    "SELECT CASE WHEN (SELECT count(*) FROM bank.accounts) > 0 THEN 1 END",
    "SELECT [(SELECT max(iban) FROM bank.accounts)]",
    "SELECT {'a': (SELECT max(iban) FROM bank.accounts)}",
    "SELECT sum(amount) FILTER (WHERE id IN (SELECT id FROM bank.accounts)) FROM shop.orders",
    "SELECT sum(amount) OVER (ORDER BY (SELECT max(id) FROM bank.accounts)) FROM shop.orders",
    "SELECT * FROM shop.customers WHERE id = ANY (SELECT id FROM bank.accounts)",
    "SELECT * FROM unnest((SELECT list(iban) FROM bank.accounts))",
    "SELECT * FROM range((SELECT count(*) FROM bank.accounts))",
    "SELECT * FROM (VALUES ((SELECT max(iban) FROM bank.accounts))) v(a)",
    "SELECT secret FROM shop.customers",
    "SELECT c.secret FROM shop.customers c",
    "SELECT shop.customers.secret FROM shop.customers",
    'SELECT "SECRET" FROM shop.customers',
    "SELECT id FROM shop.customers WHERE secret = 's2'",
    "SELECT id FROM shop.customers ORDER BY secret",
    "SELECT count(*) FROM shop.customers GROUP BY secret",
    "SELECT * EXCLUDE (id), secret FROM shop.customers",
    "SELECT o.id FROM shop.orders o JOIN shop.customers c ON c.secret = 's2'",
    "SELECT (SELECT c.secret FROM shop.customers c WHERE c.id = o.customer_id) FROM shop.orders o",
    "SELECT * FROM shop.orders AT (VERSION => 0)",
    "SELECT * FROM (DESCRIBE shop.customers)",
    "SELECT * FROM (SUMMARIZE shop.customers)",
    "SELECT * FROM (PIVOT shop.orders ON status USING sum(amount))",
]

CANADA = [("Ada Lark",), ("Cy Wren",)]
FILTERED = [
    ("SELECT name FROM shop.customers ORDER BY 1", CANADA),
    ("SELECT NAME FROM SHOP.CUSTOMERS ORDER BY 1", CANADA),
    ('SELECT "Name" FROM "Shop"."Customers" ORDER BY 1', CANADA),
    ("FROM shop.customers SELECT name ORDER BY 1", CANADA),
    ("SELECT name FROM shop.main.customers ORDER BY 1", CANADA),
    ("SELECT shop.customers.name FROM shop.customers ORDER BY 1", CANADA),
    ("SELECT customers.name FROM shop.customers ORDER BY 1", CANADA),
    ("SELECT c.name FROM shop.customers AS c WHERE true OR country = 'US' ORDER BY 1", CANADA),
    ("SELECT name FROM shop.customers WHERE country = 'US'", []),
    ("WITH x AS (SELECT * FROM shop.customers) SELECT name FROM x ORDER BY 1", CANADA),
    ("WITH customers AS (SELECT * FROM shop.customers) SELECT name FROM customers ORDER BY 1", CANADA),
    ("WITH customers AS (SELECT 'fake' AS name) SELECT name FROM shop.customers ORDER BY 1", CANADA),
    ("WITH customers AS (SELECT 'fake' AS name) SELECT name FROM customers", [("fake",)]),
    ("WITH a AS (SELECT 1 AS n), b AS (SELECT n + 1 AS n FROM a) SELECT a.n + b.n FROM a, b", [(3,)]),
    (
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT sum(n) FROM r",
        [(6,)],
    ),
    (
        "SELECT c FROM shop.customers c WHERE id = 1",
        [({"id": 1, "name": "Ada Lark", "email": "a***@example.com", "country": "CA"},)],
    ),
    ("SELECT email FROM shop.customers ORDER BY 1", [("a***@example.com",), ("c***@example.org",)]),
    ("SELECT id FROM shop.customers WHERE email = 'ada@example.com'", []),
    ("SELECT id FROM shop.customers WHERE email LIKE 'ad%'", []),
    ("SELECT max(email) FROM shop.customers", [("c***@example.org",)]),
    ("SELECT count(*) FROM shop.customers GROUP BY email HAVING email = 'ada@example.com'", []),
    (
        "SELECT a.email FROM shop.customers a JOIN shop.customers b USING (email) WHERE a.id = 1",
        [("a***@example.com",)],
    ),
    ("SELECT COLUMNS('ema.*') FROM shop.customers WHERE id = 1", [("a***@example.com",)]),
    ("SELECT COLUMNS(c -> c LIKE 'e%') FROM shop.customers WHERE id = 1", [("a***@example.com",)]),
    ("SELECT * FROM shop.customers WHERE id = 1", [(1, "Ada Lark", "a***@example.com", "CA")]),
    (
        "SELECT c.* FROM shop.orders o JOIN shop.customers c ON o.customer_id = c.id WHERE o.id = 1",
        [(1, "Ada Lark", "a***@example.com", "CA")],
    ),
    ("SELECT * EXCLUDE (email) FROM shop.customers WHERE id = 1", [(1, "Ada Lark", "CA")]),
    ("SELECT count(*) FROM shop.orders", [(3,)]),
    ("SELECT count(*) FROM shop.orders WHERE customer_id = 2", [(0,)]),
    ("SELECT (SELECT count(*) FROM shop.customers)", [(2,)]),
    (
        "SELECT count(*) FROM shop.orders o WHERE EXISTS (SELECT 1 FROM shop.customers c WHERE c.id = o.customer_id)",
        [(3,)],
    ),
    ("SELECT count(*) FROM shop.orders WHERE customer_id NOT IN (SELECT id FROM shop.customers)", [(0,)]),
    (
        "SELECT x.name FROM shop.orders o, LATERAL (SELECT name FROM shop.customers WHERE id = "
        "o.customer_id) x WHERE o.id = 4",
        [("Cy Wren",)],
    ),
    ("SELECT count(*) FROM shop.customers c FULL JOIN shop.orders o ON c.id = o.customer_id", [(3,)]),
    ("SELECT name FROM shop.customers QUALIFY row_number() OVER (ORDER BY id DESC) = 1", [("Cy Wren",)]),
    ("SELECT count(*) FROM (SELECT id FROM shop.customers UNION SELECT id FROM shop.orders)", [(4,)]),
    ("SELECT count(*) FROM shop.customers TABLESAMPLE 100%", [(2,)]),
    ("SELECT n FROM range(3) t(n) ORDER BY 1", [(0,), (1,), (2,)]),
    ("SELECT a FROM (VALUES (1), (2)) v(a) ORDER BY a", [(1,), (2,)]),
    ("SELECT unnest([1, 2]) AS n ORDER BY 1", [(1,), (2,)]),
    ("SELECT list_transform([1, 2], lambda x: x + 1)", [([2, 3],)]),
    ("SELECT a FROM shop.customers c(a) WHERE a = 3", [(3,)]),
    # A condition that fails on a hidden row must not tell that the row is there.
    (
        "SELECT id FROM shop.customers WHERE CASE WHEN name = 'Bo Finch' THEN CAST(name AS INT) = 1 ELSE false END",
        [],
    ),
    (
        "SELECT id FROM shop.orders WHERE CASE WHEN amount = 5 THEN CAST('x' || status AS INT) = 1 ELSE false END",
        [],
    ),
]


def rows(gateway: Gateway, name: str, sql: str) -> list[tuple[object, ...]]:
    result = gateway.query(gateway.policy.principal(name), sql)
    columns = [column.to_pylist() for column in result.table.columns]
    return list(zip(*columns, strict=True))


def refusal(gateway: Gateway, name: str, sql: str) -> DataError:
    with pytest.raises(DataError) as caught:
        gateway.query(gateway.policy.principal(name), sql)
    return caught.value


@pytest.mark.parametrize("name", ["owner", "agent-ca"])
@pytest.mark.parametrize(("sql", "kind"), NO_QUERIES)
def test_only_one_select_is_run(gateway: Gateway, name: str, sql: str, kind: str) -> None:
    assert refusal(gateway, name, sql).kind == kind


@pytest.mark.parametrize("name", ["owner", "agent-ca"])
@pytest.mark.parametrize("sql", FUNCTIONS)
def test_functions_are_refused_unless_allowed(gateway: Gateway, name: str, sql: str) -> None:
    assert refusal(gateway, name, sql).kind in {"forbidden", "invalid"}


@pytest.mark.parametrize("sql", FUNCTIONS[:-2])
def test_the_refusal_of_a_function_is_forbidden(gateway: Gateway, sql: str) -> None:
    assert refusal(gateway, "owner", sql).kind == "forbidden"


@pytest.mark.parametrize("sql", HIDDEN)
def test_what_is_not_granted_is_forbidden_and_unconfirmed(gateway: Gateway, sql: str) -> None:
    error = refusal(gateway, "agent-ca", sql)
    assert error.kind == "forbidden"
    assert not [secret for secret in SECRETS if secret in str(error) and secret not in sql]


@pytest.mark.parametrize(("sql", "expected"), FILTERED)
def test_only_granted_rows_and_masked_values_come_out(
    gateway: Gateway, sql: str, expected: list[tuple[object, ...]]
) -> None:
    assert rows(gateway, "agent-ca", sql) == expected


@pytest.mark.parametrize("sql", ["SELECT * FROM shop.customers", "SELECT * FROM bank.accounts", "SELECT * FROM no.no"])
def test_nobody_sees_nothing(gateway: Gateway, sql: str) -> None:
    assert refusal(gateway, "nobody", sql).kind == "forbidden"


def test_unseen_and_missing_tables_give_the_same_message(gateway: Gateway) -> None:
    unseen = refusal(gateway, "agent-ca", "SELECT * FROM bank.accounts")
    missing = refusal(gateway, "agent-ca", "SELECT * FROM bonk.accounts")
    assert str(unseen).replace("bank", "bonk") == str(missing)


def test_who_sees_all_is_told_that_a_table_is_missing(gateway: Gateway) -> None:
    error = refusal(gateway, "owner", "SELECT * FROM shop.custommers")
    assert error.kind == "not_found"
    assert "shop.customers" in error.remedy


def test_near_names_are_visible_ones_only(gateway: Gateway) -> None:
    error = refusal(gateway, "agent-ca", "SELECT secert FROM shop.customers")
    assert error.kind == "invalid"
    assert "secret" not in str(error)


def test_each_principal_has_rows_of_its_own(gateway: Gateway) -> None:
    sql = "SELECT name FROM shop.customers ORDER BY 1"
    assert rows(gateway, "agent-us", sql) == [("Bo Finch",)]
    assert rows(gateway, "agent-ca", sql) == CANADA
    assert rows(gateway, "seller", sql) == [("A***",), ("B***",), ("C***",), ("D***",)]
    assert len(rows(gateway, "owner", sql)) == 4


def test_an_attribute_is_a_value_and_never_sql(gateway: Gateway) -> None:
    from dataclasses import replace

    agent = gateway.policy.principal("agent-ca")
    sly = replace(agent, attributes={"country": "CA' OR 'a' = 'a"})
    assert gateway.query(sly, "SELECT * FROM shop.customers").table.num_rows == 0


def test_hashes_join_and_hide(gateway: Gateway) -> None:
    sql = "SELECT count(*) FROM shop.customers a JOIN shop.customers b ON a.email = b.email"
    assert rows(gateway, "hasher", sql) == [(3,)]
    guess = "SELECT count(*) FROM shop.customers WHERE email = left(sha256('ada@example.com'), 16)"
    assert rows(gateway, "hasher", guess) == [(0,)]
    masked = rows(gateway, "hasher", "SELECT DISTINCT typeof(id), secret, joined FROM shop.customers")
    assert masked == [("VARCHAR", None, None)]


def test_the_salt_of_hashes_is_out_of_reach(gateway: Gateway) -> None:
    sql = "SELECT $lakewright_salt, email FROM shop.customers"
    assert refusal(gateway, "hasher", sql).kind == "invalid"
    principal = gateway.policy.principal("hasher")
    with pytest.raises(DataError) as caught:
        gateway.query(principal, sql, params={"lakewright_salt": "mine"})
    assert caught.value.kind == "invalid"
