"""The agent `ask` as a chat model: the last message is the question, those before it are the conversation."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

from app.api.openai import markdown, shape
from app.api.openai.protocol import ChatRequest
from app.api.openai.said import End, Piece, Said, Thought
from app.api.openai.threads import Threads
from data.errors import Invalid
from data.policy import Principal
from data.stop import Stop

NAME = "ask"


def question(request: ChatRequest, agent: str) -> str:
    """What the person said last; Invalid for what an agent does not take."""
    if request.tools and request.tool_choice != "none":
        raise Invalid(f"The agent '{agent}' has tools of its own.", "Leave `tools` out, or use a model endpoint.")
    last = request.messages[-1]
    if last.role != "user":
        raise Invalid(f"The last message is of '{last.role}'.", "End with a message of the user.")
    if last.foreign:
        raise Invalid(f"The agent '{agent}' reads text, and was sent '{last.foreign[0]}'.", "Send text.")
    return last.text


def converse(home: Any, caller: Principal, request: ChatRequest, stop: Stop) -> Iterator[Said]:
    """The steps while they are done, then the answer: as Markdown, or in the shape that the request asks for."""
    from langchain_core.callbacks import get_usage_metadata_callback

    from agents.ask.state import Answer, Step

    asked, schema = question(request, NAME), request.schema_asked
    if schema is not None:
        shape.checked(schema)
    threads = Threads(home.settings.home)
    thread = threads.find(caller.name, NAME, request.messages) or f"chat-{uuid.uuid4().hex}"
    with get_usage_metadata_callback() as used:
        for event in home.ask.stream(caller, asked, thread=thread, stop=stop):
            if isinstance(event, Step):
                yield Thought(f"{event.name}: {event.detail}\n" if event.detail else f"{event.name}\n")
            elif isinstance(event, Answer):
                text, refusal = _told(event, request)
                threads.keep(caller.name, NAME, request.messages, text, thread)
                yield from ([Piece(text)] if text else [])
                yield End(tokens=_tokens(used.usage_metadata), refusal=refusal, extra=event.as_json())


def _told(answer: Any, request: ChatRequest) -> tuple[str, str]:
    """(text, refusal) of an answer."""
    schema = request.schema_asked
    if schema is None:
        return markdown.of_answer(answer), ""
    found = shape.answered(answer.as_json(), schema)
    if found is None:
        return "", f"The answer does not meet the JSON Schema: {markdown.inert(answer.answer)}"
    return json.dumps(found, ensure_ascii=False), ""


def _tokens(used: Any) -> tuple[int, int]:
    """Of all the models that the answer took; none of one that does not count them."""
    asked, written = ([one[name] for one in used.values()] for name in ("input_tokens", "output_tokens"))
    return sum(asked), sum(written)
