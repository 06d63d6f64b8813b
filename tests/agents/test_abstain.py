"""Whether a question has an answer in the data: what speaks against it, and what is said then."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.ask.abstain.doubt import doubtful, named
from agents.ask.abstain.evidence import evidence, told
from agents.ask.abstain.second import MOST, opinion, seconded
from agents.ask.pen import Pen
from agents.ask.rerank.candidate import Weighed
from agents.ask.rerank.linear import Linear
from agents.endpoints import EndpointSpec, open_endpoint
from agents.endpoints.embedded import BASE
from agents.endpoints.scripted import scripted
from retrieval import Context
from retrieval.hints import Hint
from retrieval.unread import Unread, unread
from tests.agents.test_rerank import BOATS, COUNT, NAMES, WEIGHT, catalog, shape


def encode(texts: Sequence[str]) -> list[np.ndarray]:
    """Texts by the letters that they have: alike texts are near each other."""
    counts = [np.array([text.lower().count(letter) + 0.1 for letter in "abcdefghijklmnopqrstuvwxyz"]) for text in texts]
    return [vector / np.linalg.norm(vector) for vector in counts]


def left(question: str, *hints: Hint, names: Sequence[str] = ()) -> list[str]:
    placed = [Hint(h.span, h.kind, h.targets, start=question.find(h.span)) for h in hints]
    return [word.text for word in unread(question, placed, names, lambda word: 0.5)]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("How many boats are there in total?", []),
        ("Please list the ten heaviest boats of last year", ["heaviest"]),
        ("Which boats have a radio?", ["radio"]),
        ("how fast are the boats", ["fast"]),
        ("how many boats were insured in March 2024", ["insured"]),
        ("Show me all boats, please", []),
    ],
)
def test_what_nothing_was_found_for_is_left(question: str, words: list[str]) -> None:
    assert left(question, BOATS) == words


def test_a_word_is_known_by_where_it_stands_and_what_it_is() -> None:
    found = {word.text: word for word in unread("Which captain sailed to Elba?", (), ("Elba",), lambda word: 0.5)}
    assert (found["captain"].asked, found["captain"].thing, found["captain"].name) == (True, True, False)
    assert (found["sailed"].thing, found["Elba"].name) == (False, True)
    booked = unread("How many trips did we book at the depot?", (), (), lambda word: 0.5)
    assert {word.text: word.thing for word in booked} == {"trips": True, "book": False, "depot": True}
    assert unread("boats in harbour", [BOATS], (), lambda word: 0.5, ["harbour"]) == ()


def weighed(sql: str, context: Context) -> Weighed:
    found = Weighed.of(sql, context, -0.1)
    assert found is not None
    return found


def doubt(question: str, sql: str, *hints: Hint, declines: float = -8.0) -> float:
    placed = tuple(Hint(h.span, h.kind, h.targets, start=question.find(h.span), alike=h.alike) for h in hints)
    words = unread(question, placed, (), lambda word: 0.9)
    context = Context(question, catalog(), placed, unread=words)
    found = evidence(context, weighed(sql, context), declines, encode)
    return Linear.shipped("abstention").probability(found)


def test_words_that_name_nothing_speak_against_an_answer() -> None:
    plain = doubt("How many boats are there?", COUNT, BOATS)
    assert plain < 0.5
    assert doubt("Which captains complained about the radio?", NAMES, declines=-4.0) > plain
    assert doubt("Which captains complained about the radio?", NAMES, declines=-0.1) > 0.5
    assert doubt("How many boats are there?", COUNT, BOATS, declines=-0.1) > plain


def test_what_will_be_and_what_one_should_do_is_in_no_table() -> None:
    weight = Linear.shipped("abstention").weights["opinion"]
    assert weight > 0
    for question in ("Should we buy more boats?", "How many boats will there be?", "Why are there so many boats?"):
        context = Context(question, catalog(), (BOATS,))
        assert evidence(context, weighed(COUNT, context), -8.0, encode)["opinion"] == 1
    for question in ("Would you list the boats?", "Why do owners sell? Give the number per reason.", "How many boats?"):
        context = Context(question, catalog(), (BOATS,))
        assert evidence(context, weighed(COUNT, context), -8.0, encode)["opinion"] == 0


@pytest.mark.parametrize(
    ("question", "sql", "things"),
    [
        ("revenue from boats", "FROM harbour.boat SELECT sum(weight)", 1),
        ("load of the boats", "FROM harbour.boat SELECT sum(weight)", 0),
        ("What does the radio of the boats say?", COUNT, 1),
        ("boats over 5 kilos", "FROM harbour.boat SELECT name WHERE weight > 5", 0),
    ],
)
def test_a_query_explains_what_it_tells_and_no_thing(question: str, sql: str, things: int) -> None:
    words = unread(
        question, [Hint("boats", "table", BOATS.targets, start=question.find("boats"))], (), lambda word: 0.9
    )
    context = Context(question, catalog(), (BOATS,), unread=words)
    assert evidence(context, weighed(sql, context), -8.0, encode)["things"] == things


@pytest.mark.parametrize(
    ("question", "sql", "told"),
    [
        ("How many captains are on boats?", COUNT, {"head"}),
        ("Which boats leak in captains?", NAMES, {"plain"}),
        ("Who painted the boats?", "FROM harbour.boat SELECT name WHERE weight > 5", {"done", "mismatch"}),
        ("Which boats?", NAMES, set()),
        ("What do the boats earn?", NAMES, {"untold", "plain", "done", "mismatch"}),
        ("When do the boats leave?", NAMES, {"mismatch"}),
    ],
)
def test_what_is_counted_and_not_found_is_told_apart(question: str, sql: str, told: set[str]) -> None:
    placed = (replace(BOATS, start=question.find("boats")),)
    words = unread(question, placed, (), lambda word: 0.9)
    context = Context(question, catalog(), placed, unread=words)
    found = evidence(context, weighed(sql, context), -8.0, encode)
    assert {name for name in ("head", "plain", "done", "untold", "mismatch") if found[name]} == told


def test_a_query_is_told_by_the_names_that_it_uses() -> None:
    assert told(shape("FROM harbour.boat SELECT avg(weight) WHERE moored = true")) == "average boat weight moored"


def test_without_a_query_there_is_evidence_too() -> None:
    found = evidence(Context("boats", catalog(), (BOATS, WEIGHT)), None, -math.inf, encode)
    assert (found["no_query"], found["declines"]) == (1, -9)
    assert "near" not in found


def test_what_is_asked_for_is_named_first() -> None:
    words = (Unread("radio", 30, 0.5), Unread("painted", 20, 0.5, thing=False), Unread("captain", 60, 0.5, asked=True))
    assert named(Context("", catalog(), (), unread=words)) == ("captain", "radio")


def test_the_adapter_for_code_tells_what_only_comes_near(models: Path) -> None:
    spec = EndpointSpec(name="own", kind="embedded", model=BASE, adapter="ask-smollm2", coder="code-smollm2")
    endpoint = open_endpoint(spec, models)
    asked, near = (
        Context(question, catalog(), ()) for question in ("How many boats are there?", "who repaired the boats")
    )
    there, lacking = opinion(endpoint, asked), opinion(endpoint, near)
    assert there is not None
    assert lacking is not None
    assert there < -1 < lacking < 0
    assert opinion(replace(endpoint, coder=None), asked) is None
    endless = Context("boats " * 9_000, catalog(), ())
    assert opinion(endpoint, endless) is None


def test_where_there_is_no_second_adapter_the_first_speaks_for_both() -> None:
    endpoint = scripted()
    assert endpoint.coder is None
    assert seconded({"declines": -3.0}, endpoint, Context("boats", catalog(), ())) == {"declines": -3.0, "second": 6.0}


@pytest.mark.parametrize(
    ("question", "declines", "asked"), [("How many boats are there?", -9.0, 0), ("radio", -1.0, 1)]
)
def test_a_second_opinion_is_asked_for_only_where_it_can_change_something(
    monkeypatch: pytest.MonkeyPatch, question: str, declines: float, asked: int
) -> None:
    found: list[dict[str, float]] = []

    def second(evidence: dict[str, float], *_: object) -> dict[str, float]:
        found.append(evidence)
        return evidence | {"second": MOST}

    monkeypatch.setattr("agents.ask.abstain.doubt.seconded", second)
    hints = (replace(BOATS, start=question.find("boats")),) if "boats" in question else ()
    context = Context(question, catalog(), hints, unread=unread(question, hints, (), lambda word: 0.9))
    state: Any = {"wrote": COUNT, "sql": COUNT, "logprob": -0.01, "declines": declines, "declined": "", "doubtful": ""}
    told = doubtful(Pen(scripted(), context, state), encode)
    assert (len(found), bool(told)) == (asked, bool(asked))
