"""A model with alternatives: which answer is taken, how sure it is, and what is said instead of one."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk

from agents import statement
from agents.ask.rerank.candidate import Weighed
from agents.ask.rerank.shape import Shape
from agents.ask.state import Step, Token
from agents.ask.vote import Ballot, Budget, elected
from agents.endpoints import Candidate, Endpoint
from agents.endpoints.calibration import Calibration
from agents.endpoints.scripted import ScriptedChat
from data.catalog import Catalog
from data.errors import Invalid, TooExpensive

COUNT = "FROM tidal.plays SELECT count(*)"
ALSO = "FROM tidal.plays SELECT count(plays.play_id)"
LONG = "FROM tidal.plays SELECT count(*) WHERE length > 60"
SUM = "FROM tidal.plays SELECT sum(length)"
NONE = "FROM tidal.plays SELECT platform WHERE platform = 'tv'"
IOS = "FROM tidal.plays SELECT platform WHERE platform = 'ios'"
WRONG = "FROM tidal.plays SELECT nothing"

EVEN = Calibration(slope=1, intercept=0, unsure_below=0.4)
"""Confidence is the model's own probability."""


class RankedChat(ScriptedChat):
    """Streams the first of its candidates with its probability, and gives the others when asked."""

    def __init__(self, *ranked: tuple[str, float]) -> None:
        super().__init__([text for text, _ in ranked[:1]] * 2)
        self._ranked = [Candidate(text, math.log(chance), chance) for text, chance in ranked]
        self._most: list[int] = []

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        yield from super()._stream(messages, stop, run_manager, **kwargs)
        sure = {"logprob": self._ranked[0].logprob}
        yield ChatGenerationChunk(message=AIMessageChunk(content="", response_metadata=sure))

    def candidates(
        self, messages: Sequence[BaseMessage], grammar: str | None, max_tokens: int, most: int
    ) -> list[Candidate]:
        assert list(messages) == self.history[-1]
        assert grammar == self.options[-1]["grammar"]
        self._most.append(most)
        return sorted(self._ranked[:most], key=lambda candidate: -candidate.logprob)


def model(*ranked: tuple[str, float], calibration: Calibration | None = None) -> Endpoint:
    chat = RankedChat(*ranked)
    return Endpoint("ranked", chat, 8192, True, False, "cpu", ranking=chat, calibration=calibration)


class Indifferent:
    """Judges all alike."""

    def judge(self, question: str, queries: Sequence[Any]) -> list[float]:
        return [0.0 for _ in queries]


@pytest.fixture(autouse=True)
def nothing_drawn(request, monkeypatch):
    """The model's answers alone, but for the tests of sketches; the judge has tests of its own."""
    monkeypatch.setattr("agents.ask.nodes.Desk.judge", Indifferent())
    if "sketch" not in request.node.name:
        monkeypatch.setattr("agents.ask.pen.sketches", lambda context: ())


def steps(events: Sequence[Any]) -> list[str]:
    return [event.name for event in events if isinstance(event, Step)]


@pytest.mark.parametrize(
    ("ranked", "sql", "chance"),
    [
        # A clear answer, and a less clear one that nothing can outweigh: no alternative is asked for.
        ([(COUNT, 0.99), (LONG, 0.01)], COUNT, 0.99),
        ([(COUNT, 0.55), (LONG, 0.45)], COUNT, 0.55),
        # What the question doesn't ask gives way; equal rows pool their probability.
        ([(SUM, 0.4), (COUNT, 0.3), (ALSO, 0.2)], COUNT, 0.5),
        ([(COUNT, 0.4), (LONG, 0.3), (ALSO, 0.2)], COUNT, 0.6),
        # Nothing gives way to an answer with rows, but not to one that is next to impossible.
        ([(NONE, 0.7), (IOS, 0.2)], IOS, 0.2),
        ([(NONE, 0.7), (IOS, 1e-9)], NONE, 0.7),
        # So does what can't run.
        ([(WRONG, 0.7), (COUNT, 0.2)], COUNT, 0.2),
        ([(WRONG, 0.3), (COUNT, 0.1), (ALSO, 0.1)], COUNT, 0.2),
    ],
)
def test_what_most_probability_stands_behind_is_answered(ask, listener, ranked, sql, chance):
    asked = model(*ranked)
    events = list(ask(asked).stream(listener, "How many plays are there?"))
    answer = events[-1]
    assert (answer.sql, answer.error) == (sql, None)
    assert math.exp(answer.logprob) == pytest.approx(chance)
    assert answer.confidence is None
    assert answer.attempts == 1
    assert (
        ("vote" in steps(events)) == (asked.chat._most == [4]) == (ranked[0][1] < 0.5 or ranked[0][0] in (NONE, WRONG))
    )
    assert "".join(event.text for event in events if isinstance(event, Token)) == ranked[0][0]


def test_alternatives_run_under_the_rights_of_who_asks(ask, listener, owner):
    hidden = "FROM cash.users SELECT users.user_id"
    ranked = [(WRONG, 0.6), (hidden, 0.3)]
    assert ask(model(*ranked)).run(owner, "How many plays are there?").sql == hidden
    answer = ask(model(*ranked)).run(listener, "How many plays are there?")
    assert (answer.status, answer.rows) == ("failed", [])


def test_alternatives_that_fail_harm_no_answer(ask, listener, monkeypatch):
    def broken(*_: Any, **__: Any) -> list[Candidate]:
        raise Invalid("The grammar lets nothing follow.", "Mend it.")

    monkeypatch.setattr(RankedChat, "candidates", broken)
    answer = ask(model((COUNT, 0.3))).run(listener, "How many plays are there?")
    assert (answer.status, answer.rows, answer.error) == ("answered", [[4]], None)
    answer = ask(model(("clarify", 0.3))).run(listener, "How many plays are there?")
    assert (answer.status, answer.error) == ("clarify", None)


def test_what_can_not_be_replaced_is_repaired(ask, listener):
    asked = model((WRONG, 0.7), (COUNT, 0.01))
    events = list(ask(asked).stream(listener, "How many plays are there?"))
    assert steps(events).count("vote") == steps(events).count("write") == events[-1].attempts == 2
    assert events[-1].status == "failed"


def test_alternatives_have_no_more_than_their_time(ask, listener, monkeypatch):
    monkeypatch.setattr("agents.ask.vote.SECONDS", 0.0)
    answer = ask(model((COUNT, 0.4), (LONG, 0.35), (ALSO, 0.2))).run(listener, "How many plays are there?")
    assert (answer.sql, math.exp(answer.logprob)) == (COUNT, pytest.approx(0.4))


def test_what_each_alternative_takes_at_most_is_not_counted(monkeypatch):
    clock = itertools.count(0, 0.2)
    monkeypatch.setattr("agents.ask.vote.time.perf_counter", lambda: next(clock))
    budget = Budget(0.1)
    assert [budget.run(lambda seconds: seconds) for _ in range(20)] == [pytest.approx(0.35)] * 20
    clock = itertools.count(0, 0.5)
    budget.run(lambda seconds: seconds)
    with pytest.raises(TooExpensive):
        budget.run(lambda seconds: seconds)


def test_confidence_is_calibrated_and_travels_with_the_answer(ask, listener):
    twice = Calibration(slope=2, intercept=0, unsure_below=0.4)
    answer = ask(model((COUNT, 0.8), calibration=twice)).run(listener, "How many plays are there?")
    assert answer.confidence == pytest.approx(16 / 17)
    assert json.loads(json.dumps(answer.as_json()))["confidence"] == answer.confidence


def test_a_doubtful_answer_is_a_guess_without_rows(ask, answers, listener):
    answer = ask(model((LONG, 0.3), (COUNT, 0.05), calibration=EVEN)).run(listener, "How many plays over 60?")
    assert (answer.status, answer.sql, answer.rows, answer.sources) == ("unsure", LONG, [], [])
    assert answer.confidence == pytest.approx(0.3)
    assert "My best guess is the SQL here: number of plays where " in answer.answer
    assert answers.get(answer.answer_id, principal="listener").digest == ""


def test_what_is_next_to_hopeless_is_not_even_a_guess(ask, listener):
    answer = ask(model((LONG, 0.1), (COUNT, 0.01), calibration=EVEN)).run(listener, "How loud are plays over 60?")
    assert (answer.status, answer.sql, answer.rows) == ("unsure", "", [])
    assert answer.confidence == pytest.approx(0.1)
    assert (
        "I found nothing that tells this in what you may see. You can ask what there is: plays have " in answer.answer
    )


def test_agreement_lifts_an_answer_over_the_bar(ask, listener):
    answer = ask(model((COUNT, 0.3), (ALSO, 0.25), calibration=EVEN)).run(listener, "How many plays are there?")
    assert (answer.status, answer.rows, answer.confidence) == ("answered", [[4]], pytest.approx(0.55))


def test_a_model_that_is_unsure_says_what_there_is(ask, listener):
    answer = ask(model(("unsure", 0.9), (COUNT, 0.1), calibration=EVEN)).run(listener, "How loud are the plays?")
    assert (answer.status, answer.sql, answer.rows, answer.confidence) == ("unsure", "", [], None)
    assert answer.answer.startswith("I found nothing that tells this in what you may see. You can ask ")
    assert "price" in answer.answer
    assert "users" not in answer.answer


def test_a_model_that_asks_back_tells_the_readings(ask, listener):
    asked = model(("clarify", 0.6), (COUNT, 0.2), ("FROM", 0.15), (IOS, 0.1))
    answer = ask(asked).run(listener, "Which plays are big?")
    assert (answer.status, answer.sql) == ("clarify", "")
    assert answer.answer == (
        "This can mean number of plays, or platform where platform is ios. Say which of them you mean."
    )


@pytest.mark.parametrize(("words", "sql"), [("unsure", ""), ("clarify", "")])
def test_a_model_without_alternatives_may_decline_too(ask, listener, words, sql):
    chat = ScriptedChat([words])
    answer = ask(Endpoint("plain", chat, 8192, True, False, "cpu")).run(listener, "How many plays?")
    assert (answer.status, answer.sql, answer.error) == (words, sql, None)
    assert answer.answer


def test_declining_may_win_the_vote(ask, listener):
    answer = ask(model((LONG, 0.3), ("unsure", 0.28), ("clarify", 0.1))).run(listener, "How many plays are there?")
    assert answer.status == "answered"
    answer = ask(model((WRONG, 0.4), ("unsure", 0.3))).run(listener, "How many plays are there?")
    assert (answer.status, answer.sql, answer.error) == ("unsure", "", None)


def test_nobody_is_elected_from_nothing() -> None:
    assert elected([], -1.0) is None
    assert elected([Ballot(COUNT, COUNT, "", -9.0, "x")], -1.0) is None


def test_a_sketch_answers_where_the_model_does_not_know(ask, listener):
    """What nobody wrote has no probability, so that no confidence is claimed for it."""
    asked = model((WRONG, 0.3), (SUM, 0.01))
    events = list(ask(asked).stream(listener, "How many plays are there?"))
    assert (events[-1].status, events[-1].sql, events[-1].rows) == ("answered", COUNT, [[4]])
    assert (events[-1].logprob, events[-1].confidence) == (None, None)


def test_a_sketch_that_agrees_saves_the_model_its_alternatives(ask, listener, monkeypatch):
    monkeypatch.setattr("agents.ask.graph.worthwhile", lambda state, nothing: True)
    asked = model((COUNT, 0.6), (LONG, 0.3))
    events = list(ask(asked).stream(listener, "How many plays are there?"))
    assert (events[-1].sql, asked.chat._most) == (COUNT, [])
    assert "vote" in steps(events)


def test_an_amended_query_adds_no_probability_to_the_rows_that_it_gives_too():
    shape = Shape(statement.query(COUNT), Catalog(()))
    weighed = Weighed(COUNT, shape, {}, math.log(0.4))
    first = Ballot(COUNT, COUNT, "", math.log(0.4), "rows", weighed=weighed)
    more = Ballot(ALSO, ALSO, "", math.log(0.4), "rows", weighed=weighed.gave(amended=True))
    for ballots in ([first, more], [more, first]):
        _, logprob = elected(ballots, math.log(0.4))
        assert math.exp(logprob) == pytest.approx(0.4)
