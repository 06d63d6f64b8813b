"""A chat model that says what a script tells it to: for tests, and for playing a conversation back."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

from agents.endpoints import Endpoint


class ScriptExhausted(AssertionError):
    """The model was asked more often than its script foresees."""


class ScriptedChat(BaseChatModel):
    """Gives its replies in turn and remembers what it was asked. An exception in the script is raised."""

    _replies: deque[str | Exception] = PrivateAttr()
    _history: list[list[BaseMessage]] = PrivateAttr(default_factory=list)
    _options: list[dict[str, Any]] = PrivateAttr(default_factory=list)

    def __init__(self, replies: Iterable[str | Exception] = ()) -> None:
        super().__init__()
        self._replies = deque(replies)

    @property
    def history(self) -> list[list[BaseMessage]]:
        """The messages of each call, oldest first."""
        return self._history

    @property
    def options(self) -> list[dict[str, Any]]:
        """The keyword arguments of each call (`grammar`, `max_tokens`, ...), oldest first."""
        return self._options

    @property
    def left(self) -> int:
        """How many replies were not asked for."""
        return len(self._replies)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _next(self, messages: list[BaseMessage], options: dict[str, Any]) -> str:
        self._history.append(list(messages))
        self._options.append(options)
        if not self._replies:
            raise ScriptExhausted(f"No reply is left for: {messages[-1].content!r}")
        reply = self._replies.popleft()
        if isinstance(reply, Exception):
            raise reply
        return reply

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage(self._next(messages, kwargs)))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for piece in re.findall(r"\s*\S+|\s+$", self._next(messages, kwargs)) or [""]:
            yield ChatGenerationChunk(message=AIMessageChunk(content=piece))


def scripted(
    *replies: str | Exception, name: str = "scripted", grammar: bool = False, instruct: bool = True
) -> Endpoint:
    """An endpoint over a script."""
    return Endpoint(name, ScriptedChat(replies), 8192, grammar, False, "cpu", instruct)
