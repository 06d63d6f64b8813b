"""Greedy decoding inside a grammar, over any engine that keeps its keys and values.

The grammar is driven from here and not from the engine: it changes with every question, while the engine
keeps the prefix; and text that the grammar forces (a whole `" GROUP BY "`) is fed in one step together with
the token before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from data.errors import Invalid

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Session(Protocol):
    """One sequence of tokens inside an engine, with their keys and values."""

    def feed(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Append tokens; the logits (vocabulary,) after the last one."""

    def rewind(self, length: int) -> None:
        """Forget all but the first `length` tokens."""


class Engine(Protocol):
    """A loaded model."""

    def open(self, room: int) -> Session:
        """An empty sequence that can grow to `room` tokens."""


@dataclass(frozen=True)
class Grammars:
    """Makes matchers for Lark grammars over one tokenizer."""

    tokenizer: Any
    end: int

    @classmethod
    def load(cls, folder: Path, end: int) -> Grammars:
        """`end` is the token that closes an answer."""
        from llguidance import LLTokenizer

        return cls(LLTokenizer(str(folder / "tokenizer.json"), eos_token=end), end)

    def matcher(self, lark: str) -> Matcher:
        """Invalid, with llguidance's message, when the grammar can't be read."""
        from llguidance import LLMatcher

        matcher = LLMatcher(self.tokenizer, LLMatcher.grammar_from_lark(lark))
        if matcher.is_error():
            raise Invalid(f"The grammar can't be used: {matcher.get_error()}.", "Mend its Lark text.")
        return Matcher(matcher)


class Free:
    """No grammar: every token may follow."""

    stopped = False

    def choose(self, logits: NDArray[np.float32]) -> int:
        return int(logits.argmax())

    def take(self, token: int) -> list[int]:
        return []


@dataclass
class Matcher:
    """Where one answer stands in its grammar."""

    _matcher: Any

    @property
    def stopped(self) -> bool:
        """Whether nothing can follow any more."""
        return bool(self._matcher.is_stopped())

    def choose(self, logits: NDArray[np.float32]) -> int:
        """The likeliest token that the grammar allows."""
        mask = np.frombuffer(self._matcher.compute_bitmask(), dtype=np.uint8)
        allowed = np.flatnonzero(np.unpackbits(mask, count=len(logits), bitorder="little"))
        if not len(allowed):
            raise Invalid(f"The grammar lets nothing follow: {self._matcher.get_error()}.", "Mend its Lark text.")
        return int(allowed[logits[allowed].argmax()])

    def take(self, token: int) -> list[int]:
        """Go past a token; the tokens that must follow it, which are passed too."""
        self._matcher.consume_token(token)
        forced = list(self._matcher.compute_ff_tokens())
        if forced:
            self._matcher.consume_tokens(forced)
        return forced


def greedy(
    session: Session, turn: Sequence[int], guide: Matcher | Free, end: int, max_tokens: int
) -> Iterator[list[int]]:
    """Answer tokens, a few at a time, without `end`; at most `max_tokens` of them.

    The session already holds the prefix. Returns when the answer is complete or `max_tokens` is reached.
    """
    feed, left = list(turn), max_tokens
    while left > 0:
        token = guide.choose(session.feed(feed))
        if token == end:
            return
        feed = [token, *guide.take(token)]
        complete = guide.stopped or feed[-1] == end
        piece = [t for t in feed if t != end][:left]
        left -= len(piece)
        yield piece
        if complete:
            return
