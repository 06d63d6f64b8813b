"""Every form of SQL that the model is taught can be written, and DuckDB runs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import duckdb
import pytest
import sqlglot

from agents.grammar import OTHERWISE, lark
from agents.grammar.acceptance import accepts, matches
from agents.paths import paths
from data.catalog import Catalog, Column, Relationship, SourceConfig, Table
from retrieval import Context
from retrieval.hints import Hint
from tests.agents.grammar.schemas import AIRLINE, CHAIN, database

QUESTION = "3 flights over 60 or 7, 'delayed bags', in March 2025 against 2024 and Mondays in December"
NUMBERS = (
    Hint("3", "number", (), ("3",)),
    Hint("over 60", "number", (), ("60",), ">"),
    Hint("7", "number", (), ("7",)),
)
PERIODS = (
    Hint("in March 2025", "time", (), ("2025-03-01", "2025-04-01"), start=10),
    Hint("2024", "time", (), ("2024-01-01", "2025-01-01"), start=30),
)
MARCH = "departed_at >= '2025-03-01' AND departed_at < '2025-04-01'"
YEAR = "departed_at >= '2024-01-01' AND departed_at < '2025-01-01'"
BY_CARRIER = "FROM air.flight JOIN air.carrier ON flight.carrier_id = carrier.id SELECT carrier.name"
GROWTH = f"count(*) FILTER (WHERE {MARCH}) - count(*) FILTER (WHERE {YEAR})"

FORMS = [
    # Ties.
    f"{BY_CARRIER} GROUP BY carrier.id, carrier.name QUALIFY rank() OVER (ORDER BY count(*) DESC) = 1",
    f"{BY_CARRIER}, sum(flight.fare) GROUP BY carrier.id, carrier.name"
    " QUALIFY rank() OVER (ORDER BY sum(flight.fare)) <= 3",
    "FROM air.flight SELECT status, count(*) GROUP BY 1 QUALIFY rank() OVER (ORDER BY count(*) DESC) = 1",
    "FROM air.flight SELECT status GROUP BY 1 QUALIFY rank() OVER (ORDER BY count(*) DESC) = 1",
    "FROM air.flight SELECT flight_no QUALIFY rank() OVER (ORDER BY fare DESC) = 1",
    # The first of each group.
    "FROM air.flight SELECT status, flight_no, fare"
    " QUALIFY row_number() OVER (PARTITION BY status ORDER BY fare DESC) <= 3",
    "FROM air.flight SELECT status, carrier_id, count(*) GROUP BY 1, 2"
    " QUALIFY rank() OVER (PARTITION BY status ORDER BY count(*) DESC) = 1",
    "FROM air.flight SELECT year(departed_at), status, count(*) GROUP BY 1, 2"
    " QUALIFY rank() OVER (PARTITION BY year(departed_at) ORDER BY count(*) DESC) = 1",
    # Ratios and percentages.
    "FROM air.flight SELECT sum(fare) / sum(seats)",
    "FROM air.flight SELECT avg(fare / seats)",
    "FROM air.flight SELECT 100.0 * sum(tax) / sum(fare)",
    "FROM air.flight SELECT 100.0 * count(*) FILTER (WHERE status = 'landed') / count(*)",
    "FROM air.flight SELECT status, 100.0 * count(*) / sum(count(*)) OVER () GROUP BY ALL",
    "FROM air.flight SELECT status, 100.0 * sum(fare) / sum(sum(fare)) OVER () GROUP BY ALL",
    "FROM air.flight SELECT carrier_id, 100.0 * sum(fare) FILTER (WHERE international = true) / sum(fare) GROUP BY ALL",
    "FROM air.flight SELECT count(*) / count(DISTINCT carrier_id)",
    # Differences and growth.
    f"FROM air.flight SELECT {GROWTH}",
    f"FROM air.flight SELECT 100.0 * ({GROWTH}) / count(*) FILTER (WHERE {YEAR})",
    f"FROM air.flight SELECT status, {GROWTH} GROUP BY ALL ORDER BY {GROWTH} DESC LIMIT 3",
    "FROM air.flight SELECT avg(fare) FILTER (WHERE status = 'landed') - avg(fare) FILTER (WHERE status = 'lost')",
    # Arithmetic.
    "FROM air.flight SELECT sum(fare - tax)",
    "FROM air.flight SELECT flight_no, fare - tax ORDER BY fare - tax DESC LIMIT 3",
    "FROM air.flight SELECT sum(fare * seats), sum(fare * seats) / 100.0",
    "FROM air.flight SELECT flight_no, fare + tax ORDER BY fare + tax DESC LIMIT 1",
    "FROM air.flight SELECT status, sum(fare + tax) GROUP BY ALL",
    "FROM air.flight SELECT flight_no WHERE fare * seats > 60",
    "FROM air.flight SELECT avg(date_diff('day', departed_at, landed_at))",
    "FROM air.flight SELECT flight_no WHERE fare < tax AND departed_at < landed_at",
    "FROM air.flight SELECT count(*) WHERE date_diff('hour', departed_at, landed_at) > 60",
    "FROM hr.employee SELECT name, date_diff('year', hired_on, left_on)",
    # Conversions.
    "FROM air.flight SELECT sum(fare) / 100.0",
    "FROM air.flight SELECT flight_no, fare / 1000.0",
    "FROM air.flight SELECT status, avg(seats) / 60.0 GROUP BY ALL",
    # Groups counted, and averages over things.
    "FROM (FROM air.flight SELECT carrier_id GROUP BY ALL HAVING count(*) = 3) SELECT count(*)",
    "FROM (FROM air.flight SELECT carrier_id, count(*) AS n GROUP BY ALL) SELECT avg(n)",
    "FROM (FROM air.flight SELECT carrier_id, sum(fare) AS n WHERE status = 'landed' GROUP BY ALL) SELECT median(n)",
    "FROM air.carrier SELECT count(*) WHERE id IN (FROM air.flight SELECT carrier_id GROUP BY carrier_id"
    " HAVING count(*) > 1)",
    # Running totals.
    "FROM air.flight SELECT date_trunc('month', departed_at) AS p,"
    " sum(sum(fare)) OVER (ORDER BY date_trunc('month', departed_at)) GROUP BY 1 ORDER BY p",
    "FROM air.flight SELECT year(departed_at) AS p, sum(count(*)) OVER (ORDER BY year(departed_at))"
    " WHERE status = 'landed' GROUP BY 1 ORDER BY p",
    # Against the parent.
    "FROM hr.employee JOIN hr.employee AS manager ON employee.manager_id = manager.id SELECT employee.name"
    " WHERE employee.salary > manager.salary",
    "FROM hr.employee SELECT name WHERE id NOT IN (FROM hr.employee SELECT manager_id WHERE manager_id IS NOT NULL)",
    "FROM air.flight JOIN air.airport AS origin ON flight.origin_id = origin.id"
    " JOIN air.airport AS destination ON flight.destination_id = destination.id SELECT count(*)"
    " WHERE origin.city = destination.city",
    "FROM air.flight SELECT flight_no WHERE origin_id = destination_id",
    # Groups against all.
    "FROM air.flight SELECT status GROUP BY ALL HAVING avg(fare) > (FROM air.flight SELECT avg(fare))",
    f"{BY_CARRIER}, avg(flight.fare) GROUP BY carrier.id, carrier.name"
    " HAVING avg(flight.fare) < (FROM air.flight SELECT avg(fare))",
    # What goes on in a period.
    "FROM air.flight SELECT count(*) WHERE departed_at < '2025-04-01'"
    " AND (landed_at >= '2025-03-01' OR landed_at IS NULL)",
    "FROM hr.employee SELECT name WHERE hired_on < '2025-01-01' AND (left_on >= '2024-01-01' OR left_on IS NULL)",
    # Searched texts.
    "FROM air.flight SELECT flight_no WHERE note ILIKE '%delayed bags%'",
    "FROM air.flight SELECT flight_no WHERE note ILIKE 'bags%' AND status NOT ILIKE '%delayed'",
    # The calendar.
    "FROM air.flight SELECT count(*) WHERE month(departed_at) = 12",
    "FROM air.flight SELECT count(*) WHERE dayname(landed_at) = 'Monday'",
    "FROM hr.employee SELECT count(*) WHERE year(hired_on) = 2024",
    "FROM air.flight SELECT month(departed_at), count(*) GROUP BY ALL ORDER BY 1",
    "FROM air.flight SELECT year(departed_at), dayname(departed_at), sum(fare) GROUP BY ALL",
    # What is missing, and what is there.
    "FROM air.flight SELECT count(*) WHERE landed_at IS NULL AND note IS NOT NULL",
    "FROM air.carrier SELECT name WHERE id NOT IN (FROM air.flight SELECT carrier_id WHERE carrier_id IS NOT NULL)",
    "FROM air.carrier SELECT name WHERE id IN (FROM air.flight SELECT carrier_id WHERE fare > 60)"
    " AND id NOT IN (FROM air.flight SELECT carrier_id WHERE carrier_id IS NOT NULL AND status = 'landed')",
    "FROM air.airport SELECT name WHERE id NOT IN (FROM air.flight SELECT origin_id WHERE origin_id IS NOT NULL)",
    # What was there before.
    "FROM air.flight SELECT flight_no, fare ORDER BY fare DESC LIMIT 1 OFFSET 1",
    "FROM air.flight SELECT DISTINCT status ORDER BY 1",
    "FROM air.flight SELECT status, carrier_id, count(*), avg(fare) GROUP BY ALL"
    " HAVING count(*) > 60 AND avg(fare) >= 7",
    "FROM air.flight SELECT status, count(*) FILTER (WHERE international = true), count(*) GROUP BY ALL",
    "FROM air.flight SELECT flight_no WHERE seats = 7 AND fare > (FROM air.flight SELECT avg(fare))",
    "FROM air.flight SELECT min(departed_at), max(landed_at)",
    "FROM air.flight SELECT flight_no WHERE id = 7",
]
VALUES = {"air.flight": {"status": ["landed", "lost"]}}


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with database(AIRLINE) as connection:
        yield connection


def asked(sql: str) -> Context:
    """The question with those of its periods that the SQL uses."""
    told = tuple(hint for hint in PERIODS if hint.literals[0] in sql)
    return Context(QUESTION, AIRLINE, (*NUMBERS, *told))


@pytest.mark.parametrize("sql", FORMS)
def test_a_form_can_be_written_and_runs(sql: str, connection: duckdb.DuckDBPyConnection) -> None:
    assert accepts(asked(sql), sql, VALUES)
    connection.execute(sql)
    sqlglot.parse_one(sql, read="duckdb")


def test_the_whole_grammar_holds_what_that_of_one_path_holds() -> None:
    told = {sql: asked(sql) for sql in FORMS[::3]}
    whole = {context.hints: lark(context, VALUES) for context in told.values()}
    assert all(matches(whole[context.hints], sql) for sql, context in told.items())


def test_what_lasts_is_told_by_the_days_of_its_own_table() -> None:
    """Tables of two sources may be called the same."""
    catalog = Catalog(
        tuple(
            SourceConfig(
                name, "sqlite", "", tables=(Table(name, "stay", columns=tuple(Column(c, "DATE") for c in days)),)
            )
            for name, days in (("a", ("began", "ended")), ("b", ("opened", "closed")))
        ),
        (),
    )
    text = lark(Context("stays in 2024", catalog, PERIODS[1:]), {})
    lasting = "FROM b.stay SELECT count(*) WHERE {0} < '2025-01-01' AND ({1} >= '2024-01-01' OR {1} IS NULL)"
    assert matches(text, lasting.format("opened", "closed"))
    assert not matches(text, lasting.format("began", "ended"))
    assert not matches(text, lasting.format("closed", "opened"))


LINKED = {
    "Oslo": Hint("Oslo", "value", ("air.airport.city",), ("Oslo",), start=40),
    "Rome": Hint("Rome", "value", ("air.airport.city", "air.airport.name"), ("Rome",), start=50),
    "X-9": Hint("X-9", "value", ("air.flight.note", "air.flight.flight_no"), ("X-9",)),
    "late": Hint("late", "value", ("air.flight.status",), ("late",)),
}
SPAN = Hint("from 2021 to 2022", "time", (), ("2021-01-01", "2023-01-01"))


@pytest.mark.parametrize(
    ("said", "sql", "can"),
    [
        (("Oslo", "Rome"), "FROM air.airport SELECT name WHERE city IN ('Oslo', 'Rome')", True),
        (("Oslo", "Rome"), "FROM air.airport SELECT name WHERE city = 'Oslo'", False),
        (("Oslo", "Rome"), "FROM air.airport SELECT name WHERE city = 'Oslo' AND name = 'Rome'", True),
        (("Oslo",), "FROM air.airport SELECT name WHERE city != 'Oslo'", True),
        (("X-9",), "FROM air.flight SELECT fare WHERE flight_no = 'X-9'", True),
        (("late",), "FROM air.flight SELECT count(*) WHERE status IN ('late', 'lost')", True),
        (("late",), "FROM air.flight SELECT count(*) WHERE status = 'lost'", False),
        ((), "FROM air.flight SELECT count(*) WHERE status = 'lost'", True),
        ((), "FROM air.flight SELECT count(*) WHERE status IN ('lost', 'late')", True),
        ((), "FROM air.flight SELECT fare WHERE flight_no = 'KL-12B'", True),
        ((), "FROM air.flight SELECT fare WHERE flight_no = 'KL-12C'", False),
    ],
)
def test_texts_are_those_that_are_linked_shown_or_look_like_codes(said: tuple[str, ...], sql: str, can: bool) -> None:
    context = Context("what about KL-12B", AIRLINE, tuple(LINKED[name] for name in said))
    assert accepts(context, sql, {"air.flight": {"status": ["late", "lost"]}}) is can


def test_a_value_also_stands_in_what_points_at_it() -> None:
    catalog = replace(CHAIN, relationships=(*CHAIN.relationships, Relationship("s.c", "title", "s.d", "title")))
    context = Context("?", catalog, (Hint("T1", "value", ("s.d.title",), ("T1",)),))
    assert accepts(context, "FROM s.c SELECT flag WHERE title = 'T1'")
    assert not accepts(replace(context, catalog=CHAIN), "FROM s.c SELECT flag WHERE title = 'T1'")


@pytest.mark.parametrize(
    ("sql", "can"),
    [
        (f"{GROWTH}", True),
        ("count(*) WHERE departed_at >= '2021-01-01' AND departed_at < '2023-01-01'", True),
        ("count(*) WHERE departed_at >= '2021-01-01' AND departed_at < '2022-01-01'", False),
    ],
)
def test_the_ends_of_a_long_period_are_set_against_each_other(sql: str, can: bool) -> None:
    context = Context("how did flights grow from 2021 to 2022", AIRLINE, (SPAN,))
    parts = sql.replace("2025-03-01", "2022-01-01").replace("2025-04-01", "2023-01-01")
    parts = parts.replace("2024-01-01", "2021-01-01").replace("2025-01-01", "2022-01-01")
    assert accepts(context, f"FROM air.flight SELECT {parts}") is can


@pytest.mark.parametrize("answer", OTHERWISE)
def test_the_model_may_say_that_it_cannot(answer: str) -> None:
    context = Context(QUESTION, AIRLINE, (*NUMBERS, *PERIODS))
    assert matches(lark(context), answer)
    assert accepts(context, answer)
    assert not matches(lark(context), f"{answer} ")


@pytest.mark.parametrize(
    "sql",
    [
        "FROM air.flight SELECT sum(id)",
        "FROM air.flight SELECT avg(carrier_id)",
        "FROM air.flight SELECT sum(fare - seats)",
        "FROM air.flight SELECT sum(departed_at)",
        "FROM air.flight SELECT year(fare)",
        "FROM air.flight SELECT date_diff('day', departed_at, fare)",
        "FROM air.flight SELECT count(*) WHERE fare > seats",
        "FROM air.flight SELECT count(*) WHERE fare > 61",
        "FROM air.flight SELECT count(*) WHERE departed_at > fare",
        "FROM air.flight SELECT count(*) WHERE status = 'flown'",
        "FROM air.flight SELECT count(*) WHERE note ILIKE '%password%'",
        "FROM air.flight SELECT count(*) WHERE month(departed_at) = 11",
        "FROM air.flight JOIN air.airport ON flight.carrier_id = airport.id SELECT count(*)",
        "FROM air.flight SELECT count(*) LIMIT 3",
        "FROM air.flight SELECT status, count(*) GROUP BY ALL QUALIFY rank() OVER (ORDER BY count(*) DESC) = 1",
        "FROM air.flight SELECT flight_no QUALIFY rank() OVER (ORDER BY fare DESC) = 4",
        "FROM air.flight SELECT DISTINCT status ORDER BY fare",
        # A column against itself.
        "FROM air.flight SELECT sum(fare * fare)",
        "FROM air.flight SELECT sum(fare - fare)",
        "FROM air.flight SELECT avg(fare / fare)",
        "FROM air.flight SELECT flight_no WHERE fare = fare",
        "FROM air.flight SELECT flight_no WHERE departed_at = departed_at",
        "FROM air.flight SELECT flight_no WHERE origin_id = origin_id",
        "FROM air.flight SELECT avg(date_diff('day', departed_at, departed_at))",
    ],
)
def test_what_makes_no_sense_cannot_be_written(sql: str) -> None:
    assert not accepts(asked(sql), sql, VALUES)


def test_a_self_link_has_a_role() -> None:
    (joined,) = (path for path in paths(AIRLINE) if path.base.source == "hr" and path.joins)
    assert joined.clause == "FROM hr.employee JOIN hr.employee AS manager ON employee.manager_id = manager.id"
