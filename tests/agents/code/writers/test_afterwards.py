"""What a task says of its rows is done to the query."""

from __future__ import annotations

import pytest

from agents.code.writers.composed.afterwards import afterwards
from agents.code.writers.composed.cohorts import Cohorts, of_first
from agents.code.writers.composed.derived import Derived


def test_ties_are_kept_where_a_task_says_so() -> None:
    sql = "SELECT a FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY b ORDER BY c DESC) = 1"
    assert "RANK()" in afterwards("Longest trip of each boat. If several trips tie, keep all of them.", sql)
    assert afterwards("Longest trip of each boat, ties by name.", sql) == sql


def test_days_of_the_week_have_numbers_where_a_task_says_so() -> None:
    sql = "SELECT DAYNAME(day) FROM t WHERE DAYNAME(day) IN ('Monday') GROUP BY DAYNAME(day)"
    made = afterwards("weekday as 1 = Monday to 7 = Sunday", sql)
    assert made == "SELECT ISODOW(day) FROM t WHERE DAYNAME(day) IN ('Monday') GROUP BY ISODOW(day)"


@pytest.mark.parametrize(
    ("question", "asked", "unit"),
    [
        ("Boat cohorts by month of first trip", "Number of trips per Boat", "month"),
        ("Group boats by the quarter of their first ever trip and count them", "Number of trips per boats", "quarter"),
    ],
)
def test_cohorts_are_of_the_first_event_of_each_thing(question: str, asked: str, unit: str) -> None:
    assert of_first(question)
    assert Cohorts.of(question) == Cohorts(asked, unit)
    assert not of_first("Trips by month")
    assert Cohorts.of("Boats by the month of their longest trip") is None


def test_the_nth_of_each_thing_is_told_by_the_first() -> None:
    told = Derived.of("The second trip ever made by each Danish boat", ())
    assert told is not None
    assert (told.way, told.number) == ("nth", 2)
    assert told.question == "The first trip of each Danish boat"
    assert Derived.of("Trips of the second half of each year", ()) is None
