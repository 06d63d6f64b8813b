"""Reading SQL out of what chat models say."""

from __future__ import annotations

import pytest

from agents.ask import instruct
from retrieval.hints import Hint

SQL = "SELECT count(*) FROM tidal.plays"


@pytest.mark.parametrize(
    ("reply", "sql"),
    [
        (SQL, SQL),
        (f"{SQL};", SQL),
        (f"```sql\n{SQL};\n```", SQL),
        (f"Sure! Here it is:\n\n```\n{SQL}\n```\nIt counts the plays.", SQL),
        (f"From the tables I can see the answer:\n{SQL}\n\nThis counts them.", SQL),
        (f"With these tables:\n{SQL}; it counts.", SQL),
        (f"The query is {SQL}", SQL),
        ("FROM tidal.plays\nSELECT count(*)", "FROM tidal.plays\nSELECT count(*)"),
        (f"<think>SELECT 1 FROM x.y</think>{SQL}", SQL),
        (f"WITH t AS (\n{SQL}\n)\nSELECT * FROM t", f"WITH t AS (\n{SQL}\n)\nSELECT * FROM t"),
        (f"{SQL}\n\nWHERE platform = 'ios'", f"{SQL}\n\nWHERE platform = 'ios'"),
        (
            "SELECT name FROM tidal.artists WHERE name = 'a;b'",
            "SELECT name FROM tidal.artists WHERE name = 'a;b'",
        ),
        ("```sql\nDROP TABLE x\n```", "DROP TABLE x"),
        ("I don't know.", ""),
        ("", ""),
    ],
)
def test_sql_is_found(reply, sql):
    assert instruct.sql(reply) == sql


@pytest.mark.parametrize(
    "reply",
    [
        "SELECT a b c\nFROM tidal.plays",
        "SELECT play_id FROM tidal.plays\nWHERE broken((",
        "WITH t AS (\nSELECT play_id FROM tidal.plays\n) SELEC",
    ],
)
def test_a_broken_query_is_not_cut_down_to_another_one(reply):
    assert instruct.sql(reply) == reply


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ("UNSURE: no such data", ("unsure", "no such data")),
        ("**CLARIFY:** which year?", ("clarify", "** which year?")),
        ("<think>hm</think>\nCLARIFY: which year?", ("clarify", "which year?")),
        (SQL, ("", "")),
        ("I am unsure: maybe", ("", "")),
    ],
)
def test_a_model_may_decline(reply, found):
    assert instruct.declined(reply) == found


def test_the_prompt_has_tables_units_and_joins(gateway, listener):
    text = instruct.system(gateway.visible(listener))
    assert "tidal.plays: One stream." in text
    assert "price DOUBLE: What it cost. Unit: USD." in text
    assert "tidal.plays.artist_id = tidal.artists.artist_id" in text
    assert "cash" not in text


def test_hints_follow_the_question():
    hint = Hint("streams", "table", ("tidal.plays",))
    assert instruct.user("How many streams?", (hint,)).endswith("- streams = tidal.plays")
    assert instruct.user("How many?", ()) == "How many?"
