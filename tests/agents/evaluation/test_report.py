"""Figures in all, by file and by tag; what sets endpoints apart."""

from __future__ import annotations

import json
from dataclasses import replace

from agents.ask.state import Answer
from agents.evaluation.figures import figures
from agents.evaluation.results import Results

COUNT = "SELECT count(*) FROM tidal.plays"


def test_abstaining_is_right_where_there_is_no_answer(lines, evaluate):
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

    report = evaluate(lines(*no_answer, *plain, *ambiguous), it=ask).reports["it"]
    assert (report.n, report.unanswerable) == (7, 3)
    assert (report.execution_accuracy, report.valid_sql) == (0.5, 1.0)
    assert round(report.unanswerable_answered, 3) == 0.667
    assert report.answerable_refused == 0.5
    failures = {failure.question: (failure.sql, failure.reason) for failure in report.failures}
    assert set(failures) == {"shoes", "salaries", "plays", "big"}
    assert failures["shoes"] == ("unsure or clarify", "it can't be answered, but the status is 'answered'")


def test_an_ambiguous_question_may_also_be_answered(lines, evaluate, answered):
    question = lines({"question": "?", "sql": COUNT, "status": ["clarify"]})
    assert evaluate(question, it=answered([[4]])).reports["it"].execution_accuracy == 1.0
    assert evaluate(question, it=answered([[5]])).reports["it"].execution_accuracy == 0.0


def test_a_failure_is_no_abstention(lines, evaluate):
    question = lines({"question": "?", "status": ["unsure"]})
    report = evaluate(question, it=lambda q: Answer("failed", "broken")).reports["it"]
    assert (report.unanswerable_answered, report.execution_accuracy, len(report.failures)) == (0.0, 0.0, 1)


def test_a_report_has_shares_and_failures(lines, evaluate):
    def ask(question):
        return Answer("answered", "", sql=f"-- {question}", rows=[[4 if question != "b" else 5]])

    questions = lines(*({"question": name, "sql": COUNT, "id": f"q-{name}", "tags": ["x"]} for name in "abc"))
    report = evaluate(questions, it=ask).reports["it"]
    assert (report.n, round(report.execution_accuracy, 3)) == (3, 0.667)
    assert [(f.id, f.question, f.sql, f.got, f.reason) for f in report.failures] == [
        ("q-b", "b", COUNT, "-- b", "the rows differ")
    ]


def test_the_95th_percentile_is_the_nearest_rank(lines, evaluate, answered):
    (outcome,) = evaluate(lines({"question": "?", "sql": COUNT}), it=answered([[4]])).endpoints["it"]
    timed = [replace(outcome, seconds=float(n)) for n in range(1, 101)]
    assert (figures(timed[::-1]).seconds_p50, figures(timed[::-1]).seconds_p95) == (50.5, 95.0)
    assert figures(timed[:3]).seconds_p95 == 3.0


def mixed(lines):
    first = lines(
        {"question": "plays", "sql": COUNT, "tags": ["count", "easy"]},
        {"question": "users", "sql": COUNT, "tags": ["count"]},
        file="a.jsonl",
    )
    return first + lines({"question": "weather", "status": ["unsure"], "tags": ["off"]}, file="b.jsonl")


def knows(*questions):
    """An endpoint that is right about these and wrong about all others."""
    return lambda asked: Answer("answered", "", sql="SELECT 1", rows=[[4 if asked in questions else 5]])


def test_files_and_tags_have_figures_of_their_own(lines, evaluate):
    report = evaluate(mixed(lines), it=knows("plays")).reports["it"]
    assert {name: (f.n, f.execution_accuracy) for name, f in report.by_tag.items()} == {
        "count": (2, 0.5),
        "easy": (1, 1.0),
        "off": (1, 0.0),
    }
    assert list(report.by_tag) == ["count", "easy", "off"]
    assert (report.by_tag["off"].unanswerable, report.by_tag["off"].unanswerable_answered) == (1, 1.0)
    assert {name: (f.n, f.execution_accuracy) for name, f in report.by_file.items()} == {
        "a.jsonl": (2, 0.5),
        "b.jsonl": (1, 0.0),
    }
    assert [(f.file, f.id, f.status) for f in report.failures] == [
        ("a.jsonl", "2", "answered"),
        ("b.jsonl", "1", "answered"),
    ]


def test_one_endpoint_gives_a_flat_document(lines, evaluate):
    document = evaluate(mixed(lines), it=knows("plays")).document()
    assert {"n", "execution_accuracy", "valid_sql", "seconds_p50", "seconds_p95", "failures"} <= set(document)
    assert (document["n"], document["partial"]) == (3, False)
    assert json.loads(json.dumps(document)) == document | {"failures": list(document["failures"])}


def test_several_endpoints_give_a_report_each_and_what_sets_them_apart(lines, evaluate):
    results = evaluate(mixed(lines), a=knows("plays"), b=knows("users"), c=lambda q: Answer("unsure", "no"))
    document = results.document()
    assert {name: made["execution_accuracy"] for name, made in document["endpoints"].items()} == {
        "a": 0.5,
        "b": 0.5,
        "c": 0.0,
    }
    pairs = {(item["first"], item["second"]): item for item in document["comparisons"]}
    assert list(pairs) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert pairs["a", "b"]["difference"] == 0.0
    assert [item["question"] for item in pairs["a", "b"]["only_second"]] == ["users"]
    assert [item["question"] for item in pairs["a", "c"]["only_first"]] == ["plays"]
    assert pairs["a", "c"]["only_second"] == ({"file": "b.jsonl", "id": "1", "question": "weather"},)
    assert (pairs["a", "c"]["n"], pairs["a", "c"]["difference"]) == (2, 0.5)


def test_what_was_not_asked_makes_it_partial(lines, evaluate):
    whole = evaluate(mixed(lines), it=knows("plays"))
    cut = Results({"it": whole.endpoints["it"][:1]}, planned=3)
    assert (cut.document()["n"], cut.document()["partial"], cut.document()["execution_accuracy"]) == (1, True, 1.0)
