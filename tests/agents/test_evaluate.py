"""Execution accuracy over a file of questions."""

from __future__ import annotations

import json
import time

import pytest

from agents.ask.state import Answer
from agents.evaluate import evaluate, read
from data.errors import Forbidden, Invalid, NotFound, Unavailable

COUNT = "SELECT count(*) FROM tidal.plays"


@pytest.fixture
def lines(tmp_path):
    def make(*items):
        path = tmp_path / "questions.jsonl"
        path.write_text("\n".join(item if isinstance(item, str) else json.dumps(item) for item in items))
        return read(path)

    return make


def answered(rows, status="answered", sql="SELECT"):
    return lambda question: Answer(status, "", sql=sql, rows=rows)


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
        ({"answers": [[["2024-01-01"]]]}, [[__import__("datetime").date(2024, 1, 1)]], True),
        ({"answers": [[]]}, [], True),
        ({"answers": [[]]}, [[1]], False),
    ],
)
def test_rows_are_compared(lines, gateway, owner, line, rows, right):
    report = evaluate(lines({"question": "?", **line}), answered(rows), gateway, owner)
    assert (report.n, report.execution_accuracy, report.valid_sql) == (1, float(right), 1.0)


@pytest.mark.parametrize(
    ("status", "valid", "reason"),
    [("failed", 0.0, "no"), ("forbidden", 0.0, "no"), ("unsure", 0.0, "no"), ("truncated", 1.0, "cut off")],
)
def test_what_is_no_answer_is_wrong(lines, gateway, owner, status, valid, reason):
    def ask(question):
        return Answer(status, "no", sql="SELECT 1", rows=[[4], [5]])

    report = evaluate(lines({"question": "?", "sql": COUNT}), ask, gateway, owner)
    assert (report.execution_accuracy, report.valid_sql) == (0.0, valid)
    assert reason in report.failures[0].reason


def test_a_report_has_shares_failures_and_the_median(lines, gateway, owner):
    pauses = {"a": 0.0, "b": 0.05, "c": 0.1}

    def ask(question):
        time.sleep(pauses[question])
        return Answer("answered", "", sql=f"-- {question}", rows=[[4 if question != "b" else 5]])

    seen = []
    questions = lines(*({"question": name, "sql": COUNT, "id": f"q-{name}", "tags": ["x"]} for name in "abc"))
    report = evaluate(questions, ask, gateway, owner, lambda *done: seen.append(done))
    assert (report.n, round(report.execution_accuracy, 3)) == (3, 0.667)
    assert 0.05 <= report.seconds_p50 < 0.1
    assert [(f.id, f.question, f.sql, f.got, f.reason) for f in report.failures] == [
        ("q-b", "b", COUNT, "-- b", "the rows differ")
    ]
    assert seen == [(1, 3, True), (2, 3, False), (3, 3, True)]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not JSON"),
        ("[1]", "valid dictionary"),
        ({"sql": COUNT}, "question: "),
        ({"question": "", "sql": COUNT}, "question: "),
        ({"question": "?"}, "either 'sql' or 'answers'"),
        ({"question": "?", "sql": COUNT, "answers": [[[1]]]}, "either 'sql' or 'answers'"),
        ({"question": "?", "status": []}, "either 'sql' or 'answers', or the 'status'"),
        ({"question": "?", "status": ["answered"]}, "status: "),
        ({"question": "?", "sql": [], "status": ["clarify"]}, "no right answer"),
        ({"question": "?", "sql": []}, "no right answer"),
        ({"question": "?", "sql": ""}, "no right answer"),
        ({"question": "?", "answers": []}, "no right answer"),
        ({"question": "?", "answers": [[1]]}, "answers: "),
        ({"question": "?", "answers": [[[1], [1, 2]]]}, "differ in length"),
        ({"question": "?", "sql": "DROP TABLE tidal.plays"}, "'DROP' is not a query"),
        ({"question": "?", "sql": COUNT, "dialect": "cobol"}, "'cobol' is no SQL dialect"),
        ({"question": "?", "sql": "SELECT (", "dialect": "mysql"}, "can't be parsed"),
    ],
)
def test_a_bad_line_is_named(lines, line, message):
    with pytest.raises(Invalid, match=r"questions\.jsonl:2: ") as caught:
        lines({"question": "?", "sql": COUNT}, line)
    assert message in str(caught.value)


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_a_file_without_questions_is_refused(lines, text):
    with pytest.raises(Invalid, match="no questions"):
        lines(text)


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name in ("missing", "binary", "."):
        with pytest.raises(Invalid, match="can't be read"):
            read(tmp_path / name)


def test_bad_gold_is_found_before_anything_is_asked(lines, gateway, owner, listener):
    def never(question):
        raise AssertionError("asked")

    good = {"question": "?", "sql": COUNT}
    with pytest.raises((Invalid, NotFound), match=r"questions\.jsonl:2: the gold SQL doesn't run"):
        evaluate(lines(good, {"question": "?", "sql": "SELECT nothing FROM tidal.plays"}), never, gateway, owner)
    with pytest.raises((Forbidden, NotFound), match=r"questions\.jsonl:2: "):
        evaluate(lines(good, {"question": "?", "sql": "SELECT user_id FROM cash.users"}), never, gateway, listener)


def test_no_questions_have_no_accuracy(gateway, owner):
    with pytest.raises(Invalid):
        evaluate((), answered([]), gateway, owner)


def test_abstaining_is_right_where_there_is_no_answer(lines, gateway, owner):
    statuses = {
        "weather": "unsure",
        "shoes": "answered",
        "salaries": "empty",
        "plays": "unsure",
        "users": "answered",
        "how much": "clarify",
        "big": "forbidden",
    }
    no_answer = [{"question": name, "status": ["unsure", "clarify"]} for name in ("weather", "shoes", "salaries")]
    plain = [{"question": name, "sql": COUNT} for name in ("plays", "users")]
    ambiguous = [{"question": name, "sql": COUNT, "status": ["clarify"]} for name in ("how much", "big")]

    def ask(question):
        return Answer(statuses[question], "no", rows=[[4]])

    report = evaluate(lines(*no_answer, *plain, *ambiguous), ask, gateway, owner)
    assert (report.n, report.unanswerable) == (7, 3)
    assert (report.execution_accuracy, report.valid_sql) == (0.5, 0.5)
    assert round(report.unanswerable_answered, 3) == 0.667
    assert report.answerable_refused == 0.5
    failures = {failure.question: (failure.sql, failure.reason) for failure in report.failures}
    assert set(failures) == {"shoes", "salaries", "plays", "big"}
    assert failures["shoes"] == ("unsure or clarify", "it can't be answered, but the status is 'answered'")


def test_an_ambiguous_question_may_also_be_answered(lines, gateway, owner):
    question = lines({"question": "?", "sql": COUNT, "status": ["clarify"]})
    assert evaluate(question, answered([[4]]), gateway, owner).execution_accuracy == 1.0
    assert evaluate(question, answered([[5]]), gateway, owner).execution_accuracy == 0.0


def test_a_failure_is_no_abstention(lines, gateway, owner):
    question = lines({"question": "?", "status": ["unsure"]})
    report = evaluate(question, lambda q: Answer("failed", "broken"), gateway, owner)
    assert (report.unanswerable_answered, report.execution_accuracy, len(report.failures)) == (0.0, 0.0, 1)


def test_a_model_that_is_not_there_ends_the_evaluation(lines, gateway, owner):
    error = {"kind": "unavailable", "message": "The model is down.", "remedy": "", "step": "write"}
    with pytest.raises(Unavailable, match="The model is down"):
        evaluate(
            lines({"question": "?", "sql": COUNT}),
            lambda q: Answer("failed", "", error=error),
            gateway,
            owner,
        )


def test_a_question_that_is_refused_is_a_failure(lines, gateway, owner):
    def ask(question):
        raise Invalid("The question is too long.")

    report = evaluate(lines({"question": "?", "sql": COUNT}), ask, gateway, owner)
    assert (report.valid_sql, report.failures[0].reason) == (0.0, "The question is too long.")


def test_an_unexpected_error_is_not_hidden(lines, gateway, owner):
    def ask(question):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(lines({"question": "?", "sql": COUNT}), ask, gateway, owner)


def test_speed_is_measured_over_questions_that_have_an_answer(lines, gateway, owner, findings, tmp_path):
    from agents import bench

    with pytest.raises(Invalid, match="no questions that can be answered"):
        bench.bench(
            lines({"question": "?", "status": ["unsure"]}), gateway, owner, findings, adapter=tmp_path, models=tmp_path
        )
