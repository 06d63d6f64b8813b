"""Any conversation continued freely and greedily, as OpenAI-compatible servers do it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Literal

from agents.endpoints.decoding import Engine, alone
from agents.endpoints.dialogue import Dialogue
from agents.endpoints.prefixes import Tape
from agents.endpoints.toolcalls import MANNERS, SMOLLM, Manner
from data.errors import Invalid

BLOCK = 2048
"""Tokens by which the room of a sequence grows."""


@dataclass(frozen=True)
class Completion:
    """What the model wrote. `finish` is "stop" where it ended by itself or by a stop text, else "length"."""

    text: str
    finish: Literal["stop", "length"]
    prompt_tokens: int
    completion_tokens: int


@dataclass
class Transcript:
    """One conversation at a time over an engine: what a prompt shares with the one before it is not computed again."""

    engine: Engine
    dialogue: Dialogue
    context_size: int
    manner: Manner
    _tape: Tape | None = None
    _turn: Lock = field(default_factory=Lock)

    @classmethod
    def load(cls, engine: Engine, folder: Path, context_size: int) -> Transcript:
        """`folder` holds the tokenizer, and its name is the model's; `context_size` is in tokens."""
        return cls(engine, Dialogue.load(folder), context_size, MANNERS.get(folder.name, SMOLLM))

    def complete(
        self,
        messages: Sequence[tuple[str, str]],
        max_tokens: int,
        stop: Sequence[str] = (),
        dropped: Callable[[], bool] = lambda: False,
    ) -> Completion:
        """Continue (role, text) messages by at most `max_tokens` tokens, up to the first of the `stop` texts, or until
        nobody waits any more. Invalid when the prompt does not fit."""
        prompt = self.dialogue.chat(messages)
        if len(prompt) >= self.context_size:
            over = len(prompt) + 1 - self.context_size
            raise Invalid(f"The prompt is too long for the model, by {over} tokens.", "Send a shorter one.")
        with self._turn:
            return self._written(prompt, min(max_tokens, self.context_size - len(prompt)), stop, dropped)

    def _written(self, prompt: list[int], most: int, stop: Sequence[str], dropped: Callable[[], bool]) -> Completion:
        tape, ids, text = self._opened(len(prompt) + most), list[int](), ""
        while len(ids) < most and not dropped():
            token = int(alone(tape.after([*prompt, *ids])).argmax())
            if token == self.dialogue.end:
                return Completion(text, "stop", len(prompt), len(ids))
            ids.append(token)
            text = self.dialogue.text(ids)
            found = [at for at in map(text.find, stop) if at >= 0]
            if found:
                return Completion(text[: min(found)], "stop", len(prompt), len(ids))
        return Completion(text, "length", len(prompt), len(ids))

    def _opened(self, needed: int) -> Tape:
        """A sequence with room for so many tokens."""
        if self._tape is None or self._tape.room < needed:
            room = min(self.context_size, -(-needed // BLOCK) * BLOCK)
            self._tape = Tape(self.engine.open(room), 0, room)
        return self._tape
