"""Tasks that list their columns: the list, what each column is, and the query that has them."""

from __future__ import annotations

import pytest

from agents.code.writers.composed.laid import laid
from agents.code.writers.composed.listed import Item, Listed
from agents.code.writers.composed.specified import Order, Specified
from agents.reader import read_listed, text_of
from tests.agents.grammar.schemas import AIRLINE
from tests.agents.reader.test_reader import linked

NAMES = frozenset(column.name for table in AIRLINE.tables for column in table.columns)


@pytest.mark.parametrize(
    ("task", "items"),
    [
        ("Late flights per carrier. Columns: carrier, flights, late_share (0 to 1).",
         (Item("carrier"), Item("flights"), Item("late_share", "late_share as a fraction"))),
        ("Fares:\n- carrier\n- fares: sum of the fares\n- share = fares / total", (
            Item("carrier"), Item("fares", "sum of the fares"), Item("share", "fares / total"))),
        ("Flights by status -> status, flights, where flights is the number of them",
         (Item("status"), Item("flights", "the number of them"))),
        ("Number of late and lost flights in two columns (status, late, lost).",
         (Item("status"), Item("late"), Item("lost"))),
        ("Carriers without a flight (carrier_id, name)", (Item("carrier_id"), Item("name"))),
        ("Give me carriers with at least 3 flights, sorted by name", ()),
        ("Which flights were late, and who knows why?", ()),
    ],
)  # fmt: skip
def test_the_columns_of_a_task_are_told_from_its_sentences(task: str, items: tuple[Item, ...]) -> None:
    assert Listed.of(task).items == items


@pytest.mark.parametrize(
    ("task", "orders", "limit"),
    [
        ("Fares per carrier. carrier, total_fare. Highest fare first.", (Order("fare", True),), 0),
        ("Fares. carrier, fares, for the five highest fares", (Order("fares", True),), 5),
        ("Fares per month: month, fares. Chronological.", (Order("period", False),), 0),
        (
            "Fares. carrier, fares, sorted by fares desc, then carrier",
            (Order("fares", True), Order("carrier", False)),
            0,
        ),
        (
            "Fares. carrier, fares, highest fare first, then carrier",
            (Order("fare", True), Order("carrier", False)),
            0,
        ),
        ("Fares. carrier, fares; top 3", (Order("", True),), 3),
    ],
)
def test_the_order_is_told_by_the_columns(task: str, orders: tuple[Order, ...], limit: int) -> None:
    told = Specified.of(task)
    assert told is not None
    assert (told.orders, told.limit) == (orders, limit)


def written(task: str, *, loose: bool = False) -> str:
    """The query of a task over the airline, "" where it is not read."""
    told = Specified.of(task, loose=loose)
    assert told is not None
    columns = [(item.name, item.said) for item in told.items]
    text = text_of(told.question, columns, NAMES)
    made = read_listed(text, linked(text), columns, told.classes)
    shown = (
        laid(made, [item.name for item in told.items], told.orders, told.limit, AIRLINE, told.items) if made else None
    )
    return shown.sql if shown else ""


READ = [
    ("Late flights: number of flights per carrier. carrier, flights.",
     "SELECT carrier.name, COUNT(*) FROM air.flight JOIN air.carrier ON flight.carrier_id = carrier.id WHERE "
     "flight.status = 'late' GROUP BY carrier.id, carrier.name"),
    ("Flights that are neither late nor lost, by carrier_id: carrier_id, flights.",
     "SELECT carrier_id, COUNT(*) FROM air.flight WHERE status <> 'late' AND status <> 'lost' GROUP BY carrier_id"),
    ("Late flights by status report. For each status: status, flights, avg_fare, most flights first",
     "SELECT status, COUNT(*), AVG(fare) FROM air.flight WHERE status = 'late' GROUP BY status ORDER BY COUNT(*) DESC"),
    ("Flights per status. Columns: status, flights, share (0 to 1). Best share on top.",
     "SELECT status, COUNT(*), 1.0 * COUNT(*) / SUM(COUNT(*)) OVER () FROM air.flight GROUP BY status ORDER BY 1.0 * "
     "COUNT(*) / SUM(COUNT(*)) OVER () DESC"),
    ("Per carrier country: country, flights, late, late_rate (late / flights).",
     "SELECT carrier.country, COUNT(*), COUNT(*) FILTER(WHERE flight.status = 'late'), 1.0 * COUNT(*) FILTER(WHERE "
     "flight.status = 'late') / COUNT(*) FROM air.flight JOIN air.carrier ON flight.carrier_id = carrier.id GROUP BY "
     "carrier.country"),
    ("Flights per month in 2025 with a running total: month, flights, running_flights",
     "SELECT c0 AS month, c1 AS flights, sum(c1) OVER (ORDER BY c0) AS running_flights FROM (SELECT "
     "DATE_TRUNC('MONTH', departed_at) AS c0, COUNT(*) AS c1 FROM air.flight WHERE departed_at >= '2025-01-01' AND "
     "departed_at < '2026-01-01' GROUP BY DATE_TRUNC('MONTH', departed_at)) ORDER BY c0"),
    ("Flights per month: month, flights, prev_flights, change",
     "SELECT c0 AS month, c1 AS flights, lag(c1) OVER (ORDER BY c0) AS prev_flights, c1 - lag(c1) OVER (ORDER BY"
     " c0) AS "
     "change FROM (SELECT DATE_TRUNC('MONTH', departed_at) AS c0, COUNT(*) AS c1 FROM air.flight GROUP BY "
     "DATE_TRUNC('MONTH', departed_at)) ORDER BY c0"),
    ("Per status: status, lost, late, late_rate = late / (late + lost)",
     "SELECT status, COUNT(*) FILTER(WHERE status = 'lost'), COUNT(*) FILTER(WHERE status = 'late'), 1.0 * COUNT(*) "
     "FILTER(WHERE status = 'late') / (COUNT(*) FILTER(WHERE status = 'late') + COUNT(*) FILTER(WHERE status ="
     " 'lost')) "
     "FROM air.flight GROUP BY status"),
    ("Flights per carrier country and status: country, status, flights, share (share within the country)",
     "SELECT carrier.country, flight.status, COUNT(*), 100.0 * COUNT(*) / SUM(COUNT(*)) OVER (PARTITION BY"
     " carrier.country) "
     "FROM air.flight JOIN air.carrier ON flight.carrier_id = carrier.id GROUP BY carrier.country, flight.status"),
    ("Rank flights by status: status, flights, rank",
     "SELECT status, COUNT(*), RANK() OVER (ORDER BY COUNT(*) DESC) FROM air.flight GROUP BY status"),
    ("Fares by status: status, avg_fare (a missing fare counts as zero), missing_note (note is null)",
     "SELECT status, AVG(COALESCE(fare, 0)), COUNT(*) FILTER(WHERE note IS NULL) FROM air.flight GROUP BY status"),
    ("Data quality of flights, one row: flights in total, how many have no note, how many have no tax, how many have"
     " neither",
     "SELECT COUNT(*), COUNT(*) FILTER(WHERE note IS NULL), COUNT(*) FILTER(WHERE tax IS NULL), COUNT(*) FILTER(WHERE "
     "note IS NULL AND tax IS NULL) FROM air.flight"),
    ("Flights per status, leave lost flights out. status, flights",
     "SELECT status, COUNT(*) FROM air.flight WHERE status <> 'lost' GROUP BY status"),
    ("Bucket flights by fare: below 10 is 'low', 10 to 50 is 'mid', 50 and above is 'high'. bucket, flights",
     "SELECT CASE WHEN fare < 10 THEN 'low' WHEN fare <= 50 THEN 'mid' ELSE 'high' END, COUNT(*) FROM air.flight GROUP "
     "BY CASE WHEN fare < 10 THEN 'low' WHEN fare <= 50 THEN 'mid' ELSE 'high' END"),
    ("Which three carriers took the most money in late flights? Return carrier name and revenue, highest first.",
     "SELECT carrier.name, SUM(flight.fare) FROM air.flight JOIN air.carrier ON flight.carrier_id = carrier.id WHERE "
     "flight.status = 'late' GROUP BY carrier.id, carrier.name ORDER BY SUM(flight.fare) DESC LIMIT 3"),
    ("Fare per carrier by country, late flights only. country, carriers, fare, fare_per_carrier.",
     "SELECT carrier.country, COUNT(DISTINCT flight.carrier_id), SUM(flight.fare), 1.0 * SUM(flight.fare) / "
     "COUNT(DISTINCT flight.carrier_id) FROM air.flight JOIN air.carrier ON flight.carrier_id = carrier.id WHERE "
     "flight.status = 'late' GROUP BY carrier.country"),
    ("Compare weekend and weekday flights. day_type (weekend or weekday), flights.",
     "SELECT CASE WHEN DAYNAME(departed_at) IN ('Saturday', 'Sunday') THEN 'weekend' ELSE 'weekday' END, COUNT(*) FROM "
     "air.flight GROUP BY CASE WHEN DAYNAME(departed_at) IN ('Saturday', 'Sunday') THEN 'weekend' ELSE 'weekday' END"),
    ("Tax by quarter, late flights: quarter (1-4), tax, tax_rate = tax / fare (rounded to 2 decimals). In order.",
     "SELECT QUARTER(departed_at), SUM(tax), ROUND(1.0 * SUM(tax) / SUM(fare), 2) FROM air.flight WHERE status = "
      "'late' "
     "GROUP BY QUARTER(departed_at) ORDER BY QUARTER(departed_at) ASC"),
    ("Late flights. flight_no, fare. Newest first.",
     "SELECT flight_no, fare FROM air.flight WHERE status = 'late' ORDER BY departed_at DESC"),
]  # fmt: skip


@pytest.mark.parametrize(("task", "sql"), READ, ids=lambda value: value[:40])
def test_each_column_is_what_it_is_called(task: str, sql: str) -> None:
    assert written(task) == sql


def test_columns_that_are_only_described_are_read_too() -> None:
    sql = written("Per status, the number of flights and the average fare in 2025.", loose=True)
    assert sql.startswith("SELECT status, COUNT(*), AVG(fare) FROM air.flight WHERE")


@pytest.mark.parametrize(
    "task",
    [
        "Flights per status, excluding charters: status, flights",
        "Second flight of each carrier: carrier_id, flight_no",
        "Diverted flights per status: status, flights",
        "Flights per status that nobody wanted: status, flights",
        "Flights per status: status, flights, moonlight",
    ],
)
def test_what_asks_something_that_is_not_understood_is_not_passed_over(task: str) -> None:
    assert written(task) == ""
