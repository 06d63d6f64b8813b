"""A chat model that says what a script tells it to: for tests, and for playing a conversation back."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.base import LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.tool import ToolCallChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import PrivateAttr

from agents.endpoints import Endpoint


class ScriptExhausted(AssertionError):
    """The model was asked more often than its script foresees."""


Reply = str | AIMessage | Exception
"""Text, a message that calls tools, or what is raised."""


class ScriptedChat(BaseChatModel):
    """Gives its replies in turn and remembers what it was asked. An exception in the script is raised."""

    _replies: deque[Reply] = PrivateAttr()
    _history: list[list[BaseMessage]] = PrivateAttr(default_factory=list)
    _options: list[dict[str, Any]] = PrivateAttr(default_factory=list)

    def __init__(self, replies: Iterable[Reply] = ()) -> None:
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

    def _next(self, messages: list[BaseMessage], options: dict[str, Any]) -> AIMessage:
        self._history.append(list(messages))
        self._options.append(options)
        if not self._replies:
            raise ScriptExhausted(f"No reply is left for: {messages[-1].content!r}")
        reply = self._replies.popleft()
        if isinstance(reply, Exception):
            raise reply
        return AIMessage(content=reply) if isinstance(reply, str) else reply

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._next(messages, kwargs))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        reply = self._next(messages, kwargs)
        for piece in re.findall(r"\s*\S+|\s+$", str(reply.text)) or [""]:
            yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
        for index, call in enumerate(reply.tool_calls):
            part = ToolCallChunk(name=call["name"], args=json.dumps(call["args"]), id=call["id"], index=index)
            yield ChatGenerationChunk(message=AIMessageChunk(content="", tool_call_chunks=[part]))

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[LanguageModelInput, AIMessage]:
        """The same model; each call's options have the tools as OpenAI's protocol describes them."""
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], **kwargs)


def scripted(
    *replies: Reply, name: str = "scripted", grammar: bool = False, instruct: bool = True, tools: bool = False
) -> Endpoint:
    """An endpoint over a script."""
    return Endpoint(name, ScriptedChat(replies), 8192, grammar, tools, "cpu", instruct)
