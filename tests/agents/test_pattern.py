from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agents.pattern import Pattern, bound
from data.errors import Invalid

TOP = "Top {n:number} cities by volume in {month:month}?"


@pytest.mark.parametrize(
    ("question", "n", "month"),
    [
        ("top 5 cities by volume in March 2025", "5", "DATE '2025-03-01'"),
        ("TOP  five cities by volume  in sep. 2024 ?!", "5", "DATE '2024-09-01'"),
        ("Top 1,000 cities by volume in 2025-12.", "1000", "DATE '2025-12-01'"),
    ],
)
def test_values_are_read_from_the_question(question, n, month):
    assert Pattern.of(TOP).values(question) == {"n": n, "month": month}


@pytest.mark.parametrize(
    "question",
    [
        "top cities by volume in March 2025",
        "top 5 cities by volume in Smarch 2025",
        "top 5 cities by volume in 2025-13",
        "top 1,00 cities by volume in March 2025",
        "what are the top 5 cities by volume in March 2025",
        "top 5 cities by volume in March 2025 and April 2025",
        "",
    ],
)
def test_other_questions_are_not_matched(question):
    assert Pattern.of(TOP).values(question) is None


def test_relative_months_are_those_of_today():
    month = Pattern.of("sales of {m:month}").values("sales of this month")["m"]
    assert month == f"DATE '{datetime.now(UTC).date().replace(day=1)}'"
    last = Pattern.of("sales of {m:month}").values("sales of last month")["m"]
    assert last < month


@pytest.mark.parametrize("text", ["x' OR 1=1 --", "O’Brien", "a; DROP TABLE b", "$n", "'; SELECT 1"])
def test_a_text_can_be_nothing_but_a_literal(text):
    values = Pattern.of("shops in {city}").values(f"shops in {text}")
    sql = bound("SELECT count(*) FROM a.b WHERE city = $city -- not $city", values)
    assert sql.count("-- not $city") == 1
    from agents import statement

    tree = statement.query(sql)
    assert tree.args["where"].this.expression.is_string
    assert tree.args["where"].this.expression.this == text.strip("\"'“”‘’")


@pytest.mark.parametrize(
    ("question", "sql", "said"),
    [
        ("top {n:numbers}", "SELECT 1 LIMIT $n", "kind 'numbers'"),
        ("{n} and {n}", "SELECT $n", "twice"),
        ("{n:number}", "SELECT $n", "no words"),
        ("top {n:number}", "SELECT a FROM b", "does not use '$n'"),
        ("top {n:number}", "SELECT a FROM b WHERE c = $d LIMIT $n", "no place '{d}'"),
    ],
)
def test_what_does_not_fit_is_refused(approved, question, sql, said):
    with pytest.raises(Invalid, match=said.replace("$", r"\$").replace("{", r"\{")):
        approved.add(question, sql, "ada")


def test_an_approved_question_takes_values(approved):
    approved.add("top {n:number} cities", "SELECT city FROM a.b LIMIT $n", "ada")
    approved.add("top 3 cities", "SELECT best FROM a.b LIMIT 3", "ada")
    assert approved.match("Top 7 cities?").sql == "SELECT city FROM a.b LIMIT 7"
    assert approved.match("Top 3 cities?").sql == "SELECT best FROM a.b LIMIT 3"
    assert approved.match("top {n:number} cities") is None
    assert approved.match("top many cities") is None
