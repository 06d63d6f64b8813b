"""What is read of tasks and no grammar writes: the programs of it give the rows of the SQL too."""

from __future__ import annotations

import pyarrow as pa
import pytest

from agents.code.render import Dialect, render
from agents.paths import written
from tests.agents.code.render.frames import alike, expected, filled, ran
from tests.agents.grammar.schemas import AIRLINE

SAID = (
    "SELECT name FROM air.carrier AS c WHERE NOT EXISTS (SELECT 1 FROM air.flight AS f WHERE f.carrier_id = c.id AND "
    "f.status = 'late') AND EXISTS (SELECT 1 FROM air.flight AS f WHERE f.carrier_id = c.id)",
    "WITH n AS (SELECT carrier_id, count(*) AS flights FROM air.flight WHERE carrier_id IS NOT NULL GROUP BY 1) "
    "SELECT c.name, n.flights FROM n JOIN air.carrier AS c ON c.id = n.carrier_id WHERE n.flights > (SELECT "
    "avg(flights) FROM n) ORDER BY flights DESC, name",
    "SELECT f.status, count(*) FROM air.flight AS f JOIN air.carrier AS c ON c.id = f.carrier_id AND c.country = 'Rome'"
    " AND f.fare > c.id GROUP BY 1",
    "SELECT c.name, count(f.id) AS late FROM air.carrier AS c LEFT JOIN air.flight AS f ON f.carrier_id = c.id AND "
    "f.status = 'late' GROUP BY c.id, c.name",
    "SELECT c.id, c.name, (SELECT count(*) FROM air.flight AS f WHERE f.carrier_id = c.id) AS flights FROM air.carrier "
    "AS c",
    "SELECT f.id FROM air.flight AS f WHERE f.fare > (SELECT avg(x.fare) FROM air.flight AS x WHERE x.status = "
    "f.status)",
    "SELECT id, epoch(landed_at - departed_at) / 3600.0 AS hours FROM air.flight WHERE landed_at - departed_at > "
    "INTERVAL 5 HOUR",
    "SELECT id FROM air.flight WHERE landed_at > departed_at + INTERVAL 2 DAY",
    "SELECT id, CASE WHEN fare > 100 THEN fare END AS dear FROM air.flight",
    "SELECT 'late' AS kind, count(*) AS n FROM air.flight WHERE status = 'late' UNION ALL SELECT 'lost', count(*) FROM "
    "air.flight WHERE status = 'lost' ORDER BY kind",
    "SELECT EXTRACT(YEAR FROM departed_at) AS year, count(*) FROM air.flight WHERE departed_at IS NOT NULL AND "
    "dayofweek(departed_at) IN (0, 6) GROUP BY 1",
    "SELECT name FROM air.carrier WHERE name LIKE 'Z%'",
    "SELECT split_part(status, ' ', 1) AS word, substring(status, 1, 2) AS two, lower(status) AS small FROM air.flight",
    "SELECT c.country, s.status, coalesce(x.n, 0) AS n FROM (SELECT DISTINCT country FROM air.carrier) AS c CROSS JOIN "
    "(SELECT DISTINCT status FROM air.flight) AS s LEFT JOIN (SELECT c.country AS land, f.status AS how, count(*) AS n "
    "FROM air.flight AS f JOIN air.carrier AS c ON c.id = f.carrier_id GROUP BY 1, 2) AS x ON x.land = c.country AND "
    "x.how = s.status",
    "SELECT 100.0 * (SELECT sum(fare) FROM air.flight WHERE status = 'late') / sum(fare) AS share FROM air.flight",
    "SELECT id, count(*) OVER (PARTITION BY status) AS alike FROM air.flight",
    "SELECT status || '-' || note AS both, length(status) AS letters, abs(fare - 50) AS off FROM air.flight",
)
"""What people write otherwise than the grammar does: `plainly` says it in the shapes that a plan is made of."""

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
    *SAID,
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
