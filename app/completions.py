"""A small OpenAI-compatible server in front of embedded models, for programs that are measured beside us."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from agents.endpoints import toolcalls
from app.api.openai.protocol import ChatRequest, Document, Message, choice, delta, heading, usage
from data.errors import Invalid, NotFound

if TYPE_CHECKING:
    from fastapi import FastAPI

    from agents.endpoints.transcript import Completion, Transcript

MOST_TOKENS = 512


def conversation(request: ChatRequest, manner: toolcalls.Manner) -> list[tuple[str, str]]:
    """Role and text of each message as the model reads them, with a system message that tells of the tools."""
    said = [_said(message, manner) for message in request.messages]
    if said[0][0] != "system":
        said.insert(0, ("system", manner.system))
    if request.tools:
        said[0] = ("system", f"{said[0][1]}\n\n{toolcalls.told(request.tools, manner)}")
    return said


def _said(message: Message, manner: toolcalls.Manner) -> tuple[str, str]:
    if message.role == "tool":
        return toolcalls.given(message.text, manner)
    calls = toolcalls.written(message.tool_calls, manner) if message.tool_calls else ""
    return "system" if message.role == "developer" else message.role, message.text + calls


def application(models: Mapping[str, Transcript], seconds: float) -> FastAPI:
    """The server's routes. An answer that takes longer than `seconds` is cut there."""
    from fastapi import FastAPI
    from fastapi.responses import JSONResponse, StreamingResponse

    app = FastAPI()

    # FastAPI reads annotations among the module's names, where those of lazy imports are not.
    def complete(request: ChatRequest) -> Any:
        try:
            (message, finish), used = _answered(models, request, seconds)
        except (Invalid, NotFound) as error:
            code = 400 if isinstance(error, Invalid) else 404
            return JSONResponse({"error": {"message": str(error), "type": error.kind}}, status_code=code)
        if request.stream:
            told = _streamed(request.model, message, finish, used)
            return StreamingResponse(told, media_type="text/event-stream")
        return {**heading(request.model, "chat.completion"), "choices": [choice(message, finish)], "usage": used}

    app.post("/v1/chat/completions", response_model=None)(complete)
    return app


@contextmanager
def serving(models: Mapping[str, Transcript], seconds: float = 60) -> Iterator[str]:
    """The address of a server of these models on a free local port, for as long as the block runs."""
    import uvicorn

    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(application(models, seconds), log_level="error", lifespan="off", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()


def _answered(
    models: Mapping[str, Transcript], request: ChatRequest, seconds: float
) -> tuple[tuple[Document, str], Document]:
    """The message and why it ends there, and the tokens."""
    model = models.get(request.model)
    if model is None:
        raise NotFound(f"There is no model '{request.model}'.", f"Use one of: {', '.join(models)}.")
    end = time.monotonic() + seconds
    made = model.complete(
        conversation(request, model.manner), request.most or MOST_TOKENS, request.stops, lambda: time.monotonic() > end
    )
    return _message(made, bool(request.tools)), usage(made.prompt_tokens, made.completion_tokens)


def _message(made: Completion, tools: bool) -> tuple[Document, str]:
    calls = toolcalls.read(made.text) if tools else []
    if not calls:
        return {"content": made.text}, made.finish
    asked = [
        {"id": f"call_{uuid4().hex[:12]}", "type": "function", "index": place,
         "function": {"name": call["name"], "arguments": json.dumps(call["arguments"])}}
        for place, call in enumerate(calls)
    ]  # fmt: skip
    return {"content": None, "tool_calls": asked}, "tool_calls"


def _streamed(model: str, message: Document, finish: str, used: Document) -> Iterator[str]:
    """The whole answer as one event of a stream. Only the last event, which has no choices, tells the usage."""
    begins = heading(model, "chat.completion.chunk")
    whole = delta({"role": "assistant", **message}, finish)
    for event in ({"choices": [whole], "usage": None}, {"choices": [], "usage": used}):
        yield f"data: {json.dumps({**begins, **event})}\n\n"
    yield "data: [DONE]\n\n"
