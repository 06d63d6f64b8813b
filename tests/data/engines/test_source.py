# ruff: noqa: E501 - one statement a line
"""A remote Spark's own catalogue as a source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from data import onboard
from data.catalog import Catalog
from data.drift import check
from data.engines.connect import connect
from data.engines.spark import Spark
from data.errors import DataError, Unavailable
from data.federation import open_gateway
from data.gateway import Gateway

POLICY = """\
version: 1
principals:
  - {name: owner, groups: [owners]}
  - {name: agent, groups: [agents], attributes: {country: CA}}
grants:
  - {to: owners, on: "*"}
  - {to: agents, on: far.*}
row_filters:
  - {for: agents, on: far.people, where: "country = :country"}
masks:
  - {for: agents, columns: [far.people.name], mask: partial}
"""
TABLES = """
CREATE DATABASE IF NOT EXISTS abroad
;CREATE TABLE default.people (id BIGINT, name STRING, country STRING, paid DECIMAL(8,2), born DATE, seen TIMESTAMP, tags ARRAY<STRING>) USING parquet LOCATION '{folder}/people'
;INSERT INTO default.people VALUES (1, 'Ada Lark', 'CA', 1.50, DATE '2000-01-01', TIMESTAMP '2024-01-01 00:00:00', array('a')), (2, 'Bo Finch', 'US', 2.50, NULL, NULL, NULL)
;CREATE TABLE abroad.people (id INT) USING parquet LOCATION '{folder}/abroad'
;INSERT INTO abroad.people VALUES (7)
"""


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory, jvm: str) -> Iterator[Gateway]:
    """A gateway to the tables of the catalogue of Spark on the JVM, which all sessions share."""
    folder = tmp_path_factory.mktemp("far")
    opened = connect(jvm)
    for statement in TABLES.format(folder=folder).split("\n;"):
        opened.session.sql(statement)
    home = tmp_path_factory.mktemp("home")
    added = onboard.add(home, "far", "spark", jvm)
    assert [table.name for table in added.config.tables] == ["abroad.people", "people"]
    (home / "policy.yaml").write_text(POLICY, encoding="utf-8")
    gateway = open_gateway(home, threads=1, spark=jvm)
    yield gateway
    gateway.close()
    for name in ("default.people", "abroad.people"):
        opened.session.sql(f"DROP TABLE {name}")
    opened.close()


def asked(gateway: Gateway, who: str, sql: str, engine: str = "spark") -> list[dict[str, object]]:
    found: list[dict[str, object]] = gateway.query(gateway.policy.principal(who), sql, engine=engine).table.to_pylist()
    return found


def test_columns_have_the_types_of_duckdb(far: Gateway) -> None:
    types = {column.name: column.type for column in far.catalog.table("far.people").columns}
    # Spark's lists are not read: there is no column of them.
    assert types == {
        "id": "BIGINT", "name": "VARCHAR", "country": "VARCHAR", "paid": "DECIMAL(8,2)", "born": "DATE", "seen": "TIMESTAMP WITH TIME ZONE",
    }  # fmt: skip


def test_rows_are_those_that_the_caller_may_see(far: Gateway) -> None:
    sql = "SELECT id, name, paid FROM far.default.people ORDER BY id"
    assert [(row["id"], row["name"]) for row in asked(far, "owner", sql)] == [(1, "Ada Lark"), (2, "Bo Finch")]
    seen = asked(far, "agent", sql)
    assert [row["id"] for row in seen] == [1]
    assert seen[0]["name"] != "Ada Lark"
    assert asked(far, "owner", 'SELECT id FROM far."abroad.people" WHERE id = 7') == [{"id": 7}]


def test_sail_reads_the_tables_of_its_session(tmp_path: Path, sail: str) -> None:
    """Sail's catalogue in memory belongs to one session: this is the engine's own."""
    columns = "{name: id, type: INTEGER}, {name: name, type: VARCHAR}, {name: country, type: VARCHAR}"
    table = f"tables: [{{name: people, columns: [{columns}]}}]"
    text = f"version: 1\nsources:\n  - {{name: far, kind: spark, location: '{sail}/sail.default', {table}}}\n"
    (tmp_path / "catalog.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    gateway = open_gateway(tmp_path, threads=1, spark=sail)
    engine = gateway._door().engines["spark"]
    assert isinstance(engine, Spark)
    made = (
        f"CREATE TABLE default.people (id INT, name STRING, country STRING) USING parquet LOCATION '{tmp_path}/people'"
    )
    engine._connected().session.sql(made)
    engine._connected().session.sql("INSERT INTO default.people VALUES (1, 'Ada Lark', 'CA'), (2, 'Bo Finch', 'US')")
    sql = "SELECT id, upper(name) AS name FROM far.people ORDER BY id"
    assert asked(gateway, "owner", sql) == [{"id": 1, "name": "ADA LARK"}, {"id": 2, "name": "BO FINCH"}]
    assert [row["id"] for row in asked(gateway, "agent", sql)] == [1]
    engine._connected().session.sql("INSERT INTO default.people VALUES (3, 'Cy Wren', 'CA')")
    assert [row["id"] for row in asked(gateway, "agent", sql)] == [1, 3]
    gateway.close()


def test_new_rows_are_seen(far: Gateway, jvm: str) -> None:
    sql = 'SELECT count(*) AS n FROM far."abroad.people" WHERE id > 7'
    assert asked(far, "owner", sql) == [{"n": 0}]
    opened = connect(jvm)
    opened.session.sql("INSERT INTO abroad.people VALUES (8)")
    opened.close()
    assert asked(far, "owner", sql) == [{"n": 1}]


def test_duckdb_names_the_other_engine(far: Gateway, jvm: str) -> None:
    with pytest.raises(Unavailable, match=rf"DuckDB can't read.*--engine spark.*{jvm}"):
        asked(far, "owner", "SELECT id FROM far.people", "duckdb")


def test_another_server_can_not_read_it(far: Gateway, tmp_path: Path, jvm: str) -> None:
    text = "version: 1\nsources:\n  - {name: far, kind: spark, location: 'sc://elsewhere:15002', tables: [{name: t, columns: [{name: id, type: INT}]}]}\n"
    (tmp_path / "catalog.yaml").write_text(text, encoding="utf-8")
    gateway = open_gateway(tmp_path, threads=1, spark=jvm)
    with pytest.raises(Unavailable, match=rf"sc://elsewhere:15002, and the engine is at {jvm}"):
        asked(gateway, "owner", "SELECT id FROM far.t")
    gateway.close()


def test_a_session_that_was_closed_is_not_closed_again_as_garbage(jvm: str) -> None:
    from pyspark.sql.connect.client.reattach import ExecutePlanResponseReattachableIterator as Answers

    opened, other = connect(jvm), connect(jvm)
    opened.close()
    assert opened.session.client.is_closed
    assert other.session.sql("SELECT 1").toArrow().num_rows == 1
    threads = Answers._release_thread_pool_instance
    assert threads is not None
    opened.session.__del__()
    assert Answers._release_thread_pool_instance is threads
    other.close()


def test_a_schema_may_be_named(tmp_path: Path, far: Gateway, jvm: str) -> None:
    opened = connect(jvm)
    catalog = opened.session.catalog.currentCatalog()
    opened.close()
    added = onboard.add(tmp_path, "far", "spark", f"{jvm}/{catalog}.abroad")
    assert [table.name for table in added.config.tables] == ["people"]
    assert "not looked at: only the engine of its own server" in (tmp_path / "catalog.yaml").read_text(encoding="utf-8")
    gateway = open_gateway(tmp_path, threads=1, spark=jvm)
    assert {"id": 7} in asked(gateway, "owner", "SELECT id FROM far.people")
    gateway.close()
    drifts = check(tmp_path, Catalog.load(tmp_path / "catalog.yaml"), deep=True)
    assert [drift for drift in drifts if drift.broken] == []


def test_the_columns_of_a_remote_table_that_are_read_are_told(far: Gateway) -> None:
    _, (access,) = far.explain(
        far.policy.principal("owner"), "SELECT id FROM far.people WHERE paid > 1", engine="spark"
    )
    assert (access.table, access.columns) == ("far.people", ("id", "paid"))


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("sc://127.0.0.1:9", "does not answer at sc://127.0.0.1:9"),
        ("http://x", "is no Spark"),
        ("sc://x:y/z", "is no Spark"),
    ],
)
def test_a_wrong_location_is_named(tmp_path: Path, location: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        onboard.add(tmp_path, "far", "spark", location)


def test_a_token_is_in_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "hush-hush")
    with pytest.raises(DataError) as caught:
        onboard.add(tmp_path, "far", "spark", "sc://127.0.0.1:9/;token=${TOKEN}")
    assert "hush" not in str(caught.value)
