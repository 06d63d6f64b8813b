"""Several answers of one model: their probabilities, and that an alternative costs only its tail."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from agents.endpoints import Candidate
from agents.endpoints.decoding import Choice, Free, Guide, Step, alone
from agents.endpoints.drafts import Draft, Writer, _turns, candidates
from agents.endpoints.prefixes import Prefixes, Tape

LETTERS = "^abcdef."
"""The vocabulary of the scripted model by token: `^` ends the prompt, `.` ends an answer."""
END = LETTERS.index(".")

NEXT = {
    "^": {"a": 0.9, "b": 0.1},
    "a": {"c": 0.6, "d": 0.4},
    "b": {"c": 1.0},
    "c": {"e": 0.7, ".": 0.3},
    "d": {"f": 1.0},
    "e": {".": 1.0},
    "f": {".": 1.0},
}
"""What follows a letter, with its probability."""


@dataclass
class Letters:
    """A session, and an engine, whose next letter depends on the last one only; it knows what it was fed."""

    token_bytes = rows = 1

    tokens: list[int] = field(default_factory=list)
    fed: list[int] = field(default_factory=list)

    def open(self, room: int) -> Letters:
        return self

    def feed(self, ids: Sequence[int]) -> np.ndarray[Any, np.dtype[np.float32]]:
        self.tokens += ids
        self.fed += ids
        chances = NEXT[LETTERS[self.tokens[-1]]]
        return np.array([math.log(chances.get(letter, 1e-30)) for letter in LETTERS], dtype=np.float32)

    def advance(self, steps: Sequence[Step]) -> list[np.ndarray[Any, np.dtype[np.float32]]]:
        return [self.feed(step.ids) for step in steps]

    def rewind(self, length: int) -> None:
        del self.tokens[length:]

    def copy(self, other: Letters, length: int) -> None:
        self.tokens = other.tokens[:length]


def ids(text: str) -> list[int]:
    return [LETTERS.index(letter) for letter in text]


def text(tokens: Sequence[int]) -> str:
    return "".join(LETTERS[token] for token in tokens)


def written(max_tokens: int = 9) -> tuple[Letters, Writer, Draft]:
    """The greedy answer behind a prefix `ff`."""
    session, draft, guided = Letters(), Draft(), Future[Guide]()
    guided.set_result(Free())
    writer = Writer(alone(Prefixes(session, 99).tape(tuple(ids("ff")), 20)), ids("^"), guided, END, max_tokens)
    alone(writer.write(draft))
    return session, writer, draft


def ranked(writer: Writer, draft: Draft, most: int) -> list[Candidate]:
    return alone(candidates(writer, draft, text, most))


def test_the_probability_of_an_answer_is_that_of_its_choices() -> None:
    _, _, draft = written()
    assert (text(draft.ids), draft.complete) == ("ace", True)
    assert math.exp(draft.logprob) == pytest.approx(0.9 * 0.6 * 0.7)
    assert draft.weakest == pytest.approx(0.6)


def test_alternatives_leave_at_the_weakest_decisions_and_come_the_most_probable_first() -> None:
    _, writer, draft = written()
    found = ranked(writer, draft, 4)
    assert [one.text for one in found] == ["ace", "adf", "ac", "bce"]
    chances = [0.9 * 0.6 * 0.7, 0.9 * 0.4, 0.9 * 0.6 * 0.3, 0.1 * 0.7]
    assert [math.exp(one.logprob) for one in found] == pytest.approx(chances)
    assert [one.weakest for one in found] == pytest.approx([0.6, 0.4, 0.3, 0.1])


def test_all_answers_together_are_certain() -> None:
    """Alternatives of alternatives too: "bc" leaves "bce", which itself left "ace"."""
    _, writer, draft = written()
    found = ranked(writer, draft, 9)
    assert {one.text for one in found} == {"ace", "ac", "adf", "bce", "bc"}
    assert sum(math.exp(one.logprob) for one in found) == pytest.approx(1)


def test_the_first_alternative_is_the_one_that_may_be_the_most_probable() -> None:
    """What follows the choice at which an answer is left says nothing about the other one."""
    early, late = Choice(1, math.log(0.6), 2, math.log(0.4)), Choice(3, math.log(1e-9), 4, math.log(9e-10))
    draft = Draft([1, 3], [(0, early), (1, late)], complete=True)
    assert [index for _, index in sorted(_turns(draft, draft.logprob), reverse=True)] == [0, 1]
    assert max(_turns(draft, draft.logprob))[0] == pytest.approx(math.log(0.4))


def test_an_alternative_costs_its_tail() -> None:
    session, writer, draft = written()
    assert text(session.fed) == "ff^ace"
    ranked(writer, draft, 2)
    assert text(session.fed) == "ff^ace" + "df"
    assert text(session.tokens) == "ff^adf"


def test_a_tape_that_held_something_else_is_fed_what_differs() -> None:
    session, writer, draft = written()
    alone(writer.tape.after(ids("bc")))
    assert [one.text for one in ranked(writer, draft, 2)] == ["ace", "adf"]
    assert text(session.tokens) == "ff^adf"


def test_an_answer_that_is_cut_has_no_cut_alternatives() -> None:
    _, writer, draft = written(max_tokens=2)
    assert text(draft.ids) == "ac"
    # "ad" would be cut as well.
    assert [one.text for one in ranked(writer, draft, 4)] == ["ac"]


def test_the_improbable_is_not_written() -> None:
    _, writer, draft = written()
    assert len(ranked(writer, draft, 99)) == 5


def test_one_text_in_two_spellings_is_one_candidate() -> None:
    _, writer, draft = written()
    found = alone(candidates(writer, draft, lambda tokens: text(tokens).replace("adf", "ace"), 2))
    assert math.exp(found[0].logprob) == pytest.approx(0.9 * (0.6 * 0.7 + 0.4))
    assert found[0].weakest == pytest.approx(0.6)


def test_a_tape_computes_nothing_again() -> None:
    session = Letters()
    tape = Tape(session, 0, 99)
    for said in ("^ac", "^ad", "^ad", "^"):
        alone(tape.after(ids(said)))
        assert text(session.tokens) == said
    assert text(session.fed) == "^ac" + "d" + "^"
