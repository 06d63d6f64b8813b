"""The way of a question through the graph, over the real gateway."""

from __future__ import annotations

import json
import sqlite3
import threading

import pytest

from agents.ask import prompts
from agents.ask.state import Answer, Step, Token
from agents.endpoints.scripted import scripted
from data.errors import Invalid, NotFound, Unavailable
from retrieval.hints import Hint

COUNT = "FROM tidal.plays SELECT count(*)"
WRONG = "SELECT nothing FROM tidal.plays"
NOVA = Hint("Nova", "value", ("tidal.artists.name",), ("Nova",))


def fenced(sql: str) -> str:
    return f"```sql\n{sql}\n```"


def said(endpoint, call: int = -1) -> list[str]:
    return [str(message.content) for message in endpoint.chat.history[call]]


def test_steps_and_tokens_come_before_the_answer(ask, listener):
    events = list(ask(scripted(fenced(COUNT))).stream(listener, "How many plays?"))
    steps = [event.name for event in events if isinstance(event, Step)]
    assert steps == ["approved", "retrieve", "write", "check", "run"]
    assert "".join(event.text for event in events if isinstance(event, Token)) == fenced(COUNT)
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert (answer.status, answer.rows, answer.sql) == ("answered", [[4]], COUNT)
    assert answer.answer == "Number of plays: 4."
    assert set(answer.timings) == set(steps)
    assert sum(answer.timings.values()) <= answer.seconds


def test_an_answer_names_its_sources_and_is_json(ask, listener):
    answer = ask(scripted(COUNT)).run(listener, "How many plays?")
    assert [source["table"] for source in answer.sources] == ["tidal.plays"]
    assert answer.sources[0]["version"]
    assert (answer.endpoint, answer.verified, answer.principal, answer.error) == (
        "scripted",
        False,
        "listener",
        None,
    )
    assert json.loads(json.dumps(answer.as_json()))["rows"] == [[4]]


def test_a_question_is_in_the_audit_trail_beside_its_query(ask, listener, gateway):
    answer = ask(scripted(COUNT)).run(listener, "How many plays?")
    query, question = gateway.audit.tail(2)
    assert (query.kind, query.id) == ("query", answer.audit_id)
    assert (question.kind, question.principal, question.question) == ("question", "listener", "How many plays?")
    assert (question.outcome, question.ran, question.rows) == ("answered", COUNT, 1)
    assert question.message == f"answer {answer.answer_id}"
    assert list(question.versions) == ["tidal.plays"]


def test_a_question_without_an_answer_is_in_the_trail_too(ask, findings, listener, gateway):
    findings.hints, findings.unknown = (), ("salaries",)
    answer = ask(scripted()).run(listener, "What are the salaries?")
    question = gateway.audit.tail(1)[0]
    assert (question.kind, question.outcome, question.rows) == ("question", answer.status, 0)


def test_a_chat_model_repairs_with_the_engines_message(ask, listener):
    model = scripted(fenced(WRONG), fenced(COUNT))
    answer = ask(model).run(listener, "How many plays?")
    assert (answer.status, answer.attempts, answer.rows) == ("answered", 2, [[4]])
    assert said(model)[-2] == fenced(WRONG)
    assert "nothing" in said(model)[-1]


def test_repair_ends(ask, listener):
    model = scripted(*[fenced(WRONG)] * 3)
    answer = ask(model).run(listener, "How many plays?")
    assert (answer.status, answer.attempts, model.chat.left) == ("failed", 3, 0)
    assert (answer.rows, answer.columns, answer.chart) == ([], [], None)
    assert answer.error["kind"] in ("invalid", "not_found")


@pytest.mark.parametrize(
    "reply",
    [
        "SELECT 42",
        "SELECT 42 AS plays FROM tidal.plays",
        "DROP TABLE tidal.plays",
        f"{COUNT}; {COUNT}",
        "The answer is 42.",
        "",
    ],
)
def test_what_is_no_query_over_rows_never_runs(ask, listener, reply):
    events = list(ask(scripted(*[fenced(reply) if reply else ""] * 3)).stream(listener, "How many plays?"))
    assert "run" not in [event.name for event in events if isinstance(event, Step)]
    assert events[-1].status == "failed"
    assert "42" not in events[-1].answer


def test_a_trained_model_gets_its_own_prompt_and_a_grammar(ask, findings, listener):
    model = scripted(f"{COUNT};", instruct=False, grammar=True)
    answer = ask(model).run(listener, "How many plays?")
    assert answer.sql == COUNT
    assert said(model) == [
        prompts.system(findings.gateway.visible(listener), {}),
        prompts.user("How many plays?", findings.hints),
    ]
    assert "start:" in model.chat.options[0]["grammar"]
    assert "cash" not in model.chat.options[0]["grammar"]


def test_a_trained_model_tries_once_more_without_hints(ask, listener):
    model = scripted(WRONG, WRONG, instruct=False)
    answer = ask(model).run(listener, "How many plays?")
    assert (answer.status, answer.attempts) == ("failed", 2)
    assert said(model) == [said(model, 0)[0], prompts.user("How many plays?", ())]


def test_hidden_tables_give_no_rows(ask, listener):
    answer = ask(scripted(*["SELECT * FROM cash.users"] * 3)).run(listener, "How many plays?")
    assert answer.status in ("forbidden", "failed")
    assert answer.rows == []


def test_forbidden_is_not_retried(ask, listener):
    model = scripted("SELECT * FROM read_csv('/etc/passwd') AS t, tidal.plays")
    answer = ask(model).run(listener, "How many plays?")
    assert (answer.status, answer.attempts, answer.error["kind"]) == ("forbidden", 1, "forbidden")


@pytest.mark.parametrize("unknown", ["users", "Zorg"])
def test_a_question_about_nothing_visible_is_not_guessed_at(ask, findings, listener, unknown):
    findings.hints, findings.unknown = (), (unknown,)
    answer = ask(scripted()).run(listener, "How many users?")
    assert (answer.status, answer.sql, answer.rows) == ("forbidden", "", [])
    assert "tidal.artists, tidal.plays" in answer.answer
    assert "cash" not in answer.answer


def test_the_model_says_whether_words_that_nothing_was_found_for_can_be_asked(ask, findings, listener):
    findings.hints = ()
    assert ask(scripted(COUNT)).run(listener, "How often did people listen?").rows == [[4]]
    answer = ask(scripted("UNSURE: no such data")).run(listener, "How nice is it?")
    assert (answer.status, answer.sql, answer.rows) == ("unsure", "", [])


def test_names_that_nothing_matched_are_said(ask, findings, listener):
    findings.unknown = ("Zorg",)
    answer = ask(scripted(COUNT)).run(listener, "How many plays has Zorg?")
    assert answer.answer == "Number of plays: 4. Nothing that you may see matches “Zorg”."


def test_a_model_may_ask_back_or_give_up(ask, listener):
    model = scripted("CLARIFY: Plays of which year?", "UNSURE: there are 17 tables")
    asking = ask(model)
    back, given_up = asking.run(listener, "How many plays?"), asking.run(listener, "How many plays?")
    assert (back.status, back.answer) == ("clarify", "Plays of which year?")
    assert given_up.status == "unsure"
    assert "17" not in given_up.answer


def test_an_approved_query_runs_verbatim_without_a_model(ask, approved, findings, listener):
    approved.add("How many plays?", "SELECT count(*) + 0 AS n FROM tidal.plays", "owner")
    findings.hints = ()
    answer = ask(scripted()).run(listener, "how many  PLAYS")
    assert (answer.status, answer.rows, answer.verified, answer.endpoint) == ("answered", [[4]], True, "")
    assert answer.sql == "SELECT count(*) + 0 AS n FROM tidal.plays"


def test_an_approved_query_shows_nothing_to_who_may_not_run_it(ask, approved, listener, owner):
    approved.add("How many people?", "SELECT count(*) FROM cash.users", "owner")
    asking = ask(scripted(COUNT))
    assert asking.run(owner, "How many people?").verified
    answer = asking.run(listener, "How many people?")
    assert (answer.verified, answer.sql, answer.attempts) == (False, COUNT, 1)


def test_an_approved_query_stays_hidden_when_nothing_else_can_answer(ask, approved, findings, listener):
    approved.add("How many people?", "SELECT count(*) FROM cash.users", "owner")
    findings.hints = ()
    events = list(ask(scripted("UNSURE: no such data")).stream(listener, "How many people?"))
    assert (events[-1].status, events[-1].sql, events[-1].verified) == ("unsure", "", False)
    assert "cash" not in repr(events)


def test_an_approved_query_that_no_longer_fits_is_set_aside(ask, approved, listener):
    approved.add("How many plays?", "SELECT sum(gone) FROM tidal.plays", "owner")
    answer = ask(scripted(COUNT)).run(listener, "How many plays?")
    assert (answer.status, answer.rows, answer.verified, answer.error) == ("answered", [[4]], False, None)


@pytest.mark.parametrize(
    ("sql", "status", "text"),
    [
        ("SELECT name FROM tidal.artists WHERE name = 'Nobody'", "empty", "No artists match"),
        ("SELECT sum(price) FROM tidal.plays WHERE platform = 'tv'", "empty", "No plays match"),
        ("SELECT count(*) FROM tidal.plays WHERE platform = 'tv'", "answered", ": 0."),
        ("SELECT play_id FROM tidal.plays ORDER BY play_id", "truncated", "There are more rows"),
    ],
)
def test_status_follows_the_rows(ask, listener, sql, status, text):
    answer = ask(scripted(sql), limit=2).run(listener, "Which plays?")
    assert answer.status == status
    assert text in answer.answer
    assert len(answer.rows) <= 2


def test_a_model_that_is_not_there_is_a_failure(ask, listener):
    answer = ask(scripted(Unavailable("The server is down.", "Start it."))).run(listener, "How many plays?")
    assert (answer.status, answer.rows) == ("failed", [])
    assert answer.error == {
        "kind": "unavailable", "message": "The server is down.", "remedy": "Start it.", "step": "write",
    }  # fmt: skip


@pytest.mark.parametrize("question", ["", "  \n", "x" * 4_001, "plays " * 20_000])
def test_questions_that_are_none_are_refused_at_once(ask, findings, listener, question):
    with pytest.raises(Invalid) as caught:
        ask(scripted()).run(listener, question)
    assert findings.asked == []
    assert len(str(caught.value)) < 250
    if question.strip():
        assert f"{len(question.strip()):,}" in str(caught.value)


def test_endpoints_are_chosen_by_name(ask, listener):
    asking = ask(scripted(name="first"), scripted(COUNT, name="second"))
    assert asking.run(listener, "How many plays?", endpoint="second").endpoint == "second"
    with pytest.raises(NotFound, match=r"'third'.*'first', 'second'"):
        asking.run(listener, "How many plays?", endpoint="third")


def test_a_thread_is_remembered_by_its_principal_alone(ask, listener, owner):
    model = scripted(COUNT, COUNT, COUNT, COUNT)
    asking = ask(model)
    asking.run(listener, "How many plays?", thread="t")
    asking.run(owner, "How many users?", thread="t")
    asking.close()
    asking.run(listener, "And now?", thread="t")
    assert said(model)[1:] == ["How many plays?", fenced(COUNT), said(model)[-1]]
    asking.run(listener, "And now?")
    assert len(said(model)) == 2


def test_a_thread_starts_each_question_afresh(ask, listener):
    asking = ask(scripted(WRONG, WRONG, WRONG, COUNT))
    assert asking.run(listener, "How many plays?", thread="t").status == "failed"
    answer = asking.run(listener, "How many plays?", thread="t")
    assert (answer.status, answer.attempts, answer.error) == ("answered", 1, None)


def test_checkpoints_hold_plain_values_and_no_rows(ask, listener, tmp_path, caplog):
    asking = ask(scripted("SELECT name FROM tidal.artists", COUNT))
    asking.run(listener, "Which artists?", thread="t")
    asking.run(listener, "How many plays?", thread="t")
    asking.close()
    with sqlite3.connect(tmp_path / "threads.sqlite") as db:
        blobs = [bytes(row[0]) for row in db.execute("SELECT checkpoint FROM checkpoints")]
    db.close()
    assert blobs
    for trace in (b"Kite", b"agents.", b"retrieval", b"data.", b"Stage name"):
        assert not any(trace in blob for blob in blobs)
    assert caplog.records == []


def test_many_may_ask_at_once(ask, listener, owner):
    asking = ask(scripted(*[COUNT] * 8))
    found = []
    asked = [
        threading.Thread(target=lambda p=p, n=n: found.append(asking.run(p, "How many plays?", thread=n)))
        for p in (listener, owner)
        for n in ("a", "a", "b", None)
    ]
    for one in asked:
        one.start()
    for one in asked:
        one.join()
    assert [answer.rows for answer in found] == [[[4]]] * 8
    assert len({answer.answer_id for answer in found}) == 8


def test_an_answer_is_kept(ask, answers, listener):
    answer = ask(scripted(COUNT)).run(listener, "How many plays?")
    assert answers.get(answer.answer_id, principal="listener").sql == COUNT
