"""Asking every question and judging what comes back."""

from __future__ import annotations

import datetime as dt

import pytest

from agents.ask.state import Answer
from agents.evaluation.run import outcomes
from data.errors import Forbidden, Invalid, NotFound, Unavailable

COUNT = "SELECT count(*) FROM tidal.plays"


def one(results):
    """The report of the only endpoint."""
    (report,) = results.reports.values()
    return report


@pytest.mark.parametrize(
    ("line", "rows", "right"),
    [
        ({"sql": COUNT}, [[4]], True),
        ({"sql": COUNT}, [[4.0000001]], True),
        ({"sql": COUNT}, [[3]], False),
        ({"sql": [COUNT, "SELECT count(*), 'x' FROM tidal.plays"]}, [["x", 4]], True),
        ({"sql": "SELECT name, artist_id FROM tidal.artists"}, [[2, "Kite"], [3, "Zed"], [1, "Nova"]], True),
        ({"sql": "SELECT name FROM tidal.artists ORDER BY name"}, [["Nova"], ["Zed"], ["Kite"]], True),
        (
            {"sql": "SELECT name FROM tidal.artists ORDER BY name", "ordered": True},
            [["Nova"], ["Zed"], ["Kite"]],
            False,
        ),
        ({"sql": "SELECT COUNT(*) FROM `tidal`.`plays`", "dialect": "mysql"}, [[4]], True),
        ({"sql": "SELECT name FROM tidal.artists WHERE false"}, [], True),
        ({"answers": [[[3]], [[4]]]}, [[4]], True),
        ({"answers": [[["Nova", 1], ["Kite", 2]]]}, [[2, "Kite"], [1, "Nova"]], True),
        ({"answers": [[["2024-01-01"]]]}, [[dt.date(2024, 1, 1)]], True),
        ({"answers": [[]]}, [], True),
        ({"answers": [[]]}, [[1]], False),
    ],
)
def test_rows_are_compared(lines, evaluate, answered, line, rows, right):
    report = one(evaluate(lines({"question": "?", **line}), it=answered(rows)))
    assert (report.n, report.execution_accuracy, report.valid_sql) == (1, float(right), 1.0)


@pytest.mark.parametrize(
    ("status", "valid", "reason"),
    [("failed", 0.0, "no"), ("forbidden", 0.0, "no"), ("unsure", 0.0, "no"), ("truncated", 1.0, "cut off")],
)
def test_what_is_no_answer_is_wrong(lines, evaluate, status, valid, reason):
    def ask(question):
        return Answer(status, "no", sql="SELECT 1", rows=[[4], [5]])

    report = one(evaluate(lines({"question": "?", "sql": COUNT}), it=ask))
    assert (report.execution_accuracy, report.valid_sql) == (0.0, valid)
    assert reason in report.failures[0].reason


def test_bad_gold_is_found_before_anything_is_asked(lines, evaluate, gateway, listener):
    def never(question):
        raise AssertionError("asked")

    good = {"question": "?", "sql": COUNT}
    with pytest.raises((Invalid, NotFound), match=r"questions\.jsonl:2: the gold SQL doesn't run"):
        evaluate(lines(good, {"question": "?", "sql": "SELECT nothing FROM tidal.plays"}), it=never)
    hidden = lines(good, {"question": "?", "sql": "SELECT user_id FROM cash.users"})
    with pytest.raises((Forbidden, NotFound), match=r"questions\.jsonl:2: "):
        list(outcomes(hidden, {"it": never}, gateway, listener))


def test_no_questions_have_no_accuracy(evaluate, answered):
    with pytest.raises(Invalid, match="no questions"):
        evaluate((), it=answered([]))


def test_a_model_that_is_not_there_ends_the_evaluation(lines, evaluate):
    error = {"kind": "unavailable", "message": "The model is down.", "remedy": "", "step": "write"}
    with pytest.raises(Unavailable, match="The model is down"):
        evaluate(lines({"question": "?", "sql": COUNT}), it=lambda q: Answer("failed", "", error=error))


def test_a_question_that_is_refused_is_a_failure(lines, evaluate):
    def ask(question):
        raise Invalid("The question is too long.")

    report = one(evaluate(lines({"question": "?", "sql": COUNT}), it=ask))
    assert (report.valid_sql, report.failures[0].reason) == (0.0, "The question is too long.")


def test_an_unexpected_error_is_not_hidden(lines, evaluate):
    def ask(question):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(lines({"question": "?", "sql": COUNT}), it=ask)


def test_a_question_goes_to_every_endpoint_before_the_next_one(lines, evaluate):
    seen = []

    def endpoint(name):
        def ask(question):
            seen.append((question, name))
            return Answer("answered", "", rows=[[4 if name == "b" else 5]])

        return ask

    two = lines({"question": "first", "sql": COUNT}, {"question": "second", "sql": COUNT})
    results = evaluate(two, a=endpoint("a"), b=endpoint("b"))
    assert seen == [("first", "a"), ("first", "b"), ("second", "a"), ("second", "b")]
    assert {name: made.execution_accuracy for name, made in results.reports.items()} == {"a": 0.0, "b": 1.0}


def test_a_miss_keeps_the_first_rows_of_both(lines, evaluate):
    def ask(question):
        return Answer("answered", "", columns=["n"], rows=[[n] for n in range(40)])

    results = evaluate(lines({"question": "?", "sql": "SELECT name FROM tidal.artists ORDER BY name"}), it=ask)
    (outcome,) = results.endpoints["it"]
    assert (outcome.wanted.columns, outcome.wanted.rows) == (["name"], [["Kite"], ["Nova"], ["Zed"]])
    assert (outcome.got.columns, outcome.got.rows, outcome.got.total) == (["n"], [[0], [1], [2], [3], [4]], 40)
