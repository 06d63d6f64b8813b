"""A model endpoint as it is: nothing of the company's data stands behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from app.api.openai import shape
from app.api.openai.protocol import ChatRequest, Document, Message
from app.api.openai.said import End, Piece, Said
from data.errors import Invalid
from data.stop import Stop

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

    from agents.endpoints import Endpoint

SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
"""What the embedded model was trained to read where a conversation has no system message."""
MOST_TOKENS = 512
SERVER = "server"
"""The device of a model that runs elsewhere, behind the same protocol."""


def converse(endpoint: Endpoint, request: ChatRequest, stop: Stop) -> Iterator[Said]:
    """The model's reply to the whole conversation. Invalid for what this endpoint does not take."""
    if request.tools and not endpoint.tools:
        raise Invalid(f"The endpoint '{endpoint.name}' calls no tools.", "Leave `tools` out, or use another model.")
    chat: Any = endpoint.chat
    if request.tools:
        chat = chat.bind_tools(request.tools, **({"tool_choice": request.tool_choice} if request.tool_choice else {}))
    reply: Any = None
    text = _Until(request.stops)
    for chunk in chat.stream(_messages(endpoint, request), **_options(endpoint, request)):
        reply = chunk if reply is None else reply + chunk
        if piece := text.take(str(chunk.text)):
            yield Piece(piece)
        if text.found or stop.reason:
            break
    if piece := text.rest():
        yield Piece(piece)
    yield _end(request, reply, text)


def _end(request: ChatRequest, reply: Any, text: _Until) -> End:
    facts = getattr(reply, "response_metadata", {})
    counted = getattr(reply, "usage_metadata", None)
    tokens = (counted["input_tokens"], counted["output_tokens"]) if counted else None
    calls = [_call(call) for call in getattr(reply, "tool_calls", [])]
    finish = "tool_calls" if calls else "stop" if text.found else str(facts.get("finish_reason") or "stop")
    schema = request.schema_asked
    refusal = (
        "" if schema is None or calls or _meets(text.whole, schema) else "The reply does not meet the JSON Schema."
    )
    return End(finish, tokens, calls, refusal)


def _options(endpoint: Endpoint, request: ChatRequest) -> Document:
    """What the chat model is asked with. The embedded one is held to a schema by a grammar made of it."""
    schema = request.schema_asked
    if schema is not None:
        shape.checked(schema)
    if endpoint.device != SERVER:
        grammar = {} if schema is None else {"grammar": f"start: %json {json.dumps(schema)}"}
        return {"max_tokens": request.most or MOST_TOKENS, **grammar}
    given = {
        "max_completion_tokens": request.most, "temperature": request.temperature, "top_p": request.top_p,
        "seed": request.seed, "stop": request.stops or None,
    }  # fmt: skip
    options: Document = {name: value for name, value in given.items() if value is not None}
    if request.response_format is not None and schema is not None:
        options["response_format"] = request.response_format.model_dump(by_alias=True, exclude_none=True)
    if request.counted:
        options["stream_usage"] = True
    return options


def _messages(endpoint: Endpoint, request: ChatRequest) -> list[BaseMessage]:
    from langchain_core.messages import SystemMessage

    for message in request.messages:
        if message.foreign:
            said = f"The endpoint '{endpoint.name}' reads text, and was sent '{message.foreign[0]}'."
            raise Invalid(said, "Send text.")
    messages = [_message(message) for message in request.messages]
    if endpoint.device != SERVER and messages[0].type != "system":
        messages.insert(0, SystemMessage(SYSTEM))
    return messages


def _message(message: Message) -> BaseMessage:
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

    match message.role:
        case "system" | "developer":
            return SystemMessage(message.text)
        case "user":
            return HumanMessage(message.text)
        case "tool":
            return ToolMessage(message.text, tool_call_id=message.tool_call_id or "")
        case "assistant":
            return AIMessage(message.text, tool_calls=[_called(call) for call in message.tool_calls or []])


def _called(call: Document) -> Any:
    """An earlier call in LangChain's terms; Invalid for one that is not of the protocol."""
    try:
        function = call["function"]
        arguments = json.loads(function["arguments"] or "{}")
        name = str(function["name"])
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid("A tool call of an earlier message can't be read.", "Send it as the model gave it.") from error
    if not isinstance(arguments, dict):
        raise Invalid(f"The arguments of the call to '{name[:80]}' are no object.", "Send them as the model gave them.")
    return {"name": name, "args": arguments, "id": str(call.get("id", "")), "type": "tool_call"}


def _call(call: Any) -> Document:
    function = {"name": call["name"], "arguments": json.dumps(call["args"], ensure_ascii=False)}
    return {"id": call["id"] or "", "type": "function", "function": function}


def _meets(text: str, schema: Document | bool) -> bool:
    try:
        return shape.fits(json.loads(text), schema)
    except ValueError:
        return False


class _Until:
    """Text up to the first of some stop texts, given out as far as it can't be the beginning of one."""

    def __init__(self, stops: list[str]) -> None:
        self._stops, self._held = [stop for stop in stops if stop], ""
        self.whole, self.found = "", False

    def take(self, text: str) -> str:
        self._held += text
        places = [at for at in map(self._held.find, self._stops) if at >= 0]
        if places:
            self.found = True
            return self._give(min(places))
        most = max((len(stop) - 1 for stop in self._stops), default=0)
        return self._give(max(0, len(self._held) - most))

    def rest(self) -> str:
        return "" if self.found else self._give(len(self._held))

    def _give(self, length: int) -> str:
        given, self._held = self._held[:length], self._held[length:]
        self.whole += given
        return given
