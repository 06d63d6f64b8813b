"""The joins that a model's query leaves out."""

from __future__ import annotations

import pytest

from agents import statement
from agents.code.render.sql import in_style
from agents.code.writers.slips.joins import joined
from tests.agents.code.writers.slips.port import PORT


def mended(sql: str) -> str:
    return in_style(joined(statement.query(sql), PORT))


@pytest.mark.parametrize(
    ("sql", "whole"),
    [
        (
            "SELECT length, count(*) AS n FROM port.boats WHERE slip_id > 3 GROUP BY 1 ORDER BY n",
            "SELECT slips.length, count(*) AS n FROM port.boats JOIN port.slips ON boats.slip_id = slips.slip_id WHERE "
            "boats.slip_id > 3 GROUP BY 1 ORDER BY n",
        ),
        (
            "SELECT b.kind, max(b.length) AS longest FROM port.boats AS b GROUP BY 1",
            "SELECT b.kind, max(slips.length) AS longest FROM port.boats AS b JOIN port.slips ON b.slip_id = "
            "slips.slip_id GROUP BY 1",
        ),
        (
            "SELECT s.kind FROM port.boats AS b JOIN port.slips AS s ON b.slip_id = s.slip_id",
            "SELECT b.kind FROM port.boats AS b JOIN port.slips AS s ON b.slip_id = s.slip_id",
        ),
        (
            "SELECT name FROM port.docks WHERE dock_id IN (SELECT dock_id FROM port.slips WHERE city = 'Bari')",
            "SELECT name FROM port.docks WHERE dock_id IN (SELECT dock_id FROM port.slips WHERE city = 'Bari')",
        ),
        (
            "SELECT b.boat_id FROM port.boats AS b WHERE s.length > 9",
            "SELECT b.boat_id FROM port.boats AS b JOIN port.slips ON b.slip_id = slips.slip_id WHERE slips.length > 9",
        ),
        (
            "WITH x AS (SELECT length FROM port.boats) SELECT count(*) AS n FROM x",
            "WITH x AS (SELECT slips.length FROM port.boats JOIN port.slips ON boats.slip_id = slips.slip_id) SELECT "
            "count(*) AS n FROM x",
        ),
    ],
)
def test_a_column_is_taken_from_where_it_is(sql: str, whole: str) -> None:
    assert mended(sql) == whole


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT kind FROM port.boats WHERE city = 'Bari'",
        "SELECT kind, count(*) AS length FROM port.boats GROUP BY 1 ORDER BY length",
        "SELECT kind FROM port.stays AS t JOIN port.boats AS b ON t.boat_id = b.boat_id WHERE draught > 2",
        "SELECT boat_id, city FROM port.slips",  # of the boats in it, or of the dock that it is at
        "SELECT *, length FROM port.boats",
        "SELECT boat_id FROM port.boats WHERE EXISTS(SELECT 1 FROM port.stays AS t WHERE s.length > 9)",
        "SELECT kind FROM (SELECT slip_id FROM port.boats) AS x",
        "SELECT x.n FROM (SELECT 1 AS n) AS x WHERE EXISTS(SELECT 1 FROM port.slips WHERE city = n)",
        "SELECT kind FROM port.boats, unnest([1, 2]) AS u",
        "SELECT 1 AS one",
    ],
)
def test_what_is_whole_or_cant_be_told_stays(sql: str) -> None:
    assert mended(sql) == in_style(statement.query(sql))
