"""The prompts that parity is measured on: those that the agent gave to the model in an evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import BaseMessage


@dataclass(frozen=True)
class Prompt:
    """A system message and a question with its hints, as the model reads them."""

    system: str
    user: str


class Recorder(BaseCallbackHandler):
    """Keeps what a chat model is asked, each prompt once, in order."""

    def __init__(self) -> None:
        self._asked: dict[Prompt, None] = {}

    def on_chat_model_start(
        self, serialized: dict[str, Any], messages: list[list[BaseMessage]], *, run_id: UUID, **kwargs: Any
    ) -> None:
        for conversation in messages:
            if [message.type for message in conversation] == ["system", "human"]:
                system, user = (str(message.content) for message in conversation)
                self._asked[Prompt(system, user)] = None

    def some(self, count: int) -> tuple[Prompt, ...]:
        """So many of them, spread evenly over the evaluation."""
        return spread(tuple(self._asked), count)


def spread(prompts: Sequence[Prompt], count: int) -> tuple[Prompt, ...]:
    """So many, at even distances."""
    if len(prompts) <= count:
        return tuple(prompts)
    return tuple(prompts[number * len(prompts) // count] for number in range(count))
