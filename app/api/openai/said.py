"""What an agent or a model says while it answers, and how it is put into the protocol's documents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sse_starlette import ServerSentEvent

from app.api import problems
from app.api.openai import errors
from app.api.openai.protocol import Document, choice, delta, heading, usage
from data.errors import DataError


@dataclass(frozen=True)
class Thought:
    """What is being done, for people who wait."""

    text: str


@dataclass(frozen=True)
class Piece:
    """A piece of the answer's text."""

    text: str


@dataclass(frozen=True)
class End:
    """The answer is whole. `tokens` are (prompt, completion) as the model counted them, None where none did;
    `extra` stands beside the protocol's own fields under `lakewright`."""

    finish: str = "stop"
    tokens: tuple[int, int] | None = None
    calls: list[Document] = field(default_factory=list)
    refusal: str = ""
    extra: Document | None = None


Said = Thought | Piece | End


def whole(model: str, said: Iterator[Said]) -> Document:
    """The answer as one document."""
    text, end = "", End()
    for one in said:
        if isinstance(one, Piece):
            text += one.text
        elif isinstance(one, End):
            end = one
    message: Document = {"content": text or (None if end.calls or end.refusal else "")}
    message |= {"tool_calls": end.calls} if end.calls else {}
    message |= {"refusal": end.refusal or None}
    document = {**heading(model, "chat.completion"), "choices": [choice(message, end.finish)]}
    return {**document, "usage": usage(*end.tokens) if end.tokens else None, **_extra(end)}


def streamed(model: str, said: Iterator[Said], with_usage: bool) -> Iterator[ServerSentEvent]:
    """The answer piece by piece; a failure on the way is the last event but one, as the clients expect it."""
    head = heading(model, "chat.completion.chunk")
    begun = {"usage": None} if with_usage else {}
    try:
        yield _event({**head, "choices": [delta({"role": "assistant", "content": ""})], **begun})
        for one in said:
            yield _event({**head, "choices": [_delta(one)], **begun, **_extra(one)})
            if with_usage and isinstance(one, End):
                counted = usage(*one.tokens) if one.tokens else None
                yield _event({**head, "choices": [], "usage": counted})
    except DataError as error:
        yield _event(errors.document(problems.of_error(error)))
    except Exception:  # noqa: BLE001
        # The status has been sent, so the stream must say it; it tells nothing of the inside.
        failed = problems.document(500, "internal", "Something went wrong inside Lakewright.")
        yield _event(errors.document(failed))
    yield ServerSentEvent("[DONE]")


def _delta(said: Said) -> Document:
    match said:
        case Thought(text=text):
            # Not OpenAI's own: the name under which chat programs show what a model thinks.
            return delta({"reasoning_content": text})
        case Piece(text=text):
            return delta({"content": text})
        case End():
            calls = [{"index": place, **call} for place, call in enumerate(said.calls)]
            piece = {**({"tool_calls": calls} if calls else {}), **({"refusal": said.refusal} if said.refusal else {})}
            return delta(piece, said.finish)


def _extra(said: Said) -> dict[str, Any]:
    return {"lakewright": said.extra} if isinstance(said, End) and said.extra is not None else {}


def _event(document: Document) -> ServerSentEvent:
    return ServerSentEvent(json.dumps(document, ensure_ascii=False, allow_nan=False))
