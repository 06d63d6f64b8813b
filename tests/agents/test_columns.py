"""Periods as conditions on columns, also on those that keep their dates as text or as numbers."""

from __future__ import annotations

import duckdb
import pytest

from agents.columns import dated, ends, measures, times
from data.catalog import Catalog, Column, SourceConfig, Table
from retrieval.hints import Hint

MARCH = Hint("in March", "time", literals=("2025-03-01", "2025-04-01"))
DAYS = ("2025-02-28", "2025-03-01", "2025-03-31", "2025-04-01")


@pytest.mark.parametrize(
    ("kind", "format"),
    [
        ("DATE", None),
        ("BIGINT", "%Y%m%d"),
        ("VARCHAR", "%Y%m%d"),
        ("VARCHAR", "%Y-%m-%d"),
        ("VARCHAR", "%Y/%m/%d"),
        ("VARCHAR", "%Y-%m-%d %H:%M:%S"),
        ("VARCHAR", "%Y-%m-%dT%H:%M:%SZ"),
    ],
)
def test_a_period_is_compared_as_the_column_is_written(kind: str, format: str | None) -> None:
    column = Column("day", kind, format=format)
    assert dated(Table("s", "t", columns=(column,))) == (column,)
    condition = " AND ".join(f"day {end}" for end in ends(column, MARCH))
    with duckdb.connect() as connection:
        values = ", ".join(f"(TIMESTAMP '{day} 00:00:00')" for day in DAYS)
        kept = f"strftime(moment, '{format}')" if format else "moment"
        days = f"SELECT moment, CAST({kept} AS {kind}) AS day FROM (VALUES {values}) v (moment)"
        rows = connection.execute(f"SELECT moment FROM ({days}) WHERE {condition}").fetchall()
    assert [str(row[0].date()) for row in rows] == ["2025-03-01", "2025-03-31"]


@pytest.mark.parametrize(("kind", "format"), [("VARCHAR", None), ("VARCHAR", "%d/%m/%Y"), ("BIGINT", None)])
def test_what_is_not_in_the_order_of_its_dates_is_not_compared(kind: str, format: str | None) -> None:
    assert dated(Table("s", "t", columns=(Column("day", kind, format=format),))) == ()


def test_a_date_kept_as_a_number_is_neither_added_up_nor_cut_to_months() -> None:
    table = Table("s", "t", columns=(Column("day", "BIGINT", format="%Y%m%d"), Column("fee", "BIGINT")))
    catalog = Catalog((SourceConfig("s", "sqlite", "x", tables=(table,)),))
    assert [column.name for column in measures(catalog, table)] == ["fee"]
    assert times(table) == ()
