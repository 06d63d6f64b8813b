"""What a task says of the rows before, or of the values behind, what it asks for."""

from __future__ import annotations

import pytest

from agents.code.writers.composed.cases import Cases
from agents.code.writers.composed.labelled import Labelled
from agents.code.writers.composed.latest import Latest

FLIGHTS = "SELECT note, count(*) FROM flight GROUP BY note"
JOINED = (
    "SELECT carrier.name, count(*) FROM flight JOIN carrier ON flight.carrier_id = carrier.id GROUP BY carrier.name"
)


@pytest.mark.parametrize(
    ("task", "sql", "made"),
    [
        (
            "Replace missing notes with '(none)' and count flights per note.", FLIGHTS,
            "SELECT COALESCE(note, '(none)'), COUNT(*) FROM flight GROUP BY COALESCE(note, '(none)')",
        ),
        (
            "Flights per carrier, with flights that have no carrier under 'unknown'.", JOINED,
            "SELECT COALESCE(carrier.name, 'unknown'), COUNT(*) FROM flight LEFT JOIN carrier ON flight.carrier_id = "
            "carrier.id GROUP BY COALESCE(carrier.name, 'unknown')",
        ),
        ("Flights per note; missing pilots count as 'nobody'.", FLIGHTS, None),
    ],
)  # fmt: skip
def test_what_is_missing_has_its_label(task: str, sql: str, made: str | None) -> None:
    told = Labelled.of(task)
    assert told is not None
    assert told.label not in told.question
    assert told.applied(sql) == made


def test_a_task_that_labels_nothing_missing() -> None:
    assert Labelled.of("Flights per status where the note is 'lost'") is None
    assert Labelled.of("Number of flights without a note") is None


@pytest.mark.parametrize(
    ("task", "kept", "question"),
    [
        (
            "Some pilots have several licences. Keep only the newest one per pilot (by issued_at) and count"
            " pilots by class.",
            "The newest licences of each pilot", "count licences by class.",
        ),
        (
            "Take each carrier's last flight, then count by status.",
            "The last flight of each carrier", "number of flight by status.",
        ),
        (
            "Dedupe flights by carrier_id keeping the latest, then total fare per status",
            "The latest flights of each carrier", "total fare per status",
        ),
    ],
)  # fmt: skip
def test_one_row_of_each_thing_is_kept(task: str, kept: str, question: str) -> None:
    told = Latest.of(task)
    assert told is not None
    assert (told.kept, told.question) == (kept, question)


def test_what_is_counted_is_what_is_kept() -> None:
    told = Latest("", "", "issued_at")
    kept = (
        "SELECT pilot.name FROM licence JOIN pilot ON licence.pilot_id = pilot.id QUALIFY row_number() OVER"
        " (PARTITION BY "
        "pilot.id ORDER BY licence.issued_at DESC) = 1"
    )
    assert told.applied("SELECT class, count(*) FROM licence GROUP BY class", kept) == (
        "SELECT class, COUNT(*) FROM (SELECT * FROM licence WHERE NOT pilot_id IS NULL QUALIFY ROW_NUMBER() OVER "
        "(PARTITION BY pilot_id ORDER BY issued_at DESC) = 1) AS licence GROUP BY class"
    )
    assert told.applied("SELECT count(*) FROM pilot", kept) is None
    assert Latest("", "", "rating").applied("SELECT class, count(*) FROM licence GROUP BY class", kept) is None


def test_labels_by_a_condition_are_a_case() -> None:
    told = Cases.of(
        "Label every carrier 'new' if it was founded in 2025 and 'old' otherwise, then count carriers per label."
    )
    assert told is not None
    assert (told.question, told.told) == ("Count carriers", "List carriers that was founded in 2025")
    made = told.applied(
        "SELECT count(*) FROM carrier", "SELECT id FROM carrier WHERE founded >= 2025", "SELECT id FROM carrier"
    )
    assert made == (
        "SELECT CASE WHEN founded >= 2025 THEN 'new' ELSE 'old' END, COUNT(*) FROM carrier GROUP BY CASE WHEN"
        " founded >= 2025 "
        "THEN 'new' ELSE 'old' END"
    )
    assert (
        told.applied("SELECT count(*) FROM flight", "SELECT id FROM carrier WHERE a = 1", "SELECT id FROM carrier")
        is None
    )
    assert Cases.of("Label every carrier 'new' or 'old'") is None
