"""The lakehouse's own tables: what they hold, and who may see which of their rows."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from data import drift, onboard
from data.audit import Head
from data.catalog import Catalog
from data.errors import DataError, Forbidden, Invalid, NotFound
from data.federation import open_gateway
from data.gateway import Gateway
from data.policy import Policy
from data.sources import open_source
from data.system import COLUMNS, SystemConfig, with_system, without_system

POLICY = """\
version: 1
principals:
  - {name: owner, groups: [owners]}
  - {name: auditor, groups: [auditors]}
  - {name: ann, groups: [sellers]}
  - {name: bob, groups: [sellers]}
  - {name: watcher, groups: [watchers]}
grants:
  - {to: owners, on: "*"}
  - {to: auditors, on: system.*}
  - {to: sellers, on: shop.orders}
  - {to: sellers, on: system.audit}
  - {to: sellers, on: system.usage}
  - {to: watchers, on: system.freshness}
  - {to: watchers, on: files.visits}
row_filters:
  - {for: sellers, on: system.audit, where: "principal = :principal"}
  - {for: sellers, on: system.usage, where: "principal = :principal"}
"""


@pytest.fixture
def governed(home: Path) -> Iterator[Gateway]:
    (home / "policy.yaml").write_text(POLICY, encoding="utf-8")
    gateway = open_gateway(home, threads=1)
    yield gateway
    gateway.close()


def ask(gateway: Gateway, name: str, sql: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = gateway.query(gateway.policy.principal(name), sql).table.to_pylist()
    return rows


def test_the_audit_has_the_newest_records(governed: Gateway) -> None:
    before = ask(governed, "auditor", "SELECT count(*) AS n FROM system.audit")
    assert before == [{"n": 0}]
    result = governed.query(governed.policy.principal("ann"), "SELECT status AS s FROM shop.orders", question="which?")
    rows = ask(governed, "auditor", "FROM system.audit ORDER BY seq")
    assert [row["seq"] for row in rows] == [1, 2]
    last = rows[-1]
    assert list(last) == list(COLUMNS["audit"])
    assert (last["id"], last["principal"], last["kind"], last["question"]) == (
        result.audit_id,
        "ann",
        "query",
        "which?",
    )
    assert (last["rows"], last["outcome"], last["engine"]) == (5, "answered", "duckdb")
    assert last["ran"] == result.sql
    assert governed.audit.verify(Head(last["seq"], last["hash"])).ok
    assert abs(last["at"] - dt.datetime.now(dt.UTC).replace(tzinfo=None)) < dt.timedelta(minutes=5)


def test_another_process_sees_them_too(governed: Gateway, home: Path) -> None:
    ask(governed, "ann", "SELECT 1 AS one FROM shop.orders")
    other = open_gateway(home, threads=1)
    assert ask(other, "auditor", "SELECT principal FROM system.audit") == [{"principal": "ann"}]
    other.close()


def test_usage_adds_up_by_principal_and_day(governed: Gateway) -> None:
    ask(governed, "ann", "SELECT * FROM shop.orders")
    ask(governed, "ann", "SELECT * FROM shop.orders LIMIT 2")
    with pytest.raises(Forbidden):
        ask(governed, "ann", "SELECT * FROM shop.customers")
    governed.audit.write(principal="ann", kind="question", rows=100)
    (row,) = ask(governed, "auditor", "FROM system.usage")
    assert (row["principal"], row["queries"], row["refused"], row["rows"]) == ("ann", 3, 1, 7)
    assert row["day"] == dt.datetime.now(dt.UTC).date()
    assert row["seconds"] > 0


def test_lineage_has_a_row_per_pair(governed: Gateway) -> None:
    result = governed.query(
        governed.policy.principal("ann"), "SELECT id + customer_id AS k FROM shop.orders WHERE status = 'paid'"
    )
    rows = ask(governed, "auditor", 'SELECT * EXCLUDE ("at") FROM system.lineage ORDER BY output_column, source_column')
    said = {"audit_id": result.audit_id, "principal": "ann", "source_table": "shop.orders"}
    assert rows == [
        {**said, "output_column": "k", "source_column": "customer_id"},
        {**said, "output_column": "k", "source_column": "id"},
        {**said, "output_column": None, "source_column": "status"},
    ]
    # Reading the lineage has a lineage of its own.
    tables = ask(governed, "auditor", "SELECT DISTINCT source_table AS t FROM system.lineage ORDER BY ALL")
    assert [row["t"] for row in tables] == ["shop.orders", "system.lineage"]


def test_freshness_is_as_of_now_and_fails_for_no_store(governed: Gateway, home: Path) -> None:
    sql = "SELECT * FROM system.freshness ORDER BY table_name"
    owner_sees = "SELECT table_name, version FROM system.freshness"
    with pytest.raises(Forbidden):
        ask(governed, "owner", owner_sees)
    everybody = Policy.for_owner(governed.catalog)
    gateway = governed.under(everybody)
    rows = {row["table_name"]: row for row in ask(gateway, "owner", sql)}
    assert list(rows) == ["bank.accounts", "files.visits", "music.tracks", "shop.customers", "shop.orders"]
    assert (rows["shop.orders"]["source"], rows["shop.orders"]["version"]) == ("shop", "1")
    assert 0 <= rows["shop.orders"]["age_seconds"] < 600
    down = rows["bank.accounts"]
    assert (down["version"], down["changed_at"], down["age_seconds"]) == (None, None, None)
    assert "'bank' is not available" in down["reason"]
    shutil.rmtree(home / "lake/shop/orders")
    rows = {row["table_name"]: row for row in ask(gateway, "owner", sql)}
    assert rows["shop.orders"]["version"] is None
    assert "not a Delta table" in rows["shop.orders"]["reason"]
    assert rows["shop.customers"]["reason"] is None


def test_freshness_is_only_about_what_one_may_see(governed: Gateway) -> None:
    names = "SELECT table_name AS t FROM system.freshness"
    assert ask(governed, "watcher", names) == [{"t": "files.visits"}]
    assert ask(governed, "watcher", "SELECT count(*) AS n FROM system.freshness WHERE source = 'shop'") == [{"n": 0}]
    # Who sees no other table is told of none.
    assert ask(governed, "auditor", names) == []


def test_one_sees_only_ones_own_records(governed: Gateway) -> None:
    ask(governed, "ann", "SELECT 1 AS one FROM shop.orders")
    ask(governed, "bob", "SELECT 2 AS two FROM shop.orders")
    # One after the other, with the same groups: what was made for one must not serve the other.
    for name, number in (("ann", "1"), ("bob", "2")):
        for _ in range(2):
            rows = ask(governed, name, "SELECT principal, asked FROM system.audit ORDER BY seq")
            assert {row["principal"] for row in rows} == {name}
            assert rows[0]["asked"].startswith(f"SELECT {number}")
        assert {row["principal"] for row in ask(governed, name, "SELECT principal FROM system.usage")} == {name}
    with pytest.raises(Forbidden):
        ask(governed, "ann", "SELECT * FROM system.lineage")


def test_two_callers_with_the_same_filter_do_not_share_what_they_see(governed: Gateway) -> None:
    policy = governed.policy
    assert policy.fingerprint(policy.principal("ann")) != policy.fingerprint(policy.principal("bob"))


def test_the_grant_of_everything_is_without_the_system(governed: Gateway) -> None:
    owner = governed.policy.principal("owner")
    assert not any(table.source == "system" for table in governed.visible(owner).tables)
    with pytest.raises(Forbidden, match=r"'system\.audit' is not among"):
        ask(governed, "owner", "SELECT * FROM system.audit")
    with pytest.raises(NotFound):
        ask(governed, "owner", "SELECT * FROM system.nothing")


def test_nobody_sees_them_by_default(gateway: Gateway) -> None:
    for name in ("owner", "seller", "agent-ca", "nobody"):
        for table in COLUMNS:
            with pytest.raises(Forbidden):
                ask(gateway, name, f"SELECT * FROM system.{table}")


def test_the_owner_of_a_home_without_a_policy_sees_them(home: Path) -> None:
    (home / "policy.yaml").unlink()
    gateway = open_gateway(home, threads=1)
    for table, columns in COLUMNS.items():
        assert gateway.query(gateway.policy.principal("owner"), f"FROM system.{table}").table.column_names == list(
            columns
        )
    gateway.close()


def test_other_ways_to_name_them_are_governed_alike(governed: Gateway) -> None:
    for name in ("system.main.lineage", '"SYSTEM".LINEAGE', "system.information_schema.tables", "system.pg_tables"):
        with pytest.raises(Forbidden):
            ask(governed, "ann", f"SELECT * FROM {name}")
    assert ask(governed, "auditor", 'SELECT count(*) AS n FROM "SYSTEM".main.USAGE') == [{"n": 1}]


def test_they_join_with_other_tables(governed: Gateway) -> None:
    governed.audit.write(principal="home")
    (row,) = ask(
        governed, "watcher", "SELECT count(*) AS n FROM files.visits v JOIN system.freshness f ON f.source = 'files'"
    )
    assert row == {"n": 3}


def test_no_question_is_about_them(governed: Gateway) -> None:
    auditor, watcher = governed.policy.principal("auditor"), governed.policy.principal("watcher")
    assert governed.visible(auditor).tables
    assert governed.askable(auditor).tables == ()
    assert [table.full_name for table in governed.askable(watcher).tables] == ["files.visits"]


def test_everything_in_them_is_described() -> None:
    (system,) = with_system(Catalog()).sources
    assert isinstance(system, SystemConfig)
    assert all(table.description for table in system.tables)
    assert all(column.description for table in system.tables for column in table.columns)


def test_they_stand_in_no_file(home: Path) -> None:
    catalog = Catalog.load(home / "catalog.yaml")
    known = with_system(catalog)
    assert with_system(known) is known
    assert without_system(known) == catalog
    gateway = open_gateway(home, threads=1)
    onboard.remove(home, "music")
    assert "system" not in (home / "catalog.yaml").read_text(encoding="utf-8")
    assert [problem for problem in drift.check(home, gateway.catalog) if problem.source == "system"] == []
    with pytest.raises(DataError, match="system"):
        onboard.add(home, "system", "parquet", str(home / "files"))
    gateway.close()


@pytest.mark.parametrize(
    "line", ["  - {name: other, kind: system, location: x}", "  - {name: system, kind: delta, location: x}"]
)
def test_nobody_can_declare_one(tmp_path: Path, line: str) -> None:
    (tmp_path / "catalog.yaml").write_text(f"version: 1\nsources:\n{line}\n", encoding="utf-8")
    with pytest.raises(Invalid, match="system"):
        Catalog.load(tmp_path / "catalog.yaml")


def test_a_store_that_breaks_in_its_own_way_has_a_reason(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from data.sources.delta import DeltaSource

    def broken(*_: object) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(DeltaSource, "state", broken)
    config = with_system(Catalog.load(home / "catalog.yaml")).source("system")
    source = open_source(config, home)
    table = next(table for table in config.tables if table.name == "freshness")
    text = source.relation(table, source.state(table).version)
    assert "Its store failed: RuntimeError." in text
    assert "hunter2" not in text


def test_the_demos_people_see_what_they_did(demo_home: Path) -> None:
    gateway = open_gateway(demo_home, threads=1)
    ask(gateway, "owner", "SELECT count(*) AS n FROM square.merchants")
    ask(gateway, "square-analyst", "SELECT count(*) AS n FROM square.merchants")
    assert {row["p"] for row in ask(gateway, "square-analyst", "SELECT principal AS p FROM system.audit")} == {
        "square-analyst"
    }
    assert len({row["p"] for row in ask(gateway, "owner", "SELECT principal AS p FROM system.usage")}) >= 2
    with pytest.raises(Forbidden):
        ask(gateway, "support-ca", "SELECT * FROM system.audit")
    gateway.close()
