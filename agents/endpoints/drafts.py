"""Answers of one model to one question: the greedy one, and others that leave it where it was least sure."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from agents.endpoints import Candidate
from agents.endpoints.decoding import Choice, Guide, Steps, settled
from agents.endpoints.prefixes import Tape

FAINT = math.log(1e-3)
"""An alternative that is less probable than this, beside the greedy answer, is not worth its tokens."""


@dataclass
class Draft:
    """An answer in the making: its tokens, and each choice with the number of tokens before it."""

    ids: list[int] = field(default_factory=list)
    choices: list[tuple[int, Choice]] = field(default_factory=list)
    complete: bool = False

    @property
    def logprob(self) -> float:
        return sum(choice.logprob for _, choice in self.choices)

    @property
    def weakest(self) -> float:
        """The probability of the least probable choice."""
        return math.exp(min((choice.logprob for _, choice in self.choices), default=0.0))

    def candidate(self, text: str) -> Candidate:
        otherwise = self.choices[0][1].other_logprob if self.choices else -math.inf
        return Candidate(text, self.logprob, self.weakest, len(self.ids), otherwise)


def unheard(draft: Draft) -> None:
    """For whom only the whole answer counts."""


@dataclass(frozen=True)
class Writer:
    """Writes answers to one turn, of `max_tokens` tokens at most; `end` closes an answer and is no part of it. What
    guides it may come while the turn is read."""

    tape: Tape
    turn: Sequence[int]
    guided: Future[Guide]
    end: int
    max_tokens: int

    @property
    def guide(self) -> Guide:
        return self.guided.result()

    def write(self, draft: Draft, told: Callable[[Draft], None] = unheard) -> Steps[None]:
        """Go on greedily with the answer that the guide stands behind; `told` hears of it whenever it has grown."""
        while not draft.complete and len(draft.ids) < self.max_tokens:
            logits = yield from self.tape.after([*self.turn, *draft.ids])
            guide = yield from settled(self.guided)
            self._take(draft, guide.choose(logits))
            told(draft)

    def turn_off(self, draft: Draft, index: int) -> Steps[Draft]:
        """The answer that takes the runner-up at a choice and goes on greedily: it costs only its tail."""
        at, choice = draft.choices[index]
        other = Draft(draft.ids[:at], draft.choices[:index])
        self.guide.seek(other.ids)
        self._take(other, choice.turned())
        yield from self.write(other)
        return other

    def _take(self, draft: Draft, choice: Choice) -> None:
        draft.choices.append((len(draft.ids), choice))
        tokens = [choice.token] if choice.token == self.end else [choice.token, *self.guide.take(choice.token)]
        draft.complete = tokens[-1] == self.end or self.guide.stopped
        draft.ids += [token for token in tokens if token != self.end][: self.max_tokens - len(draft.ids)]


def candidates(writer: Writer, first: Draft, text: Callable[[Sequence[int]], str], most: int) -> Steps[list[Candidate]]:
    """`first` and up to `most - 1` others, the most probable first; texts that tokens spell in two ways count once."""
    found = {text(first.ids): first.candidate(text(first.ids))}
    order = count()
    turns = [(-worth, next(order), first, index) for worth, index in _turns(first, first.logprob)]
    heapq.heapify(turns)
    for _ in range(2 * (most - 1)):
        if not turns or len(found) >= most:
            break
        *_, draft, index = heapq.heappop(turns)
        other = yield from writer.turn_off(draft, index)
        if not other.complete:
            continue
        told = other.candidate(text(other.ids))
        found[told.text] = _pooled(found[told.text], told) if told.text in found else told
        for worth, later in _turns(other, first.logprob, index + 1):
            heapq.heappush(turns, (-worth, next(order), other, later))
    return sorted(found.values(), key=lambda candidate: -candidate.logprob)


def _turns(draft: Draft, best: float, start: int = 0) -> Iterator[tuple[float, int]]:
    """The choices from `start` on at which to leave a draft, each with the logprob that an answer which leaves it there
    has at most: that of what stands before, and of the runner-up. What follows in the draft is not in the other one."""
    before = 0.0
    for index, (_, choice) in enumerate(draft.choices):
        worth = before + choice.other_logprob
        if index >= start and choice.other is not None and worth - best > FAINT:
            yield worth, index
        before += choice.logprob


def _pooled(one: Candidate, other: Candidate) -> Candidate:
    logprob, weakest = float(np.logaddexp(one.logprob, other.logprob)), max(one.weakest, other.weakest)
    return Candidate(one.text, logprob, weakest, one.tokens, one.otherwise)
