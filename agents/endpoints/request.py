"""One answer that somebody waits for."""

from __future__ import annotations

import queue
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event

from langchain_core.messages import AIMessageChunk
from langchain_core.messages.ai import UsageMetadata

from agents.endpoints import Candidate
from agents.endpoints.caller import Caller
from agents.endpoints.decoding import Guide
from data.errors import Unavailable

LOOK = 0.25
"""Seconds between two looks at whether the caller still waits."""


@dataclass(frozen=True)
class Whole:
    """An answer that is complete, and the tokens that were written for it."""

    candidate: Candidate
    tokens: int


@dataclass(frozen=True, eq=False)
class Request:
    """One answer in the making: pieces of text come out of `pieces`, then the whole or the error that ended it.

    `guided` is what keeps it to its grammar; the caller's own thread makes that once the answer has `begun`, as it
    takes memory."""

    prefix: tuple[int, ...]
    turn: tuple[int, ...]
    grammar: str | None
    max_tokens: int
    who: Caller
    model: str
    guided: Future[Guide] = field(default_factory=Future)
    pieces: queue.SimpleQueue[str | Whole | Exception] = field(default_factory=queue.SimpleQueue)
    begun: Event = field(default_factory=Event)
    dropped: Event = field(default_factory=Event)

    @property
    def left(self) -> bool:
        """Whether nobody waits for it any more."""
        return self.dropped.is_set() or self.who.gone()

    @property
    def asked(self) -> tuple[object, ...]:
        """What decides the answer."""
        return self.prefix, self.turn, self.grammar, self.max_tokens

    def waited(self) -> str | Whole | Exception:
        """The next piece. Unavailable when the caller has gone before it came."""
        while True:
            with suppress(queue.Empty):
                return self.pieces.get(timeout=LOOK)
            self._stay()

    def guide(self, made: Callable[[], Guide]) -> None:
        """Make what guides the answer, once it has begun. An error is that of the answer."""
        while not self.begun.wait(LOOK):
            self._stay()
        try:
            self.guided.set_result(made())
        except BaseException as error:  # noqa: BLE001 - it is raised again where the answer is written
            self.guided.set_exception(error)

    def _stay(self) -> None:
        if self.who.gone():
            raise Unavailable("Nobody waits for the model's answer any more.")

    def told(self, whole: Whole) -> AIMessageChunk:
        """What is told of the answer once it is written."""
        read, made = len(self.prefix) + len(self.turn), whole.candidate
        usage = UsageMetadata(input_tokens=read, output_tokens=whole.tokens, total_tokens=read + whole.tokens)
        finish = "length" if whole.tokens >= self.max_tokens else "stop"
        told: dict[str, object] = {"logprob": made.logprob, "weakest": made.weakest, "otherwise": made.otherwise}
        told |= {"model_name": self.model, "finish_reason": finish}
        return AIMessageChunk(content="", response_metadata=told, usage_metadata=usage)
