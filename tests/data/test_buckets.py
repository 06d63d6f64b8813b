"""Buckets show the lower end of a range in the column's own type, computed exactly."""

from __future__ import annotations

import duckdb
import pytest

from data.buckets import expression, problem
from data.catalog import Column


def bucketed(kind: str, value: str, size: str | int | float) -> str | None:
    column = Column("c", kind)
    assert problem(column, size) == ""
    with duckdb.connect() as connection:
        sql = f"SELECT typeof(b) = typeof(c), CAST(b AS VARCHAR) FROM (SELECT {expression(column, 'c', size)} AS b, c "
        found = connection.execute(f"{sql} FROM (SELECT CAST({value} AS {kind}) AS c))").fetchone()
    assert found is not None
    same, text = found
    assert same
    return str(text) if text is not None else None


@pytest.mark.parametrize(
    ("kind", "value", "size", "expected"),
    [
        ("BIGINT", "199", 100, "100"),
        ("BIGINT", "100", 100, "100"),
        ("BIGINT", "-1", 100, "-100"),
        ("BIGINT", "-100", 100, "-100"),
        ("BIGINT", "NULL", 100, None),
        ("BIGINT", "9007199254740993", 2, "9007199254740992"),
        ("BIGINT", "9223372036854775807", 10, "9223372036854775800"),
        ("BIGINT", "-9223372036854775808", 10, None),
        ("TINYINT", "127", 100, "100"),
        ("TINYINT", "-1", 100, "-100"),
        ("TINYINT", "-128", 100, None),
        ("UBIGINT", "18446744073709551615", 1000, "18446744073709551000"),
        ("DECIMAL(12,2)", "10.99", 0.5, "10.50"),
        ("DECIMAL(12,2)", "-0.01", 10, "-10.00"),
        ("DECIMAL(38,2)", "12345678901234567890.99", 1, "12345678901234567890.00"),
        ("DOUBLE", "2.75", 0.5, "2.5"),
        ("DOUBLE", "-2.75", 1, "-3.0"),
        ("FLOAT", "7.5", 2, "6.0"),
        ("DATE", "'2024-02-29'", "month", "2024-02-01"),
        ("DATE", "'2024-02-29'", "week", "2024-02-26"),
        ("TIMESTAMP", "'2024-02-29 13:45:01.5'", "hour", "2024-02-29 13:00:00"),
        ("TIMESTAMP", "'2024-02-29 13:45:01'", "quarter", "2024-01-01 00:00:00"),
        ("TIMESTAMP", "'1969-12-31 23:59:59'", "decade", "1960-01-01 00:00:00"),
    ],
)
def test_the_lower_end_of_a_bucket(kind: str, value: str, size: str | int | float, expected: str | None) -> None:
    assert bucketed(kind, value, size) == expected


@pytest.mark.parametrize(
    ("kind", "size", "part"),
    [
        ("VARCHAR", 10, "VARCHAR"),
        ("BOOLEAN", 10, "BOOLEAN"),
        ("BIGINT", "month", "'month'"),
        ("BIGINT", 0, "'0'"),
        ("BIGINT", -5, "'-5'"),
        ("BIGINT", 2.5, "'2.5'"),
        ("BIGINT", float("inf"), "'inf'"),
        ("DOUBLE", float("nan"), "'nan'"),
        ("DECIMAL(12,2)", 0.125, "'0.125'"),
        ("DECIMAL(12)", 0.5, "'0.5'"),
        ("DATE", "hour", "'hour'"),
        ("DATE", 7, "'7'"),
        ("TIMESTAMP", "fortnight", "'fortnight'"),
    ],
)
def test_a_size_that_does_not_fit_is_told(kind: str, size: str | int | float, part: str) -> None:
    assert part in problem(Column("c", kind), size)
