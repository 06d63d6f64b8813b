"""What is read of tasks and no grammar writes: the programs of it give the rows of the SQL too."""

from __future__ import annotations

import pyarrow as pa
import pytest

from agents.code.render import Dialect, render
from agents.paths import written
from tests.agents.code.render.frames import alike, expected, filled, ran
from tests.agents.grammar.schemas import AIRLINE

QUERIES = (
    "SELECT CASE WHEN fare < 20 THEN 'low' WHEN fare < 100 THEN 'middle' ELSE 'high' END, count(*) FROM air.flight "
    "GROUP BY 1",
    "SELECT d, s, avg(s) OVER (ORDER BY d ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM (SELECT "
    "date_trunc('month', departed_at) AS d, sum(fare) AS s FROM air.flight WHERE departed_at IS NOT NULL GROUP BY 1)",
    "SELECT status, m, n, sum(n) OVER (PARTITION BY status ORDER BY m) FROM (SELECT status, month(departed_at) AS m, "
    "count(*) AS n FROM air.flight WHERE departed_at IS NOT NULL GROUP BY 1, 2)",
    "SELECT country, coalesce(sum(flights), 0), count(*) FROM air.carrier LEFT JOIN (SELECT carrier_id AS flown, "
    "count(*) AS flights FROM air.flight WHERE carrier_id IS NOT NULL GROUP BY carrier_id) AS flight_by ON carrier.id "
    "= flight_by.flown GROUP BY country",
    "SELECT year(departed_at) // 10 * 10, round(avg(fare), 1) FROM air.flight WHERE departed_at IS NOT NULL GROUP BY 1",
    "SELECT id, carrier_id, fare - lag(fare) OVER (PARTITION BY carrier_id ORDER BY departed_at, id) FROM air.flight "
    "WHERE status = 'late'",
    "SELECT id, avg(fare) OVER (PARTITION BY carrier_id) FROM air.flight WHERE fare IS NOT NULL QUALIFY fare > 1.5 * "
    "avg(fare) OVER (PARTITION BY carrier_id)",
)


@pytest.mark.parametrize("sql", QUERIES)
@pytest.mark.parametrize("dialect", ["polars", "pandas"])
def test_programs_of_what_is_read_give_the_rows_of_the_sql(
    sql: str, dialect: Dialect, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = {table.full_name: table for table in AIRLINE.tables}
    with filled(AIRLINE) as connection:

        def tables(name: str) -> pa.Table:
            return connection.execute(f"SELECT * FROM {written(named[name])}").to_arrow_table()

        program = render(sql, dialect, AIRLINE)
        wanted, got = expected(connection, sql), ran(program, tables, monkeypatch)
        assert alike(wanted, got, ordered=False), f"{program}\n{wanted[:3]}\n{got[:3]}"
