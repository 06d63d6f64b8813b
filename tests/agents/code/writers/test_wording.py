"""A task in plain words: what asks nothing is passed over, and the rest is said as its readers know it."""

from __future__ import annotations

import pytest

from agents.code.writers.composed.wording import plain

EXPLAINED = [
    ("Count boats by decade (1990, 2000, ... as an integer).", "Count boats by decade."),
    ("Trips by hour (0-23): hour and trips", "Trips by hour: hour and trips"),
    ("Trips, July to December 2025, by port", "Trips, from July 2025 to December 2025, by port"),
    ("Monthly tolls over 2024 and 2025", "Monthly tolls in 2024 and 2025"),
    ("Tolls per month of 2025 and the running total since January.", "Tolls per month of 2025 and the running total."),
    ("Tolls of 2024 and a running total since January 2025", "Tolls of 2024 and a running total since January 2025"),
    ("Trips by port. berth is null when there was none. port, trips", "Trips by port. port, trips"),
    ("Growth in percent ((2025 - 2024) / 2024 * 100)", "Growth in percent"),
    ("Dedup boats so that only the newest boat of each port remains.", "the newest boat of each port."),
    ("Trips over 2000 tons", "Trips over 2000 tons"),
    ("Trips over 2025, by port", "Trips in 2025, by port"),
    ("Trips with an amount over 2025, by port", "Trips with an amount over 2025, by port"),
    ("Running total of tolls from January to March 2025", "Running total of tolls from January 2025 to March 2025"),
]  # fmt: skip
PUT_PLAINLY = [
    ("Average and maximum fare per status.", "Average fare and maximum fare per status."),
    (
        "Per status: shortest, longest and average delay in minutes.",
        "Per status: shortest delay in minutes, longest delay in minutes and average delay in minutes.",
    ),
    ("First and last name of pilots", "First and last name of pilots"),
    ("Fares per status, columns late, lost with the number of flights",) * 2,
    (
        "Pivot of flights by carrier and status: one row per carrier, columns late and lost with the number"
        " of flights.",
        "flights: one row per carrier, number of flights. Columns late and lost.",
    ),
    (
        "Flights per status, highest count first, ties by status.",
        "Flights per status, sorted by count descending, then by status.",
    ),
    ("Flights per status. The first month has null.", "Flights per status."),
]  # fmt: skip
PREFACED = [
    ("Ops ticket: list the late flights.", "List the late flights."),
    ("Request 4711 from finance: fares per status", "Fares per status"),
    ("For the Monday review I need fares per status", "Fares per status"),
    ("We're preparing the board deck and need fares per status", "Fares per status"),
    ("Late flights, for the morning stand-up: flight_no, fare", "Late flights: flight_no, fare"),
    ("For the 2025 report I need fares per status", "For the 2025 report I need fares per status"),
    ("For late flights I need the fare per status", "For late flights I need the fare per status"),
]


@pytest.mark.parametrize(("task", "said"), [*EXPLAINED, *PUT_PLAINLY, *PREFACED], ids=lambda value: value[:30])
def test_a_task_is_said_plainly(task: str, said: str) -> None:
    assert plain(task) == said
