"""The conditions that a model's query leaves out."""

from __future__ import annotations

import pytest

from agents import statement
from agents.code.render.sql import in_style
from agents.code.writers.slips.conditions import founded, narrowed
from retrieval import Context
from retrieval.hints import Hint
from tests.agents.code.writers.slips.port import PORT

BOATS = ("port.boats.kind",)
CITIES = ("port.docks.city", "port.boats.city")


def mended(sql: str, question: str, *said: tuple[str, str, tuple[str, ...]]) -> str:
    hints = tuple(Hint(span, "value", targets, (text,), start=question.index(span)) for span, text, targets in said)
    return in_style(narrowed(statement.query(sql), Context(question, PORT, hints, ()), PORT))


SAIL, MOTOR = ("sail", "sail", BOATS), ("motor", "motor", BOATS)


@pytest.mark.parametrize(
    ("question", "sql", "whole"),
    [
        (
            "sail boats by slip",
            "SELECT slip_id, count(*) AS n FROM port.boats GROUP BY 1",
            "SELECT slip_id, count(*) AS n FROM port.boats WHERE kind = 'sail' GROUP BY 1",
        ),
        (
            "boats by kind, skip the sail boats",
            "SELECT kind, count(*) AS n FROM port.boats WHERE boat_id > 3 GROUP BY 1",
            "SELECT kind, count(*) AS n FROM port.boats WHERE boat_id > 3 AND kind <> 'sail' GROUP BY 1",
        ),
        (
            "stays of sail boats",
            "WITH x AS (SELECT boat_id, count(*) AS n FROM port.stays GROUP BY 1) SELECT max(n) AS most FROM x",
            "WITH x AS (SELECT stays.boat_id, count(*) AS n FROM port.stays JOIN port.boats ON stays.boat_id = "
            "boats.boat_id WHERE boats.kind = 'sail' GROUP BY 1) SELECT max(n) AS most FROM x",
        ),
        (
            "slips without a sail boat",
            "SELECT slip_id FROM port.slips WHERE NOT slip_id IN (SELECT slip_id FROM port.boats)",
            "SELECT slip_id FROM port.slips WHERE NOT slip_id IN (SELECT slip_id FROM port.boats WHERE kind = 'sail')",
        ),
        (
            "boats without the sail kind",
            "SELECT boat_id FROM port.boats",
            "SELECT boat_id FROM port.boats WHERE kind <> 'sail'",
        ),
    ],
)
def test_a_value_that_is_named_narrows(question: str, sql: str, whole: str) -> None:
    assert mended(sql, question, SAIL) == whole


@pytest.mark.parametrize(
    ("question", "sql"),
    [
        ("sail boats", "SELECT boat_id FROM port.boats WHERE kind ILIKE '%SAIL%'"),
        ("boats that are no longer sail", "SELECT boat_id FROM port.boats WHERE kind = 'motor'"),
        ("the share of sail boats by slip", "SELECT slip_id, count(*) AS n FROM port.boats GROUP BY 1"),
        ("for the sail team: boats by slip", "SELECT slip_id, count(*) AS n FROM port.boats GROUP BY 1"),
        ("sail", "SELECT name FROM port.docks"),
        ("boats by slip, sail ones included", "SELECT slip_id, count(*) AS n FROM port.boats GROUP BY 1"),
        ("sail boats do well? by kind", "SELECT kind, count(*) AS n FROM port.boats GROUP BY 1"),
        ("stays per sail day", "SELECT count(*) AS n FROM port.boats"),
        ("boats that may sail", "SELECT count(*) AS sail FROM port.boats WHERE slip_id IS NULL"),
        ("slips with sail boats", "SELECT s.slip_id FROM port.slips AS s LEFT JOIN port.boats AS b USING (slip_id)"),
        ("sail", "SELECT a.boat_id FROM port.boats AS a JOIN port.boats AS b ON a.slip_id = b.slip_id"),
    ],
)
def test_what_may_be_meant_otherwise_stays(question: str, sql: str) -> None:
    assert mended(sql, question, SAIL) == in_style(statement.query(sql))


def test_values_that_are_listed_may_be_rows() -> None:
    sql = "SELECT kind, count(*) AS n FROM port.boats GROUP BY 1"
    assert mended(sql, "boats by kind (sail, motor)", SAIL, MOTOR) == sql


def test_a_country_is_its_code_and_another_word_is_no_value() -> None:
    sql = "SELECT count(*) AS n FROM port.boats"
    assert mended(sql, "boats from Italy", ("Italy", "IT", CITIES)).endswith("WHERE city = 'IT'")
    assert mended(sql, "boats that sailed", ("sailed", "sail", BOATS)) == sql


@pytest.mark.parametrize(
    ("question", "sql", "whole"),
    [
        (
            "boats by slip",
            "SELECT slip_id FROM port.boats WHERE kind IN ('motor', 'racer') AND boat_id > 3",
            "SELECT slip_id FROM port.boats WHERE boat_id > 3",
        ),
        ("boats", "SELECT slip_id FROM port.boats WHERE kind IN ('motor', 'racer')", "SELECT slip_id FROM port.boats"),
        (
            "boats that lie still or are away",
            "SELECT slip_id FROM port.boats WHERE kind <> 'motor'",
            "SELECT slip_id FROM port.boats WHERE kind <> 'motor'",
        ),
        (
            "boats that make noise",
            "SELECT slip_id FROM port.boats WHERE kind = 'motor'",
            "SELECT slip_id FROM port.boats WHERE kind = 'motor'",
        ),
        (
            "how many stay at motorboats' slips",
            "SELECT slip_id FROM port.boats WHERE kind = 'motor'",
            "SELECT slip_id FROM port.boats WHERE kind = 'motor'",
        ),
        (
            "boats by slip, and how many of them race",
            "SELECT slip_id, count(*) FILTER(WHERE kind = 'dinghy') AS n FROM port.boats GROUP BY 1",
            "SELECT slip_id, count(*) FILTER(WHERE kind = 'dinghy') AS n FROM port.boats GROUP BY 1",
        ),
    ],
)
def test_a_condition_of_which_the_task_has_nothing_goes(question: str, sql: str, whole: str) -> None:
    made = founded(statement.query(sql), Context(question, PORT, (), ()), PORT)
    assert in_style(made) == whole


def test_a_value_is_looked_for_where_it_is() -> None:
    sql = "SELECT count(*) AS n FROM port.boats WHERE city = 'sail'"
    hint = Hint("sail", "value", BOATS, ("sail",), start=0)
    found = Context("sail boats", PORT, (hint,), (), values={"port.boats": {"city": ["Bari"], "kind": ["sail"]}})
    made = narrowed(founded(statement.query(sql), found, PORT), found, PORT)
    assert in_style(made) == "SELECT count(*) AS n FROM port.boats WHERE kind = 'sail'"


def test_a_value_that_no_key_leads_to_stays_where_it_is_not() -> None:
    sql = "SELECT count(*) AS n FROM port.docks WHERE city = 'sail'"
    hint = Hint("sail", "value", BOATS, ("sail",), start=0)
    found = Context("sail boats", PORT, (hint,), (), values={"port.docks": {"city": ["Bari"]}})
    assert in_style(founded(statement.query(sql), found, PORT)) == sql
