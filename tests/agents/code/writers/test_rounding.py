"""How tasks say that numbers are to be rounded."""

from __future__ import annotations

import pytest

from agents.code.writers.rounding import Rounding

TWO = "SELECT a, sum(x) / count(*) AS r, avg(y) AS m, count(*) AS n, sum(x) AS s FROM t GROUP BY 1"


@pytest.mark.parametrize(
    ("task", "left", "digits"),
    [
        ("Mean tip per method. Round to cents.", "Mean tip per method..", (2,)),
        ("share per plan (percent, 1 decimal), sorted", "share per plan (percent), sorted", (1,)),
        ("hours listened (2 decimals) per platform", "hours listened  per platform", (2,)),
        ("the average rounded to whole seconds, and the count", "the average, and the count", (0,)),
        ("mean to two decimals, rate with 4 decimals", "mean, rate", (2, 4)),
        ("Give the rate, not rounded", "Give the rate, not rounded", ()),
        ("don't round, keep 3 decimals", "don't round, keep 3 decimals", ()),
        ("Payments of whole dollars", "Payments of whole dollars", ()),
        ("Days as decimals", "Days as decimals", ()),
        ("Users around the two towns", "Users around the two towns", ()),
    ],
)
def test_what_is_said_of_rounding_is_told_apart(task: str, left: str, digits: tuple[int, ...]) -> None:
    assert (Rounding.of(task).text, Rounding.of(task).digits) == (left, digits)


def test_quotients_and_averages_are_rounded_and_sums_are_not() -> None:
    made = Rounding("", (2,)).applied(TWO)
    shown = "a, round(sum(x) / count(*), 2) AS r, round(avg(y), 2) AS m, count(*) AS n, sum(x) AS s"
    assert made == f"SELECT {shown} FROM t GROUP BY 1"


def test_each_number_has_its_own_decimals_where_as_many_are_told() -> None:
    made = Rounding("", (1, 3)).applied(TWO)
    assert "round(sum(x) / count(*), 1)" in made
    assert "round(avg(y), 3)" in made


def test_sums_are_rounded_where_there_is_nothing_else_to_round() -> None:
    assert (
        Rounding("", (0,)).applied("SELECT a, sum(x) AS s FROM t GROUP BY 1").startswith("SELECT a, round(sum(x)) AS s")
    )


def test_what_is_rounded_already_stays() -> None:
    sql = "SELECT round(avg(x), 1) AS m FROM t"
    assert Rounding("", (2,)).applied(sql) == sql
