"""Random nestings of hostile fragments: nothing hidden comes out, and nothing but a DataError is raised."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

TABLES = ("shop.customers", "shop.orders", "shop.main.customers", "SHOP.ORDERS", '"shop"."customers"')
HIDDEN = ("bank.accounts", "music.tracks", "duckdb_views", '"~"."shop.customers@0"', "'x.parquet'", "pg_class")
COLUMNS = ("id", "name", "email", "country", "secret", "joined", "status", "amount", "customer_id", "iban", "c", "*")
WORDS = ("'US'", "'B%'", "2", "NULL", "''", "1000", "$$x$$", "DATE '1987-02-01'", "true", "-1")
UNARY = ("length", "lower", "hash", "typeof", "max", "count", "to_json", "getenv", "list", "sum", "try", "NOT ", "-")
CASTS = ("INT", "VARCHAR", "DATE", "TINYINT", '"oid"', "INT[]", "BOOLEAN")
BINARY = ("=", "<>", "<", "AND", "OR", "||", "+", "LIKE", "/", "IS DISTINCT FROM", "->>")
JOINS = (", ", " NATURAL JOIN ", " CROSS JOIN ", " POSITIONAL JOIN ", " JOIN LATERAL ", " SEMI JOIN ", " ASOF JOIN ")
ENDS = ("", " USING (id)", " ON true", " USING (secret)", " ON c.id = d.id")
TAILS = (
    "",
    " ORDER BY 1",
    " ORDER BY ALL",
    " LIMIT 2",
    " GROUP BY ALL",
    " QUALIFY row_number() OVER (ORDER BY secret) = 1",
    " UNION ALL SELECT * FROM shop.customers",
    " EXCEPT SELECT id FROM shop.orders",
    " -- /*",
    " /* secret */",
    ";",
    " OFFSET 1",
    " TABLESAMPLE 100%",
)


def _values(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions over `inner` ones. Lambdas are left out: that they run over hidden rows is known."""
    return st.one_of(
        st.tuples(st.sampled_from(UNARY), inner).map(lambda t: f"{t[0]}({t[1]})"),
        st.tuples(inner, st.sampled_from(BINARY), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(inner, st.sampled_from(CASTS)).map(lambda t: f"CAST({t[0]} AS {t[1]})"),
        st.tuples(inner, inner, inner).map(lambda t: f"CASE WHEN {t[0]} THEN {t[1]} ELSE {t[2]} END"),
        inner.map(lambda v: f"{{'a': {v}}}"),
        inner.map(lambda v: f"max({v}) OVER (ORDER BY id)"),
    )


leaf = st.one_of(st.sampled_from(COLUMNS), st.sampled_from(COLUMNS).map("c.{}".format), st.sampled_from(WORDS))
value = st.recursive(leaf, _values, max_leaves=6)


def _select(source: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    parts = st.tuples(value, source, value, st.sampled_from(TAILS), st.booleans())
    return parts.map(lambda t: f"SELECT {t[0]} AS x FROM {t[1]} AS c" + f" WHERE {t[2]}" * t[4] + t[3])


def _sources(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    joined = st.tuples(inner, st.sampled_from(JOINS), inner, st.sampled_from(ENDS))
    return st.one_of(
        _select(inner).map(lambda s: f"({s})"),
        joined.map(lambda t: f"(SELECT * FROM {t[0]} AS c{t[1]}{t[2]} AS d{t[3]})"),
        inner.map(lambda s: f"(WITH duckdb_tables AS (FROM {s}) FROM duckdb_tables)"),
        inner.map(lambda s: f"(SELECT * EXCLUDE (id) FROM {s})"),
    )


table = st.one_of(st.sampled_from(TABLES), st.sampled_from(TABLES), st.sampled_from(TABLES + HIDDEN))
statement = _select(st.recursive(table, _sources, max_leaves=3))


@settings(derandomize=True, max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(sql=statement)
def test_random_nestings_show_nothing_hidden(vault: Any, sql: str) -> None:
    for name in ("agent-ca", "seller"):
        assert vault.leaks(name, sql) == []
        assert vault.differs(name, sql) == ""
