"""What a task says in so many words is in the program, or it is told what is not."""

from __future__ import annotations

import pytest
from sqlglot import parse_one

from agents.code.demands import unmet
from tests.agents.grammar.schemas import AIRLINE

LATE = "SELECT carrier_id, count(*) AS n FROM ops.flights WHERE status = 'late' GROUP BY 1"


def lacks(task: str, sql: str) -> list[str]:
    return unmet(task, sql, parse_one(sql, dialect="duckdb"), AIRLINE)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("task", "sql"),
    [
        ("Late flights per carrier: carrier_id, n", LATE),
        ("Late flights per carrier. Columns: carrier, number. Top 3.", f"{LATE} ORDER BY 2 DESC LIMIT 3"),
        ("Carriers with at least three late flights", f"{LATE} HAVING count(*) > 2"),
        ("Flights longer than 2 hours", "SELECT flight_id FROM ops.flights WHERE minutes > 120"),
        ("More than 5 % late", "SELECT 1 WHERE 0.05 < (SELECT avg(is_late) FROM ops.flights)"),
        ("Flights that were 'late' in 2025", "SELECT 1 FROM ops.flights WHERE status = 'late' AND day >= '2025-01-01'"),
        ("", "SELECT 1"),
        ("³ or ½ of ２０２５ flights 🛫", "SELECT 1"),
    ],
)
def test_what_is_there_is_not_asked_for(task: str, sql: str) -> None:
    assert lacks(task, sql) == []


@pytest.mark.parametrize(
    ("task", "sql", "said"),
    [
        ("Late flights per carrier: carrier_id, flights, late_share", LATE, "late_share"),
        ("Carriers with at least 30 late flights", LATE, "at least 30"),
        ("Top 5 carriers by late flights", LATE, "Top 5"),
        ("Flights that were 'diverted', per carrier", LATE, "'diverted'"),
        ("Late flights per carrier in 2025", LATE, "2025"),
        ("Late flights per carrier from 2025-03-01", LATE, "2025-03-01"),
        ("Late and lost", "SELECT flight_id FROM ops.flights WHERE status = 'late' AND status = 'lost'", "status"),
    ],
)
def test_what_is_left_out_is_told_in_the_task_s_words(task: str, sql: str, said: str) -> None:
    assert any(said in each for each in lacks(task, sql)), lacks(task, sql)
