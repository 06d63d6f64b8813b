"""Statements that are too deep, too long or no text at all, parameters, dirty stores, and memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from data.errors import DataError, TooExpensive
from data.federation import open_gateway
from data.gateway import Gateway

DEEP = [
    "SELECT " + "(" * 500 + "1" + ")" * 500,
    "SELECT " + "[" * 400 + "1" + "]" * 400,
    "SELECT " + "f(" * 300 + "1" + ")" * 300,
    "SELECT " + "NOT " * 20_000 + "true",
    "SELECT " + "- " * 20_000 + "1",
    "SELECT " + "CASE WHEN true THEN " * 200 + "1" + " END" * 200,
    "SELECT * FROM " + "(SELECT * FROM " * 200 + "range(2)" + ")" * 200,
    "SELECT 1 WHERE 1 IN (" + ",".join("1" * 2000) + ")",
    "SELECT 1 " + "UNION ALL SELECT 1 " * 100,
    "SELECT " + "9" * 5000,
    "SELECT 1e999999999999",
    "SELECT 1 LIMIT " + "9" * 5000,
    "SELECT 1 LIMIT -1",
    "SELECT 1 LIMIT 1e400",
    "SELECT 1 OFFSET -1",
    "SELECT 1 LIMIT NULL",
    "SELECT 1 LIMIT 'a'",
    "SELECT \ufeff1",
    "\ufeffSELECT 1",
    "SELECT '\x01\x7f\u202e'",
    "SELECT\u00a01",
    "SELECT \u200b1",
    "SELECT 'a\x00' || secret FROM shop.customers",
    "\x00",
    "\r\n\t\v\f",
]

ESCAPES = [
    "SELECT 1" + "+1" * 600,
    "SELECT 1" + "+1" * 20_000,
    "SELECT 'a'" + "||'a'" * 900,
    "SELECT " + "a." * 3000 + "b",
    "SELECT 1" + "::INT" * 3000,
    "SELECT 1 " + "UNION ALL SELECT 1 " * 3000,
    "SELECT '\ud800'",
    "SELECT * FROM range(3), range(4)",
]


def ask(gateway: Gateway, name: str, sql: str, **more: Any) -> str:
    """The rows or the error as text; whatever is no DataError goes through."""
    try:
        return str(gateway.query(gateway.policy.principal(name), sql, **more).table.to_pydict())
    except DataError as error:
        return str(error)


@pytest.mark.parametrize("sql", DEEP, ids=range(len(DEEP)))
def test_odd_shapes_end_in_rows_or_data_errors(vault: Any, sql: str) -> None:
    assert "secretcanary" not in ask(vault.first, "agent-ca", sql)


@pytest.mark.parametrize("sql", ESCAPES, ids=range(len(ESCAPES)))
def test_no_other_error_leaves_the_gateway(vault: Any, sql: str) -> None:
    assert "secretcanary" not in ask(vault.first, "agent-ca", sql)


def test_an_unreadable_statement_is_kept_in_the_audit(vault: Any) -> None:
    before = vault.first.audit.verify().records
    with pytest.raises(Exception):  # noqa: B017 - which error it is, the test above asks
        vault.first.query(vault.first.policy.principal("agent-ca"), "SELECT '\ud800'")
    assert vault.first.audit.verify().records == before + 1


@pytest.mark.parametrize(
    "value", [object(), 2**200, b"x", {1: 2}, [1, "a"], float("nan"), "a\0b", range(3), "' OR 1=1"]
)
def test_parameters_are_only_values(vault: Any, value: object) -> None:
    sql = "SELECT $x AS x, count(*) AS n FROM shop.customers"
    told = ask(vault.first, "agent-ca", sql, params={"x": value})
    assert "'n': [2]" in told or "can't run" in told


@pytest.mark.parametrize(
    ("sql", "params"),
    [
        ("SELECT * FROM $x", {"x": "bank.accounts"}),
        ("SELECT $lakewright_salt, email FROM shop.customers", {}),
        ("SELECT $x, email FROM shop.customers", {"x": 1, "lakewright_salt": "mine"}),
        ("SELECT $X FROM shop.customers", {"x": 1}),
        ("SELECT * FROM shop.customers LIMIT $x", {"x": "(SELECT 1)"}),
    ],
)
def test_parameters_are_no_names(vault: Any, sql: str, params: dict[str, object]) -> None:
    with pytest.raises(DataError):
        vault.first.query(vault.first.policy.principal("hasher"), sql, params=params)


def test_one_call_can_not_take_more_memory_than_there_is(vault: Any) -> None:
    gateway = open_gateway(vault.home, memory="64MB", threads=1)
    try:
        with pytest.raises(TooExpensive):
            gateway.query(gateway.policy.principal("agent-ca"), "SELECT strlen(repeat('x', 150000000))")
    finally:
        gateway.close()


CATALOG = """\
version: 1
sources:
  - name: m
    kind: sqlite
    location: m/m.sqlite
    tables:
      - name: t
        columns: [{name: id, type: BIGINT}, {name: owner, type: VARCHAR}, {name: n, type: BIGINT}]
  - name: hidden
    kind: sqlite
    location: hidden/h.sqlite
    tables:
      - name: lookup
        columns: [{name: k, type: BIGINT}]
"""

POLICY = """\
version: 1
principals:
  - {name: owner, groups: [owners]}
  - {name: ann, groups: [a]}
  - {name: bob, groups: [b]}
grants:
  - {to: owners, on: "*"}
  - {to: a, on: m.t}
  - {to: b, on: m.t}
row_filters:
  - {for: a, on: m.t, where: "owner = 'ann'"}
  - {for: b, on: m.t, where: "id IN (SELECT k FROM hidden.lookup)"}
"""


@pytest.fixture
def dirty(tmp_path: Path) -> Iterator[Gateway]:
    """A store with a hidden row whose value is not of its column's type, and no store for a look-up."""
    (tmp_path / "m").mkdir()
    (tmp_path / "catalog.yaml").write_text(CATALOG, encoding="utf-8")
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    connection = sqlite3.connect(tmp_path / "m/m.sqlite")
    connection.execute("CREATE TABLE t (id INTEGER, owner TEXT, n INTEGER)")
    connection.execute("INSERT INTO t VALUES (1, 'ann', 5), (2, 'eve', 'dirtycanary')")
    connection.commit()
    connection.close()
    gateway = open_gateway(tmp_path, threads=1)
    yield gateway
    gateway.close()


def test_a_dirty_value_of_a_hidden_row_is_not_quoted(dirty: Gateway) -> None:
    assert "dirtycanary" not in ask(dirty, "ann", "SELECT n FROM m.t")


def test_a_dirty_value_that_is_not_read_stops_nobody(dirty: Gateway) -> None:
    assert ask(dirty, "ann", "SELECT id FROM m.t") == "{'id': [1]}"


def test_the_store_of_a_row_filter_is_not_named(dirty: Gateway) -> None:
    assert "hidden" not in ask(dirty, "bob", "SELECT id FROM m.t")
