"""Prose for results: right words, formatted numbers, and none that is not in the rows or the question."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

import pytest

from agents import statement
from agents.ask.explain import explain, measured, titles
from agents.ask.names import numbers, one
from agents.ask.wording import Wording
from data.catalog import Catalog, Column, SourceConfig, Table
from data.naming import many


@pytest.fixture
def prose(gateway):
    def make(sql, columns, rows, question="", truncated=False):
        wording = Wording(statement.query(sql), gateway.catalog, numbers(question))
        return explain(wording, columns, rows, truncated=truncated)

    return make


JOINED = "FROM tidal.plays JOIN tidal.artists ON plays.artist_id = artists.artist_id"


@pytest.mark.parametrize(
    ("sql", "row", "text"),
    [
        ("FROM tidal.plays SELECT count(*)", [1234], "Number of plays: 1,234."),
        (
            f"{JOINED} SELECT count(*) WHERE artists.name = 'Nova'",
            [1234],
            "Number of plays where artist name is Nova: 1,234.",
        ),
        ("SELECT sum(price) FROM tidal.plays", [Decimal("1234.5")], "Total price of plays: $1,234.50."),
        ("SELECT round(avg(p.price), 2) FROM tidal.plays p", [0.5], "Average price of plays: $0.50."),
        ("SELECT max(played_at) FROM tidal.plays", [datetime(2024, 5, 1)], "Latest play: 2024-05-01."),
        ("SELECT count(DISTINCT artist_id) FROM tidal.plays", [3], "Number of different artists: 3."),
        (
            "SELECT 100.0 * count(*) FILTER (WHERE platform = 'ios') / count(*) FROM tidal.plays",
            [12.345],
            "Percentage of plays where platform is ios: 12.35%.",
        ),
        ("FROM tidal.plays SELECT avg(length) / 60.0", [3.5], "Average length of plays: 3.5 min."),
        (
            "SELECT count(*) / count(DISTINCT artist_id) FROM tidal.plays",
            [1.5],
            "Number of plays per artist: 1.5.",
        ),
        (
            "SELECT count(*) FROM tidal.plays WHERE platform IS NULL AND platform <> 'tv'",
            [0],
            "Number of plays where platform is missing and platform is not tv: 0.",
        ),
        ("SELECT price * 2 AS top_99_x FROM tidal.plays LIMIT 1", [3.0], "Top x: 3."),
        ("WITH t AS (SELECT 1 FROM tidal.plays) SELECT count(*) AS n FROM t", [5], "N: 5."),
        ("SELECT user_id FROM cash.users", [12345], "User id: 12345."),
    ],
)
def test_one_value(prose, sql, row, text):
    columns = [item.alias_or_name or "x" for item in statement.query(sql).selects]
    assert prose(sql, columns, [row]) == text


def test_several_rows_are_summarised(prose):
    sql = f"{JOINED} SELECT artists.name, sum(price) GROUP BY ALL"
    rows = [[name, Decimal(n)] for n, name in enumerate("ABCDEFG", 1)]
    assert prose(sql, ["name", "sum(price)"], rows) == (
        "Artist name and total price of plays: A, $1.00; B, $2.00; C, $3.00; D, $4.00; E, $5.00; and more."
    )


def test_a_star_is_every_column(prose):
    said = prose("SELECT * FROM tidal.artists", ["artist_id", "name"], [[1001, "Nova"]])
    assert said == "Artist id: 1001; artist name: Nova."


def test_years_are_not_measured(prose):
    sql = "SELECT year(played_at), count(*) FROM tidal.plays GROUP BY ALL"
    assert prose(sql, ["y", "n"], [[2024, 5000], [2025, 7000]]) == "Year and number of plays: 2024, 5,000; 2025, 7,000."


@pytest.mark.parametrize("rows", [[], [[None]]])
def test_no_rows_say_which_conditions_held(prose, rows):
    said = prose("SELECT sum(price) FROM tidal.plays WHERE platform = 'tv'", ["s"], rows)
    assert said == "No plays match: platform is tv."


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("plays over 100 dollars", "Number of plays where price is over 100: 4."),
        ("expensive plays", "Number of plays where the further conditions of the SQL hold: 4."),
    ],
)
def test_a_number_that_the_writer_made_up_is_not_said(prose, question, text):
    assert prose("SELECT count(*) FROM tidal.plays WHERE price > 100", ["n"], [[4]], question) == text


def test_every_number_comes_from_the_rows(prose):
    sql = f"{JOINED} SELECT artists.name AS best_of_77, count(*) AS n_88 WHERE price > 99 GROUP BY ALL LIMIT 66"
    said = prose(sql, ["best_of_77", "n_88"], [["Nova", 3], ["Kite", 21]], truncated=True)
    assert set(re.findall(r"\d+", said)) == {"3", "21"}


def test_texts_from_rows_are_cut_and_on_one_line(prose):
    said = prose("SELECT name FROM tidal.artists", ["name"], [["x\n" * 200]])
    assert "\n" not in said
    assert len(said) < 100


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        (1234567, None, "1,234,567"),
        (1234.5, None, "1,234.5"),
        (0.00012345, None, "0.0001234"),
        (Decimal("-5"), "USD", "-$5.00"),
        (90, "s", "90 s"),
        (float("nan"), None, "nan"),
        (float("inf"), "USD", "$inf"),
        (12.0, "%", "12%"),
        (0, None, "0"),
    ],
)
def test_numbers_are_written_for_people(number, unit, text):
    assert measured(number, unit) == text


@pytest.mark.parametrize(
    ("plural", "singular"),
    [("plays", "play"), ("cities", "city"), ("addresses", "address")],
)
def test_singulars_and_plurals(plural, singular):
    assert (one(plural), many(singular)) == (singular, plural)


def test_a_period_is_one_condition(prose):
    sql = "SELECT count(*) FROM tidal.plays WHERE played_at >= '2024-01-01' AND played_at < DATE '2025-01-01'"
    said = prose(sql, ["n"], [[4]], "2024-01-01 2025-01-01")
    assert said == "Number of plays where played at is from 2024-01-01 and before 2025-01-01: 4."


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT name FROM tidal.artists UNION SELECT platform FROM tidal.plays",
        "SELECT x FROM (SELECT name AS x FROM tidal.artists) AS t WHERE x > 'a'",
        "SELECT * EXCLUDE (name) FROM tidal.artists",
        "SELECT a.* FROM tidal.artists AS a, tidal.plays",
        "SELECT row_number() OVER (ORDER BY name) FROM tidal.artists QUALIFY 1 = 1",
        "SELECT CASE WHEN price > 5 THEN 1 ELSE 2 END FROM tidal.plays",
        "SELECT sum(price + 1), count(platform), count(DISTINCT (platform, price)) FROM tidal.plays",
        "SELECT count(*) FROM tidal.plays WHERE NOT (price > 5 OR price IN (1, 2)) AND price IN (SELECT 1)",
        "SELECT count(*) FROM tidal.plays WHERE 5 < price AND -price < 3 AND price BETWEEN price AND 5",
        "SELECT list(name)[1], {'a': name}.a FROM tidal.artists",
        "SELECT 100.0 * sum(price) FILTER (WHERE platform = 'ios') / sum(price) FROM tidal.plays",
        "SELECT count(*) FROM tidal.plays, unnest([1, 2]) AS t(x) WHERE x = 1",
        "SELECT date_trunc('month', played_at), extract(year FROM played_at) FROM tidal.plays",
        "SELECT nothing, nowhere.name FROM tidal.artists",
        "FROM tidal.artists",
    ],
)
@pytest.mark.parametrize("width", [1, 2])
def test_any_query_can_be_said(prose, sql, width):
    said = prose(sql, [f"c{n}" for n in range(width)], [[987.5] * width] * 2)
    assert set(re.findall(r"\d+", said)) <= {"987", "5"}


def test_dates_and_booleans(prose):
    said = prose("SELECT a, b, c FROM tidal.artists", ["a", "b", "c"], [[date(2024, 2, 29), True, None]])
    assert said == "A: 2024-02-29; b: yes; c: none."


def test_columns_without_a_name_are_called_by_what_they_hold(gateway):
    sql = "FROM tidal.plays SELECT platform, count(*), 100.0 * count(*) / sum(count(*)) OVER () GROUP BY ALL"
    wording = Wording(statement.query(sql), gateway.catalog, numbers(""))
    columns = ["platform", "count_star()", "((100.0 * count_star()) / sum(count_star()) OVER ())"]
    assert titles(wording, columns) == ["platform", "number of plays", "percentage of all plays"]
    said = explain(wording, columns, [["ios", 3, 75.0], ["car", 1, 25.0]], truncated=False)
    assert said.endswith("ios, 3, 75%; car, 1, 25%.")


def test_a_column_that_says_what_it_is_is_not_said_to_be_it_once_more():
    columns = (Column("invoice_id", "BIGINT"), Column("totalCents", "BIGINT"))
    catalog = Catalog((SourceConfig("s", "sqlite", "x", tables=(Table("s", "invoices", columns=columns),)),))
    wording = Wording(statement.query("SELECT sum(totalCents) FROM s.invoices"), catalog, frozenset())
    assert wording.said(wording.outputs()[0]) == "total cents of invoices"
