"""What reads queries beside a question: what it is shown, and what the one that ships has learnt."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents import statement
from agents.ask.rerank.judge import Judge, plain

WEIGHT, LENGTH = "FROM harbour.boat SELECT avg(weight)", "FROM harbour.boat SELECT avg(length)"


@pytest.fixture(scope="module")
def judge(models: Path) -> Judge:
    return Judge(models)


@pytest.mark.parametrize(
    ("sql", "read"),
    [
        ("FROM harbour.boat SELECT boat_name", "SELECT boat name FROM boat"),
        (
            "FROM harbour.trip JOIN harbour.boat ON trip.boat_id = boat.boat_id SELECT boat.boat_name, trip.fee",
            "SELECT boat boat name, trip fee FROM trip, boat",
        ),
        ("FROM harbour.boat SELECT 100.0 * count(*) WHERE length > 2.5", None),
        ("FROM harbour.boat SELECT name WHERE boat_id NOT IN (FROM harbour.trip SELECT boat_id)", None),
        ("FROM harbour.boat SELECT name WHERE name = 'Étoile_d.or'", None),
    ],
)
def test_a_query_is_read_without_its_keys_and_underscores(sql: str, read: str | None) -> None:
    found = plain(statement.query(sql))
    assert "_" not in found
    assert " ON " not in found
    assert "harbour" not in found
    if read is not None:
        assert found == read


def test_numbers_keep_their_points() -> None:
    assert "100.0" in plain(statement.query("FROM harbour.boat SELECT 100.0 * count(*)"))


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        ("How heavy is a boat on average?", WEIGHT, LENGTH),
        ("How long is a boat on average?", LENGTH, WEIGHT),
        (
            "the three heaviest boats",
            "FROM harbour.boat SELECT name ORDER BY weight DESC LIMIT 3",
            "FROM harbour.boat SELECT name ORDER BY weight LIMIT 3",
        ),
        (
            "boats that made no trip",
            "FROM harbour.boat SELECT name WHERE boat_id NOT IN (FROM harbour.trip SELECT boat_id)",
            "FROM harbour.boat SELECT name WHERE boat_id IN (FROM harbour.trip SELECT boat_id)",
        ),
        (
            "number of boats for each owner",
            "FROM harbour.boat SELECT owner, count(*) GROUP BY ALL",
            "FROM harbour.boat SELECT count(*)",
        ),
    ],
)
def test_what_is_asked_does_better(judge: Judge, question: str, right: str, wrong: str) -> None:
    good, bad = judge.judge(question, [statement.query(right), statement.query(wrong)])
    assert good > bad


def test_others_beside_it_change_nothing(judge: Judge) -> None:
    queries = [statement.query(f"FROM harbour.boat SELECT name WHERE weight > {n}") for n in range(40)]
    alone = [judge.judge("boats over 7 tons", [query])[0] for query in queries[:3]]
    beside = judge.judge("Boats over 7 tons", queries)[:3]
    assert alone == pytest.approx(beside, abs=0.05)
    assert judge.judge("boats", []) == []


@pytest.mark.parametrize("question", ["", " ", "boats " * 9_000, "🚢 קַיָּק \x00 '; DROP TABLE boat; --", "[SEP] [CLS]"])
def test_any_text_can_be_read(judge: Judge, question: str) -> None:
    (told,) = judge.judge(question, [statement.query(WEIGHT)])
    assert abs(told) < 100
