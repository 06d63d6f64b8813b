"""What sets two queries apart, and the commonest causes of misses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agents.evaluation.cause import cause, causes, differences
from agents.evaluation.outcome import Outcome
from agents.evaluation.question import Line, Question

GOLD = "SELECT count(*) FROM zoo.animal WHERE kind = 'bird'"


@pytest.mark.parametrize(
    ("gold", "given", "found"),
    [
        (GOLD, "FROM zoo.animal SELECT count(*) WHERE kind = 'bird'", ()),
        (GOLD, "FROM zoo.keeper SELECT count(*) WHERE kind = 'bird'", ("wrong table",)),
        (GOLD, "FROM zoo.animal SELECT count(*)", ("missing filter", "missing value", "missing comparison")),
        (GOLD, "FROM zoo.animal SELECT count(*) WHERE kind = 'fish'", ("wrong value",)),
        (GOLD, "FROM zoo.animal SELECT count(*) WHERE kind <> 'bird'", ("wrong comparison",)),
        (GOLD, "FROM zoo.animal SELECT max(age) WHERE kind = 'bird'", ("wrong aggregate", "wrong column")),
        (GOLD, "SELECT FROM WHERE", ("invalid SQL",)),
        (
            "SELECT kind, count(*) FROM zoo.animal GROUP BY 1",
            "FROM zoo.animal SELECT kind, count(*) GROUP BY ALL",
            (),
        ),
        (
            "SELECT kind, count(*) FROM zoo.animal GROUP BY kind",
            "FROM zoo.animal SELECT count(*)",
            ("missing grouping", "missing column"),
        ),
        (
            "SELECT name FROM zoo.animal ORDER BY age DESC LIMIT 1",
            "FROM zoo.animal SELECT name QUALIFY rank() OVER (ORDER BY age DESC) = 1",
            (),
        ),
        (
            "SELECT name FROM zoo.animal ORDER BY age DESC LIMIT 1",
            "FROM zoo.animal SELECT name ORDER BY age LIMIT 1",
            ("wrong order",),
        ),
        (
            "SELECT a.name FROM zoo.animal a JOIN zoo.cage c ON a.cage_id = c.id",
            "FROM zoo.animal JOIN zoo.cage ON animal.id = cage.id SELECT animal.name",
            ("wrong join",),
        ),
        ("WITH old AS (SELECT * FROM zoo.animal) SELECT name FROM old", "FROM zoo.animal SELECT name", ()),
    ],
)
def test_differences_are_named_from_the_gravest_on(gold: str, given: str, found: tuple[str, ...]) -> None:
    assert differences(gold, given)[: len(found) or 1] == found


def test_the_dialect_is_that_of_the_written_sql() -> None:
    assert differences("SELECT name FROM zoo.animal", "SELECT `name` FROM animal", "sqlite") == ()


def outcome(reason: str, sql: str = "", status: Any = "answered", number: int = 1, gold: Any = None) -> Outcome:
    asked = Question(question="?", **(gold or {"sql": GOLD}))
    return Outcome(Line(Path("q.jsonl"), number, asked), status, sql, 0.1, reason, "", None, None)


@pytest.mark.parametrize(
    ("missed", "why"),
    [
        (outcome("no", status="unsure"), "refused"),
        (outcome("no", status="failed"), "no query"),
        (outcome("no", "SELECT", status="failed"), "invalid SQL"),
        (outcome("no", "FROM zoo.keeper SELECT count(*) WHERE kind = 'bird'"), "wrong table"),
        (outcome("no", GOLD, gold={"sql": [GOLD, "SELECT 1 FROM zoo.cage"]}), "other"),
        (outcome("no", GOLD, gold={"answers": [[[1]]]}), "other"),
    ],
)
def test_a_miss_has_one_cause(missed: Outcome, why: str) -> None:
    assert cause(missed) == why


def test_what_can_not_be_answered_has_causes_of_its_own() -> None:
    line = Line(Path("q.jsonl"), 1, Question(question="?", status=["unsure"]))
    assert cause(Outcome(line, "answered", GOLD, 0.1, "no", "", None, None)) == "answered what can't be answered"
    assert cause(Outcome(line, "failed", "", 0.1, "no", "", None, None)) == "failed where it should refuse"


def test_the_commonest_cause_comes_first_and_what_is_right_has_none() -> None:
    fewer = "FROM zoo.animal SELECT count(*)"
    asked = [outcome("no", fewer), outcome("no", "", "unsure", 2), outcome("no", fewer, number=3), outcome("", GOLD)]
    first, second = causes(asked)
    assert (first.cause, first.n, first.examples) == ("missing filter", 2, ("1", "3"))
    assert (second.cause, second.share) == ("refused", pytest.approx(1 / 3))
    assert causes([outcome("", GOLD)]) == ()
