"""What decodes an answer: an engine that keeps its keys and values, and a grammar that says what may follow.

The grammar is driven from here and not from the engine: it changes with every question, while the engine
keeps the prefix; and text that the grammar forces (a whole `" GROUP BY "`) is fed in one step together with
the token before it.
"""

from __future__ import annotations

import math
import os
from collections.abc import Generator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from threading import Semaphore
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from data.errors import Invalid

if TYPE_CHECKING:
    from numpy.typing import NDArray

Made = TypeVar("Made")


class Session(Protocol):
    """One sequence of tokens inside an engine, with their keys and values."""

    def feed(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Append tokens; the logits (vocabulary,) after the last one."""

    def rewind(self, length: int) -> None:
        """Forget all but the first `length` tokens."""

    def copy(self, other: Any, length: int) -> None:
        """Hold the first `length` tokens of another session of the engine, and nothing else."""


@dataclass(frozen=True)
class Step:
    """Tokens, one at least, that go into a session next."""

    session: Any
    ids: Sequence[int]


Steps = Generator[Step | Future[Any] | None, Any, Made]
"""Work on sequences that stops at every step and is sent the logits behind it, so that the steps of several can be
made together. It may also wait: for a future, or, with None, for what others hold."""


class Engine(Protocol):
    """A loaded model."""

    @property
    def rows(self) -> int:
        """How many sequences one pass takes."""

    @property
    def token_bytes(self) -> int:
        """Bytes that the keys and values of one token take."""

    def open(self, room: int) -> Session:
        """An empty sequence that can grow to `room` tokens."""

    def advance(self, steps: Sequence[Step]) -> list[NDArray[np.float32]]:
        """The logits (vocabulary,) behind each of up to `rows` steps, each of another session. An error changes no
        session's tokens."""


def alone(steps: Steps[Made]) -> Made:
    """Work through steps that nobody else's are made with."""
    asked: object = None
    try:
        while True:
            asked = steps.send(asked.session.feed(asked.ids) if isinstance(asked, Step) else None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]


def settled(future: Future[Made]) -> Steps[Made]:
    """Wait for a future; its result, or its error."""
    while not future.done():
        yield future
    return future.result()


@dataclass(frozen=True)
class Choice:
    """The token that was taken and the runner-up, None where only one was allowed.

    The logarithms are of their probabilities among all tokens, allowed or not: where the model would rather have left
    the grammar, it is not sure of what it writes inside. Probabilities among the allowed tokens alone would hide that,
    and would favour answers that begin well and end badly (Park et al., 2024, https://arxiv.org/abs/2405.21047).
    """

    token: int
    logprob: float
    other: int | None = None
    other_logprob: float = float("-inf")

    @classmethod
    def of(cls, logits: NDArray[np.float32], tokens: NDArray[np.int64] | None = None) -> Choice:
        """The likeliest of `tokens`, those that are allowed; None allows the whole vocabulary."""
        highest = logits.max()
        whole = float(highest) + math.log(float(np.exp(logits - highest).sum(dtype=np.float64)))
        scores = (logits if tokens is None else logits[tokens]).astype(np.float64) - whole
        best = int(scores.argmax())
        logprob, scores[best] = float(scores[best]), -np.inf
        second = int(scores.argmax())
        first, other = (best, second) if tokens is None else (int(tokens[best]), int(tokens[second]))
        return cls(first, logprob, other, float(scores[second])) if second != best else cls(first, 0.0)

    def turned(self) -> Choice:
        """The runner-up taken instead."""
        assert self.other is not None
        return Choice(self.other, self.other_logprob)


class Guide(Protocol):
    """What may follow in one answer."""

    @property
    def stopped(self) -> bool:
        """Whether nothing can follow any more."""

    def choose(self, logits: NDArray[np.float32]) -> Choice:
        """The likeliest token that may follow."""

    def take(self, token: int) -> list[int]:
        """Go past a token; the tokens that must follow it, which are passed too."""

    def seek(self, ids: Sequence[int]) -> None:
        """Stand behind the answer's first tokens, wherever it stood."""


@dataclass(frozen=True)
class Grammars:
    """Makes matchers for Lark grammars over one tokenizer, as many at a time as there are cores: each takes much memory
    while it is made."""

    tokenizer: Any
    end: int
    turns: Semaphore = field(default_factory=lambda: Semaphore(os.cpu_count() or 1))

    @classmethod
    def load(cls, folder: Path, end: int) -> Grammars:
        """`end` is the token that closes an answer."""
        from llguidance import LLTokenizer

        return cls(LLTokenizer(str(folder / "tokenizer.json"), eos_token=end), end)

    def matcher(self, lark: str) -> Matcher:
        """Invalid, with llguidance's message, when the grammar can't be read."""
        from llguidance import LLMatcher

        with self.turns:
            matcher = LLMatcher(self.tokenizer, LLMatcher.grammar_from_lark(lark))
        if matcher.is_error():
            raise Invalid(f"The grammar can't be used: {matcher.get_error()}.", "Mend its Lark text.")
        return Matcher(matcher)


class Free:
    """No grammar: every token may follow."""

    stopped = False

    def choose(self, logits: NDArray[np.float32]) -> Choice:
        return Choice.of(logits)

    def take(self, token: int) -> list[int]:
        return []

    def seek(self, ids: Sequence[int]) -> None:
        pass


@dataclass
class Matcher:
    """Where one answer stands in its grammar."""

    _matcher: Any

    @property
    def stopped(self) -> bool:
        return bool(self._matcher.is_stopped())

    def choose(self, logits: NDArray[np.float32]) -> Choice:
        mask = np.frombuffer(self._matcher.compute_bitmask(), dtype=np.uint8)
        allowed = np.flatnonzero(np.unpackbits(mask, count=len(logits), bitorder="little"))
        if not len(allowed):
            raise Invalid(f"The grammar lets nothing follow: {self._matcher.get_error()}.", "Mend its Lark text.")
        return Choice.of(logits, allowed)

    def take(self, token: int) -> list[int]:
        self._matcher.consume_token(token)
        forced = list(self._matcher.compute_ff_tokens())
        if forced:
            self._matcher.consume_tokens(forced)
        return forced

    def seek(self, ids: Sequence[int]) -> None:
        self._matcher.reset()
        self._matcher.consume_tokens(list(ids))
