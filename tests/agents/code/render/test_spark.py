"""Programs of PySpark on Sail give the rows of the SQL that they were made of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from agents.code.render import render
from agents.paths import written
from tests.agents.code.render.frames import alike, expected, filled, ran
from tests.agents.code.render.test_read import QUERIES as READ
from tests.agents.grammar.schemas import AIRLINE
from tests.data.engines.conftest import Sail

QUERIES = (
    "FROM air.flight SELECT status, count(*), sum(fare), avg(tax), median(fare) GROUP BY ALL ORDER BY 2 DESC, 1",
    "FROM air.flight JOIN air.carrier ON flight.carrier_id = carrier.id SELECT carrier.country, "
    "100.0 * count(*) FILTER (WHERE flight.status = 'late') / count(*) GROUP BY ALL",
    "FROM air.carrier SELECT name WHERE id NOT IN (FROM air.flight SELECT carrier_id WHERE carrier_id IS NOT NULL)",
    "FROM air.flight SELECT origin_id, flight_no, fare "
    "QUALIFY rank() OVER (PARTITION BY origin_id ORDER BY fare DESC) = 1",
    "FROM air.flight SELECT date_trunc('month', departed_at) AS p, sum(count(*)) OVER "
    "(ORDER BY date_trunc('month', departed_at)) GROUP BY 1 ORDER BY p",
    "FROM (FROM air.flight SELECT carrier_id, count(*) AS n GROUP BY ALL) SELECT avg(n)",
    "FROM hr.employee SELECT avg(date_diff('week', hired_on, left_on)), max(date_diff('month', hired_on, left_on))",
    "FROM air.flight SELECT dayname(departed_at), sum(fare) / sum(tax) WHERE note ILIKE '%zorb%' GROUP BY ALL",
    "FROM hr.employee JOIN hr.employee AS manager ON employee.manager_id = manager.id SELECT employee.name, "
    "manager.name WHERE employee.salary > manager.salary",
    "FROM air.flight SELECT id, fare WHERE fare > (FROM air.flight SELECT avg(fare)) AND international = true",
    *READ,
)


class Spark:
    """A session that has the tables of a database."""

    def __init__(self, session: Any, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self._session, self._connection, self._folder = session, connection, folder

    def table(self, name: str) -> Any:
        file = self._folder / f"{name}.parquet"
        if not file.exists():
            found = next(table for table in AIRLINE.tables if table.full_name == name)
            pq.write_table(self._connection.execute(f"SELECT * FROM {written(found)}").to_arrow_table(), file)
        return self._session.read.parquet(str(file))


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    sail = Sail()
    sail.start()
    made = SparkSession.builder.remote(sail.address).create()
    yield made
    made.stop()
    sail.stop()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("sql", QUERIES)
def test_spark_gives_the_rows_of_the_sql(
    sql: str, session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with filled(AIRLINE) as connection:
        program = render(sql, "pyspark", AIRLINE)
        got = ran(program, lambda name: None, monkeypatch, spark=Spark(session, connection, tmp_path))
        assert alike(expected(connection, sql), got, ordered="ORDER BY 2" in sql or "ORDER BY p" in sql), program
