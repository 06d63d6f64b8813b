"""What is read of a request in which phrases were linked: the query that says just that, or none."""

from __future__ import annotations

import re

import pytest

from agents import statement
from agents.reader import read
from retrieval import Context
from retrieval.hints import Hint
from tests.agents.grammar.schemas import AIRLINE
from tests.agents.semantic.test_semantic import CATALOG

TABLES = {"flights": "air.flight", "carriers": "air.carrier", "carrier": "air.carrier", "airport": "air.airport"}
COLUMNS = {
    "fare": "air.flight.fare", "tax": "air.flight.tax", "seats": "air.flight.seats", "status": "air.flight.status",
    "country": "air.carrier.country", "note": "air.flight.note", "departed_at": "air.flight.departed_at",
    "landed_at": "air.flight.landed_at", "salary": "hr.employee.salary",
}  # fmt: skip
VALUES = {"late": "air.flight.status", "lost": "air.flight.status", "french": "air.carrier.country"}
PERIODS = {
    "from 2024 to 2025": ("2024-01-01", "2026-01-01"),
    "in 2025": ("2025-01-01", "2026-01-01"),
    "in 2024": ("2024-01-01", "2025-01-01"),
}
NUMBERS = {"three": ("", "3"), "over 500": (">", "500"), "at least 50": (">=", "50"), "20%": (">", "20")}
WORDS = re.compile("|".join(rf"\b{word}(?!\w)" for word in (*PERIODS, *NUMBERS, *TABLES, *COLUMNS, *VALUES)), re.I)


def linked(text: str) -> Context:
    """The text as retrieval would link its words."""
    hints = []
    for found in WORDS.finditer(text):
        word = found.group().lower()
        told: dict[str, object] = {}
        if word in TABLES or word in COLUMNS:
            kind = "table" if word in TABLES else "column"
            told = {"kind": kind, "targets": ((TABLES | COLUMNS)[word],)}
        elif word in VALUES:
            told = {"kind": "value", "targets": (VALUES[word],), "literals": (word,)}
        elif word in PERIODS:
            told = {"kind": "time", "literals": PERIODS[word]}
        else:
            told = {"kind": "number", "operator": NUMBERS[word][0], "literals": (NUMBERS[word][1],)}
        hints.append(Hint(found.group(), start=found.start(), **told))  # type: ignore[arg-type]
    return Context(text, AIRLINE, tuple(hints))


READ = [
    ("Number of flights per status, excluding flights with a fare over 500",
     "SELECT status, count(*) FROM air.flight WHERE fare <= 500 GROUP BY status"),
    ("Carriers with at least 50 flights of the same status",
     "SELECT carrier.name, flight.status FROM air.flight JOIN air.carrier ON flight.carrier_id = carrier.id GROUP BY "
     "carrier.id, carrier.name, flight.status HAVING count(*) >= 50"),
    ("Flights per status with the average fare", "SELECT status, count(*), avg(fare) FROM air.flight GROUP BY status"),
    ("The number of late flights per carrier country",
     "SELECT carrier.country, count(*) FROM air.flight JOIN air.carrier ON flight.carrier_id = carrier.id "
     "WHERE flight.status = 'late' GROUP BY carrier.country"),
    ("For each status the min, max and mean fare",
     "SELECT status, min(fare), max(fare), avg(fare) FROM air.flight GROUP BY status"),
    ("Each carrier and how many of its flights are late, how many are lost",
     "SELECT carrier.name, count(*) FILTER (WHERE flight.status = 'late'), count(*) FILTER (WHERE flight.status = "
     "'lost') FROM air.flight JOIN air.carrier ON flight.carrier_id = carrier.id GROUP BY carrier.id, carrier.name"),
    ("The ratio of late to lost flights",
     "SELECT 1.0 * count(*) FILTER (WHERE status = 'late') / count(*) FILTER (WHERE status = 'lost') FROM air.flight"),
    ("Percentage of flights that were late per month in 2025",
     "SELECT date_trunc('month', departed_at), 100.0 * count(*) FILTER (WHERE status = 'late') / count(*) "
     "FROM air.flight WHERE departed_at >= '2025-01-01' AND departed_at < '2026-01-01' "
     "GROUP BY date_trunc('month', departed_at)"),
    ("Compare total fare in 2024 and in 2025",
     "SELECT sum(fare) FILTER (WHERE departed_at >= '2024-01-01' AND departed_at < '2025-01-01'), sum(fare) FILTER "
     "(WHERE departed_at >= '2025-01-01' AND departed_at < '2026-01-01') FROM air.flight"),
    ("Number of flights per carrier, including carriers without any as 0",
     "SELECT carrier.name, count(flight.id) FROM air.carrier LEFT JOIN air.flight ON carrier.id = flight.carrier_id "
     "GROUP BY carrier.id, carrier.name"),
    ("Carriers without any late flights in 2025",
     "SELECT id, name FROM air.carrier WHERE id NOT IN (SELECT carrier_id FROM air.flight WHERE status = 'late' AND "
     "departed_at >= '2025-01-01' AND departed_at < '2026-01-01' AND carrier_id IS NOT NULL)"),
    ("The three carriers with the highest total fare",
     "SELECT carrier.name, sum(flight.fare) FROM air.flight JOIN air.carrier ON flight.carrier_id = carrier.id "
     "GROUP BY carrier.id, carrier.name ORDER BY sum(flight.fare) DESC LIMIT 3"),
    ("Carrier with the most flights for each country",
     "SELECT carrier.country, carrier.name, count(*) FROM air.flight JOIN air.carrier ON flight.carrier_id = "
     "carrier.id GROUP BY carrier.country, carrier.id, carrier.name "
     "QUALIFY rank() OVER (PARTITION BY carrier.country ORDER BY count(*) DESC) = 1"),
    ("Average hours between departed_at and landed_at per status",
     "SELECT status, avg(date_diff('hour', departed_at, landed_at)) FROM air.flight GROUP BY status"),
    ("Number of flights per status, excluding lost flights",
     "SELECT status, count(*) FROM air.flight WHERE status <> 'lost' GROUP BY status"),
    ("Flights whose fare is above the average fare",
     "SELECT id, flight_no FROM air.flight WHERE fare > (SELECT avg(fare) FROM air.flight)"),
    ("Number of flights per carrier with at least 50 flights",
     "SELECT carrier.name, count(*) FROM air.flight JOIN air.carrier ON flight.carrier_id = carrier.id "
     "GROUP BY carrier.id, carrier.name HAVING count(*) >= 50"),
    ("Count flights on Saturdays and Sundays whose note contains fog",
     "SELECT count(*) FROM air.flight WHERE note ILIKE '%fog%' AND dayname(departed_at) IN ('Saturday', 'Sunday')"),
    ("The median and the 90th percentile of the fare per status, rounded to two decimals",
     "SELECT status, round(median(fare), 2), round(quantile_cont(CAST(fare AS DOUBLE), 0.9), 2) FROM air.flight "
     "GROUP BY status"),
    ("How many flights have a note and how many do not",
     "SELECT count(*) FILTER (WHERE note IS NOT NULL), count(*) FILTER (WHERE note IS NULL) FROM air.flight"),
    ("Break fare down by status as a percentage of all fare",
     "SELECT status, 100.0 * sum(fare) / sum(sum(fare)) OVER () FROM air.flight GROUP BY status"),
    ("Carriers with more late than lost flights",
     "SELECT carrier.name FROM air.flight JOIN air.carrier ON flight.carrier_id = carrier.id GROUP BY carrier.id, "
     "carrier.name HAVING count(*) FILTER (WHERE flight.status = 'late') - count(*) FILTER (WHERE flight.status = "
     "'lost') > 0"),
    ("Late flights below their carrier average fare",
     "SELECT id, flight_no FROM air.flight WHERE status = 'late' QUALIFY fare < avg(fare) OVER (PARTITION BY "
     "carrier_id)"),
    ("Carriers whose late flights are 20% of their flights",
     "SELECT carrier.name FROM air.flight JOIN air.carrier ON flight.carrier_id = carrier.id GROUP BY carrier.id, "
     "carrier.name HAVING 1.0 * count(*) FILTER (WHERE flight.status = 'late') / count(*) > 0.2"),
    ("Late (status late) flights per status on weekends (Sat, Sun) versus weekdays",
     "SELECT status, count(*) FILTER (WHERE dayname(departed_at) IN ('Saturday', 'Sunday')), count(*) FILTER (WHERE "
     "dayname(departed_at) IN ('Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday')) FROM air.flight "
     "WHERE status = 'late' GROUP BY status"),
    ("The longest gap in days between two consecutive flights of each carrier",
     "SELECT thing, max(gap) FROM (SELECT carrier_id AS thing, date_diff('day', lag(departed_at) OVER (PARTITION BY "
     "carrier_id ORDER BY departed_at), departed_at) AS gap FROM air.flight WHERE carrier_id IS NOT NULL) "
     "GROUP BY thing"),
    ("Fraction of flights that carried a note, per status",
     "SELECT status, 100.0 * count(*) FILTER (WHERE note IS NOT NULL) / count(*) FROM air.flight GROUP BY status"),
    ("Carriers whose total fare is over 500, with that total",
     "SELECT carrier.name, sum(flight.fare) FROM air.flight JOIN air.carrier ON flight.carrier_id = carrier.id "
     "GROUP BY carrier.id, carrier.name HAVING sum(flight.fare) > 500"),
    ("Number of flights per status, month by month",
     "SELECT status, date_trunc('month', departed_at), count(*) FROM air.flight "
     "GROUP BY status, date_trunc('month', departed_at)"),
    ("Percentage of flights per status that have no note",
     "SELECT status, 100.0 * count(*) FILTER (WHERE note IS NULL) / count(*) FROM air.flight GROUP BY status"),
    ("The difference between the highest and the lowest fare per status",
     "SELECT status, max(fare) - min(fare) FROM air.flight GROUP BY status"),
    ("Flights where the tax is larger than the fare", "SELECT id, flight_no FROM air.flight WHERE tax > fare"),
    ("For each carrier country the number of carriers and the number of flights",
     "SELECT country, count(*), coalesce(sum(flight_count_1), 0) FROM air.carrier LEFT JOIN (SELECT carrier_id AS "
     "flight_key, count(*) AS flight_count_1 FROM air.flight WHERE carrier_id IS NOT NULL GROUP BY carrier_id) AS "
     "flight_by ON carrier.id = flight_by.flight_key GROUP BY country"),
    ("Fare and share of the total per status", "SELECT status, sum(fare), 100.0 * sum(fare) / sum(sum(fare)) OVER () "
     "FROM air.flight GROUP BY status"),
    ("Total fare and number of flights per status, sorted by total descending",
     "SELECT status, sum(fare), count(*) FROM air.flight GROUP BY status ORDER BY sum(fare) DESC"),
    ("Change in fare from 2024 to 2025 per status",
     "SELECT status, sum(fare) FILTER (WHERE departed_at >= '2025-01-01' AND departed_at < '2026-01-01') - sum(fare) "
     "FILTER (WHERE departed_at >= '2024-01-01' AND departed_at < '2025-01-01') FROM air.flight GROUP BY status"),
    ("The most common status per carrier country",
     "SELECT carrier.country, flight.status, count(*) FROM air.flight JOIN air.carrier ON flight.carrier_id = "
     "carrier.id WHERE flight.status IS NOT NULL GROUP BY carrier.country, flight.status "
     "QUALIFY rank() OVER (PARTITION BY carrier.country ORDER BY count(*) DESC) = 1"),
    ("Number of flights that landed_at within three hours of departed_at per status",
     "SELECT status, count(*) FROM air.flight WHERE date_diff('second', departed_at, landed_at) BETWEEN 0 AND 10800 "
     "GROUP BY status"),
    ("Mean and standard deviation of the fare per status",
     "SELECT status, avg(fare), stddev(fare) FROM air.flight GROUP BY status"),
    ("Fare of late flights totalled by note, from highest to lowest",
     "SELECT note, sum(fare) FROM air.flight WHERE status = 'late' GROUP BY note ORDER BY sum(fare) DESC"),
    ("Number of flights per month and status and the share of that month's flights",
     "SELECT date_trunc('month', departed_at), status, count(*), 100.0 * count(*) / sum(count(*)) OVER (PARTITION BY "
     "date_trunc('month', departed_at)) FROM air.flight GROUP BY date_trunc('month', departed_at), status"),
    ("Difference in fare to the previous flights of the same carrier",
     "SELECT id, carrier_id, fare, fare - lag(fare) OVER (PARTITION BY carrier_id ORDER BY departed_at) "
     "FROM air.flight"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sql"), READ, ids=[text for text, _ in READ])
def test_what_every_word_of_says_something_is_read(text: str, sql: str) -> None:
    made = read(text, linked(text))
    assert made is not None
    assert statement.query(made).sql() == statement.query(sql).sql()


@pytest.mark.parametrize(
    "text",
    [
        "Flights per status, over 500 times",  # how often is no amount
        "Average mood of flights per carrier",  # a word that names nothing
        "Flights with a fare of 20% of the tax",  # a share that is no threshold
        "Carriers with a total fare above the average fare of their country",  # no average of all
        "Number of flights per airport",  # it takes off from one and lands at another
        "Total salary per carrier",  # no key leads there
        "Number of flights over three weeks",  # a length of time is no bound
        "Number of flights per carrier and the total salary",  # numbers of two kinds of rows
        "Flights that were diverted",  # nothing tells which those are
        "Share of flights per status that were diverted",
        "Share of flights",  # of what
        "The total fare and the total fare per status",  # two words for one number
        f"Carriers {'s' * 200}1 with at least 50 flights of the same status",  # a word that is read in one pass
    ],
)
def test_what_is_understood_in_part_is_not_read(text: str) -> None:
    assert read(text, linked(text)) is None


def test_a_name_that_nothing_visible_has_ends_the_reading() -> None:
    text = "Number of flights per status"
    found = linked(text)
    assert read(text, Context(text, AIRLINE, found.hints, unknown=("Zork",))) is None


def test_days_are_compared_as_they_are_stored() -> None:
    text = "Number of patients born in 1960"
    hints = (
        Hint("patients", "table", ("hospital.PT",), start=10),
        Hint("born", "column", ("hospital.PT.DOB",), start=19),
        Hint("in 1960", "time", literals=("1960-01-01", "1961-01-01"), start=24),
    )
    made = read(text, Context(text, CATALOG, hints))
    wanted = "SELECT count(*) FROM hospital.PT WHERE DOB >= 19600101 AND DOB < 19610101"
    assert made is not None
    assert statement.query(made).sql() == statement.query(wanted).sql()
