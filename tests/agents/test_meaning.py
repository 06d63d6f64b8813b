"""What stored values mean, beside the rows that hold them."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from agents import statement
from agents.ask.explain import explain
from agents.ask.meaning import meanings, meant
from agents.ask.wording import Wording
from data.catalog import Catalog, Column, SourceConfig, Table

STAY = Table(
    "hospital",
    "stay",
    columns=(
        Column("id", "BIGINT"),
        Column("ADM_DT", "BIGINT", format="%Y%m%d"),
        Column("left_on", "VARCHAR", format="%d.%m.%Y"),
        Column("URGENT", "INTEGER", format="-1/0"),
        Column("ADM_CD", "VARCHAR", labels=(("E", "Emergency"), ("P", "planned"))),
    ),
    key="id",
)
CATALOG = Catalog((SourceConfig("hospital", "sqlite", "", tables=(STAY,)),))
DAY, TEXT, FLAG = {"format": "%Y%m%d"}, {"format": "%d.%m.%Y"}, {"format": "-1/0"}
CODES = {"labels": {"E": "Emergency", "P": "planned"}}


def _meanings(sql: str, count: int) -> list[object]:
    return list(meanings(statement.query(sql), CATALOG, ["c"] * count))


@pytest.mark.parametrize(
    ("sql", "wanted"),
    [
        ("SELECT * FROM hospital.stay", [None, DAY, TEXT, FLAG, CODES]),
        ("SELECT max(ADM_DT) AS x, min(s.URGENT) FROM hospital.stay AS s", [DAY, FLAG]),
        ("SELECT arg_max(left_on, strptime(left_on, '%d.%m.%Y')) FROM hospital.stay", [TEXT]),
        ("SELECT q FROM (SELECT ADM_CD AS q FROM hospital.stay)", [CODES]),
        ("WITH w AS (SELECT ADM_DT AS d, count(*) AS n FROM hospital.stay GROUP BY 1) SELECT n, d FROM w", [None, DAY]),
        ("SELECT ADM_DT FROM hospital.stay UNION SELECT ADM_DT FROM hospital.stay WHERE URGENT = 0", [DAY]),
        ("SELECT ADM_DT + 1 AS d, count(ADM_CD) FROM hospital.stay", []),
        ("SELECT ADM_DT FROM hospital.stay UNION SELECT id FROM hospital.stay", []),
        ("SELECT ADM_DT FROM hospital.other", []),
    ],
)
def test_a_column_of_the_rows_means_what_its_stored_column_does(sql: str, wanted: list[object]) -> None:
    assert _meanings(sql, len(wanted) or sql.count(",") + 1) == wanted


def test_rows_are_read_by_their_meanings() -> None:
    rows = [[1, 20240131, "31.01.2024", -1, "E"], [2, 99999999, "", None, "X"]]
    assert meant(rows, [None, DAY, TEXT, FLAG, CODES]) == [
        [1, date(2024, 1, 31), date(2024, 1, 31), True, "Emergency (E)"],
        [2, 99999999, "", None, "X"],
    ]
    assert meant(rows, []) == rows
    assert meant([["2024-01-31 08:30"]], [{"format": "%Y-%m-%d %H:%M"}]) == [[datetime(2024, 1, 31, 8, 30)]]
    assert meant([[202401]], [{"format": "%Y%m"}]) == [["2024-01"]]


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("ADM_DT >= 20240101 AND ADM_DT < 20250101", "admission date is from 2024-01-01 and before 2025-01-01"),
        ("URGENT = -1", "urgent is true"),
        ("ADM_CD IN ('E', 'X')", "admission is emergency (e) or x"),
        ("left_on = '01.02.2023'", "the further conditions of the sql hold"),
    ],
)
def test_conditions_say_what_their_constants_mean(where: str, said: str) -> None:
    tree = statement.query(f"SELECT count(*) FROM hospital.stay WHERE {where}")
    known = frozenset(("2024", "2025", "01"))
    prose = explain(Wording(tree, CATALOG, known), ["count_star()"], [[3]], truncated=False)
    assert prose.lower() == f"number of stay where {said}: 3."


def test_the_last_day_is_called_so_however_it_is_found() -> None:
    read = "CAST(try_strptime(left_on, '%d.%m.%Y') AS DATE)"
    tree = statement.query(f"SELECT arg_max(left_on, {read}) FROM hospital.stay")
    prose = explain(Wording(tree, CATALOG, frozenset()), ["arg_max(left_on)"], [[date(2024, 1, 31)]], truncated=False)
    assert prose == "Latest left on: 2024-01-31."
