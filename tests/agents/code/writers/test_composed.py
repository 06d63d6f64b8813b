"""What a task for code says of the data, of its columns and of its periods."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.code.writers.composed.aggregations import aggregations, lengths
from agents.code.writers.composed.asked import Condition, beyond, split
from agents.code.writers.composed.classes import Classed
from agents.code.writers.composed.columns import arranged
from agents.code.writers.composed.derived import Derived, derive, placed
from agents.code.writers.composed.distribution import Distribution, spread
from agents.code.writers.composed.entities import entities_of
from agents.code.writers.composed.pivoted import pivoted
from agents.code.writers.composed.request import Request
from data.catalog import Catalog
from tests.agents.grammar.schemas import AIRLINE


@pytest.mark.parametrize(
    ("task", "question", "outputs"),
    [
        ("Write a PySpark job that counts late flights per carrier.", "Count late flights per carrier", ()),
        ("Using pandas, please show me the seats sold per day.", "The seats sold per day", ()),
        ("Python function returning the average fare (airport_id, fare).", "The average fare", ("airport_id", "fare")),
        ("SQL: the busiest routes; return origin, destination and number of flights.", "The busiest routes, with the "
         "number of flights", ("origin", "destination", "number of flights")),
        ("Could you give me a Spark DataFrame of lost flights, newest first?", "Lost flights?, newest first", ()),
        ("For each carrier, give the total fare, as a polars frame.", "Total fare for each carrier", ()),
        ("Compare fares (in USD) of late and lost flights", "Compare fares (in USD) of late and lost flights", ()),
        ("Fares per carrier. PySpark please; late ones too", "Fares per carrier.; late ones too", ()),
        ("For the sales deck: late flights per carrier", "Late flights per carrier", ()),
        ("polars", "Polars", ()),
    ],
)  # fmt: skip
def test_a_request_is_told_apart_from_its_program(task: str, question: str, outputs: tuple[str, ...]) -> None:
    assert Request.of(task) == Request(question, outputs)


@pytest.mark.parametrize(
    ("sql", "outputs", "wanted"),
    [
        (
            "FROM air.flight JOIN air.carrier ON flight.carrier_id = carrier.id SELECT carrier.name, sum(flight.fare) "
            "GROUP BY carrier.id, carrier.name ORDER BY sum(flight.fare) DESC LIMIT 3",
            ("carrier_id", "revenue"),
            "SELECT flight.carrier_id, SUM(flight.fare)",
        ),
        ("FROM air.flight SELECT flight_no, fare WHERE fare > 5", ("id", "fare"), "SELECT id, fare"),
        ("FROM air.flight SELECT status, sum(fare) GROUP BY ALL", ("status", "number of flights", "fare"),
         "SELECT status, COUNT(*), SUM(fare)"),
        ("FROM air.flight SELECT status GROUP BY ALL ORDER BY max(tax) DESC LIMIT 1", ("status", "tax"),
         "SELECT status, MAX(tax)"),
        ("FROM air.flight SELECT date_trunc('month', departed_at), count(*) GROUP BY ALL", ("month", "flights"),
         "SELECT DATE_TRUNC('MONTH', departed_at), COUNT(*)"),
    ],
)  # fmt: skip
def test_the_columns_are_those_that_are_named(sql: str, outputs: tuple[str, ...], wanted: str) -> None:
    assert (arranged(sql, outputs, AIRLINE) or "").startswith(wanted)


def test_columns_that_a_query_lacks_are_not_made_up() -> None:
    assert arranged("FROM air.flight SELECT flight_no, fare", ("flight_no", "profit"), AIRLINE) is None
    assert arranged("FROM air.flight SELECT flight_no, fare", ("flight_no", "—"), AIRLINE) is None  # no word at all
    assert arranged("FROM air.flight SELECT count(*)", ("sum", "count"), AIRLINE) is None
    last = "FROM air.flight SELECT status, max(departed_at) GROUP BY ALL"
    assert arranged(last, ("status", "revenue"), AIRLINE) is None
    assert arranged(last, ("status", "last departure"), AIRLINE) is not None


@pytest.mark.parametrize(
    ("question", "way", "asked"),
    [
        ("Month-over-month change in total fare during 2025", "difference", "total fare during 2025 by month"),
        ("Growth in percent of flights versus the previous quarter", "growth", "flights by quarter"),
        ("Cumulative number of flights by day", "running", "Number of flights by day"),
        ("The 95th percentile of the fare per carrier", "quantile", "The median of the fare per carrier"),
        ("The second largest fare of each carrier", "nth", "The largest fare of each carrier"),
    ],
)
def test_what_is_computed_of_periods_is_told_apart(question: str, way: str, asked: str) -> None:
    derived = Derived.of(question, ())
    assert derived is not None
    assert derived.way == way
    assert " ".join(derived.question.split()) == asked


def test_a_moving_number_is_of_the_rows_before() -> None:
    derived = Derived.of("Daily fare together with its 7-day moving average", ("day", "fare", "average"))
    assert derived is not None
    daily = "SELECT date_trunc('day', departed_at), sum(fare) FROM air.flight GROUP BY 1"
    made = derive(daily, derived, ("day", "fare", "average")) or ""
    assert "avg(total_fare) OVER (ORDER BY day ROWS BETWEEN 6 PRECEDING AND CURRENT ROW)" in made


@pytest.mark.parametrize(
    ("task", "question", "cases"),
    [
        ("Split flights into buckets by fare: under 10, 10 to 50, and 50 or more. One row per bucket with the number "
         "of flights.", "Number of flights", ("{} < 10", "{} < 50", "")),
        ("Put flights into 'cheap' under 20 dollars, 'dear' from 20 up", None, ()),  # into what is not said
        ("Bands of flights by fare: under 10, 20 to 50, over 50", None, ()),  # what is in between is left open
    ],
)  # fmt: skip
def test_classes_are_told_apart_from_what_is_asked_of_them(
    task: str, question: str | None, cases: tuple[str, ...]
) -> None:
    made = Classed.of(task)
    assert (made.question if made else None) == question
    assert (tuple(test for _, test in made.classes.cases) if made else ()) == cases


def test_whose_features_is_read_in_other_words() -> None:
    flight = AIRLINE.table("air.flight")
    sources = (replace(s, tables=tuple(replace(t, synonyms=("airlines",)) for t in s.tables if t.name == "carrier"))
               for s in AIRLINE.sources)  # fmt: skip
    called = Catalog(tuple(sources), AIRLINE.relationships[:1])
    assert entities_of("For every airline the fares of 7 days", flight, called, ()) == ["carrier_id"]
    assert entities_of("Fares of 7 days", flight, AIRLINE, ()) == []
    assert entities_of("Per origin, different carriers in 7 days", flight, AIRLINE, ("carrier_id",)) == ["origin_id"]


def test_a_plain_question_derives_nothing() -> None:
    assert Derived.of("Total fare by month in 2025", ()) is None
    assert Derived.of("How many flights had a second stop", ()) is None


def test_a_change_is_made_of_one_number_a_period() -> None:
    monthly = "FROM air.flight SELECT date_trunc('month', departed_at), count(*) GROUP BY ALL ORDER BY 1"
    assert "lag(count) OVER (ORDER BY month) AS change" in (derive(monthly, Derived("difference", "")) or "")
    assert derive("FROM air.flight SELECT count(*)", Derived("growth", "")) is None
    second = Derived("nth", "", 2)
    ranked = "FROM air.flight SELECT fare QUALIFY rank() OVER (PARTITION BY status ORDER BY fare DESC) <= 1"
    assert (placed(ranked, second) or "").endswith("= 2")
    assert placed(monthly, second) is None


def test_a_condition_of_one_feature_is_not_that_of_all() -> None:
    late, lost = (Condition("status", f"status = '{v}'", v, frozenset({at})) for v, at in (("late", 0), ("lost", 1)))
    assert split([late], 2, "late flights and their fare") == ([late], {})
    assert split([lost], 2, "mean fare and number of lost flights") == ([], {1: [lost]})
    assert split([lost], 2, "mean fare and number of flights, lost only") == ([lost], {})
    assert split([late, lost], 2, "late flights and lost flights") == ([], {0: [late], 1: [lost]})
    assert split([replace(late, places=frozenset()), replace(lost, places=frozenset())], 1, "late or lost") is None


def test_what_no_window_has_is_told() -> None:
    assert beyond("share of late flights in 7 days") == "share"
    assert beyond("number of lost flights is not needed") == "is not needed"
    assert beyond("growth features: p90 of the fare over 7 days") == ""


@pytest.mark.parametrize(
    ("text", "question"),
    [("Build a pivot table: rows the country, columns late, lost and early, values the mean fare",
      "Mean fare per country. Columns: country, late, lost, early"),
     ("Pivot table with rows status, columns carrier, values total fare",
      "Total fare per status, one column per carrier"),
     ("Mean fare per country", "Mean fare per country")],
)  # fmt: skip
def test_a_pivot_is_read_by_its_parts(text: str, question: str) -> None:
    assert pivoted(text) == question


@pytest.mark.parametrize(
    ("text", "found"),
    [("7 and 30 days", ("7d", "30d")), ("5 minutes, 1 hour and 1 day", ("5m", "1h", "1d")),
     ("day and week", ("1d", "7d")),
     ("1, 7 and 30 days", ("1d", "7d", "30d")), ("two weeks", ("14d",)), ("24h", ("24h",))],
)  # fmt: skip
def test_windows_are_lengths_of_time(text: str, found: tuple[str, ...]) -> None:
    assert lengths(text) == found


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Distribution of the number of flights per carrier", "Number of flights per carrier"),
        (
            "Group carriers by how many airports they have used and count the carriers",
            "Number of airports per carriers",
        ),
        (
            "Distribution of flights per carrier, including carriers with none: flights, carriers",
            "Number of flights per carrier, including carrier without any flights",
        ),
        ("Flights per carrier, distribution", "Number of Flights per carrier"),
        ("Number of flights per carrier", None),
        ("Group flights by status", None),
    ],
)
def test_distributions_ask_for_the_number_of_each_thing(text: str, question: str | None) -> None:
    found = Distribution.of(text)
    assert (found.question if found else None) == question


def test_a_distribution_counts_the_things_of_each_number() -> None:
    assert spread("SELECT id, count(*) FROM flight GROUP BY id") == (
        "SELECT rows_each, count(*) FROM (SELECT COUNT(*) AS rows_each FROM flight GROUP BY id) "
        "GROUP BY rows_each ORDER BY rows_each"
    )
    assert spread("SELECT id, avg(fare) FROM flight GROUP BY id") is None
    assert spread("SELECT count(*) FROM flight") is None


def test_aggregations_take_the_windows_that_follow_them() -> None:
    made = aggregations("largest fare in 90 days, minimum and maximum tax and how many different carriers in 7 days")
    assert [(one.function, one.of, one.over) for one in made] == [
        ("max", "fare", ("90d",)),
        ("min", "tax", ("7d",)),
        ("max", "tax", ("7d",)),
        ("approx_distinct", "carriers", ("7d",)),
    ]
    made = aggregations("number and amount of late flights in the last 24 hours and the last 7 days")
    assert [(one.function, one.over) for one in made] == [("count", ("24h", "7d")), ("sum", ("24h", "7d"))]
    made = aggregations("total fare in the last 7 and the last 30 days, minutes since the last flight within 60 days")
    assert [(one.function, one.over) for one in made] == [("sum", ("7d", "30d")), ("age", ("60d",))]
    made = aggregations("the status of the latest flight within 60 days, flights in an hour and a day")
    assert (made[0].function, made[0].of, made[0].over) == ("last", "status", ("60d",))
    assert [(one.function, one.quantile) for one in aggregations("p90 and median of the fare over 1 day")] == [
        ("quantile", 0.9),
        ("quantile", 0.5),
    ]
