"""Answers that are kept, rated and run again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from agents.answers import AnswerStore
from agents.ask.state import Answer, plain
from agents.endpoints.scripted import scripted
from agents.replay import replay
from data.errors import Invalid, NotFound, Unavailable

ANSWER = Answer(
    "answered",
    "Four.",
    sql="SELECT 4 FROM a.b",
    rows=[[4]],
    answer_id="a1",
    principal="ada",
    question="How many?",
)


def test_an_answer_is_its_principals_own(answers):
    answers.add(ANSWER)
    assert answers.get("a1", principal="ada").question == "How many?"
    assert answers.get("a1", principal=None).principal == "ada"
    with pytest.raises(NotFound) as others:
        answers.get("a1", principal="bob")
    with pytest.raises(NotFound) as nobodys:
        answers.get("a2", principal="bob")
    assert str(others.value) == str(nobodys.value).replace("a2", "a1")


def test_rows_are_not_kept(answers, tmp_path):
    answers.add(replace(ANSWER, rows=[["Kite-the-secret"]], answer="Kite-the-secret"))
    files = tmp_path.glob("answers.sqlite*")
    assert not any(b"Kite-the-secret" in file.read_bytes() for file in files)


def test_a_thumb_is_kept_with_its_note(answers):
    answers.add(ANSWER)
    answers.rate("a1", "down", principal="ada", note="wrong year")
    answers.rate("a1", "up", principal="ada")
    assert (answers.get("a1", principal="ada").thumb, answers.get("a1", principal="ada").note) == ("up", "")


def test_a_correction_says_what_is_right_and_consent_is_never_taken_for_granted(answers):
    answers.add(ANSWER)
    answers.rate("a1", "up", principal="ada")
    (rated,) = answers.rated()
    assert (rated.right, rated.consent) == ("SELECT 4 FROM a.b", False)
    answers.rate("a1", "down", principal="ada", sql="SELECT 5 FROM a.b", consent=True)
    (rated,) = answers.rated()
    assert (rated.right, rated.consent) == ("SELECT 5 FROM a.b", True)
    answers.rate("a1", "down", principal="ada")
    (rated,) = answers.rated()
    assert (rated.right, rated.consent) == ("", False)


@pytest.mark.parametrize(
    ("thumb", "sql"), [("up", "SELECT 5 FROM a.b"), ("down", "DROP TABLE a.b"), ("down", "no SQL")]
)
def test_a_correction_is_a_query_for_a_wrong_answer(answers, thumb, sql):
    answers.add(ANSWER)
    with pytest.raises(Invalid):
        answers.rate("a1", thumb, principal="ada", sql=sql)
    assert not answers.rated()


@pytest.mark.parametrize(
    ("thumb", "principal", "note", "error"),
    [("sideways", "ada", "", Invalid), ("up", "bob", "", NotFound), ("up", "ada", "x" * 3_000, Invalid)],
)
def test_a_rating_that_makes_no_sense_is_refused(answers, thumb, principal, note, error):
    answers.add(ANSWER)
    with pytest.raises(error):
        answers.rate("a1", thumb, principal=principal, note=note)
    assert answers.get("a1", principal="ada").thumb == ""


def test_the_latest_come_first(answers):
    for name in ("a1", "a2", "a3"):
        answers.add(replace(ANSWER, answer_id=name))
    answers.add(replace(ANSWER, answer_id="b1", principal="bob"))
    assert [given.answer_id for given in answers.recent("ada", 2)] == ["a3", "a2"]


def test_threads_may_write_at_once(answers):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: answers.add(replace(ANSWER, answer_id=str(n))), range(40)))
    assert len(answers.recent("ada", 100)) == 40


def test_a_file_that_cannot_be_used_is_said(tmp_path):
    (tmp_path / "broken").write_bytes(b"this is no database" * 100)
    with pytest.raises(Unavailable, match="broken"):
        AnswerStore(tmp_path / "broken").add(ANSWER)


def test_a_replay_is_identical(ask, answers, gateway, listener):
    given = ask(scripted("SELECT name FROM tidal.artists")).run(listener, "Which artists?")
    again = replay(answers, gateway, listener, given.answer_id)
    assert (again.identical, again.changed, sorted(again.rows)) == (True, [], [["Kite"], ["Nova"], ["Zed"]])


def test_a_replay_of_other_rows_is_not(ask, answers, gateway, listener):
    sql = "SELECT name FROM tidal.artists"
    given = ask(scripted(sql)).run(listener, "Which artists?")
    answers.add(replace(given, answer_id="older", rows=[["Nova"], ["Kite"]]))
    assert not replay(answers, gateway, listener, "older").identical


def test_order_counts_only_where_the_sql_orders(ask, answers, gateway, listener):
    rows = [["Zed"], ["Nova"], ["Kite"]]
    for name, order in (("any", ""), ("ordered", " ORDER BY name")):
        sql = f"SELECT name FROM tidal.artists{order}"
        answers.add(replace(ANSWER, answer_id=name, sql=sql, rows=rows, principal="listener"))
    assert replay(answers, gateway, listener, "any").identical
    assert not replay(answers, gateway, listener, "ordered").identical


def test_nobody_replays_for_others_or_without_rows(ask, answers, gateway, findings, listener, owner):
    findings.hints = ()
    given = ask(scripted()).run(listener, "What is love?")
    with pytest.raises(Invalid, match="unsure"):
        replay(answers, gateway, listener, given.answer_id)
    with pytest.raises(NotFound):
        replay(answers, gateway, owner, given.answer_id)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_json_has_no_nan(value):
    assert plain({"x": [value]}) == {"x": [None]}
