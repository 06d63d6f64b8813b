"""What a model's query can't mean."""

from __future__ import annotations

import pytest

from agents import statement
from agents.code.writers.sound import sound
from retrieval import Context
from retrieval.hints import Hint
from tests.agents.code.writers.slips.port import PORT

VALUES = {"port.boats": {"kind": ["sail", "motor"]}}


def is_sound(sql: str, question: str = "boats", *spans: str) -> bool:
    hints = tuple(Hint(s, "value", ("port.boats.kind",), (s,), start=question.index(s)) for s in spans)
    return sound(statement.query(sql), Context(question, PORT, hints, (), values=VALUES), PORT)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT d.name FROM port.boats AS b JOIN port.slips AS s ON b.slip_id = s.slip_id JOIN port.docks AS d ON "
        "s.dock_id = d.dock_id",
        "SELECT b.boat_id FROM port.boats AS b JOIN port.stays AS t ON t.slip_id = b.slip_id",
        "SELECT b.boat_id FROM port.boats AS b JOIN port.docks AS d ON d.city = b.city",
        "SELECT a.boat_id FROM port.boats AS a JOIN port.boats AS b ON a.slip_id = b.slip_id",
        "SELECT boat_id FROM port.boats AS b WHERE EXISTS(SELECT 1 FROM port.stays AS t WHERE t.boat_id = b.boat_id)",
        "SELECT x.n FROM port.docks AS d JOIN (SELECT dock_id AS k, count(*) AS n FROM port.slips GROUP BY 1) AS x ON "
        "x.k = d.dock_id",
        "SELECT count(*) FROM port.boats WHERE kind = 'sail' AND city = 'Anywhere'",
    ],
)
def test_joins_along_keys_and_known_values_are_sound(sql: str) -> None:
    assert is_sound(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT d.name FROM port.boats AS b JOIN port.docks AS d ON b.boat_id = d.dock_id",
        "SELECT boat_id FROM port.boats AS b WHERE EXISTS(SELECT 1 FROM port.stays AS t WHERE t.stay_id = b.boat_id)",
        "SELECT count(*) FROM port.boats WHERE kind IN ('sail', 'rowing')",
    ],
)
def test_keys_of_other_things_and_unknown_values_are_not(sql: str) -> None:
    assert not is_sound(sql)


def test_what_is_left_out_is_not_asked_for() -> None:
    question = "boats, skip sail"
    assert not is_sound("SELECT count(*) FROM port.boats WHERE kind = 'sail'", question, "sail")
    assert is_sound("SELECT count(*) FROM port.boats WHERE kind <> 'sail'", question, "sail")
    assert is_sound("SELECT count(*) FROM port.boats WHERE NOT kind IN ('sail')", question, "sail")
    assert is_sound("SELECT count(*) FROM port.boats WHERE kind = 'sail'", "sail boats", "sail")
