from __future__ import annotations

import pytest

from agents.approved import normalised
from data.errors import Invalid, NotFound

SQL = "SELECT count(*) FROM tidal.plays"


@pytest.mark.parametrize("wording", ["How many plays?", "how many plays", "  HOW  many\nplays?! ", "“How many plays”"])
def test_wording_is_matched_whatever_its_form(approved, wording):
    approved.add("How many plays?", SQL, "ada")
    entry = approved.match(wording)
    assert (entry.sql, entry.approved_by) == (SQL, "ada")


@pytest.mark.parametrize(
    ("one", "other"),
    [("over > 5", "over < 5"), ("a 3.5 rate", "a 35 rate"), ("-5 or less", "5 or less"), ("plays", "play")],
)
def test_what_changes_the_meaning_is_kept(one, other):
    assert normalised(one) != normalised(other)


def test_a_later_approval_replaces(approved):
    approved.add("How many plays?", SQL, "ada")
    approved.add("how many plays", f"{SQL} WHERE true", "bob")
    assert [(entry.sql, entry.approved_by) for entry in approved.list()] == [(f"{SQL} WHERE true", "bob")]


def test_an_approval_can_be_withdrawn(approved):
    approved.add("How many plays?", SQL, "ada")
    approved.remove("how many plays")
    assert approved.match("How many plays?") is None
    with pytest.raises(NotFound):
        approved.remove("how many plays")


@pytest.mark.parametrize(("question", "sql"), [("", SQL), ("?!", SQL), ("How many?", "DROP TABLE a.b")])
def test_only_queries_for_questions_are_approved(approved, question, sql):
    with pytest.raises(Invalid):
        approved.add(question, sql, "ada")
    assert approved.list() == ()
