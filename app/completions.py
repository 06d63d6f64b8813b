"""A small OpenAI-compatible server in front of embedded models, for programs that are measured beside us."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field

from agents.endpoints import toolcalls
from data.errors import Invalid, NotFound

if TYPE_CHECKING:
    from fastapi import FastAPI

    from agents.endpoints.transcript import Completion, Transcript

DEFAULT_SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
"""What the chat template of SmolLM2 says where a conversation has no system message."""
MOST_TOKENS = 512


class Message(BaseModel):
    """A message of the chat protocol; fields that do not matter to a text model are let pass."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[dict[str, Any]] | None = None
    tool_calls: list[dict[str, Any]] | None = None

    @property
    def said(self) -> tuple[str, str]:
        """Role and text as the model reads them."""
        parts = self.content if isinstance(self.content, list) else [{"text": self.content or ""}]
        text = "".join(str(part.get("text", "")) for part in parts)
        calls = toolcalls.written(self.tool_calls) if self.tool_calls else ""
        return "system" if self.role == "developer" else self.role, text + calls


class Request(BaseModel):
    """A request of the chat protocol. Decoding is greedy, whatever it asks for."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    model: str
    messages: list[Message] = Field(min_length=1)
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    stop: str | list[str] | None = None
    stream: bool = False
    tools: list[dict[str, Any]] | None = None

    @property
    def conversation(self) -> list[tuple[str, str]]:
        """Role and text of each message, with a system message that tells of the tools."""
        said = [message.said for message in self.messages]
        if said[0][0] != "system":
            said.insert(0, ("system", DEFAULT_SYSTEM))
        if self.tools:
            said[0] = ("system", f"{said[0][1]}\n\n{toolcalls.told(self.tools)}")
        return said

    @property
    def stops(self) -> list[str]:
        return [self.stop] if isinstance(self.stop, str) else self.stop or []


def application(models: Mapping[str, Transcript], seconds: float) -> FastAPI:
    """The server's routes. An answer that takes longer than `seconds` is cut there."""
    from fastapi import FastAPI
    from fastapi.responses import JSONResponse, StreamingResponse

    app = FastAPI()

    # FastAPI reads annotations among the module's names, where those of lazy imports are not.
    def complete(request: Request) -> Any:
        try:
            choice, usage = _answered(models, request, seconds)
        except (Invalid, NotFound) as error:
            code = 400 if isinstance(error, Invalid) else 404
            return JSONResponse({"error": {"message": str(error), "type": error.kind}}, status_code=code)
        if request.stream:
            return StreamingResponse(_streamed(request.model, choice, usage), media_type="text/event-stream")
        return _document(request.model, "chat.completion", [{**choice, "index": 0}], usage)

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


def _answered(models: Mapping[str, Transcript], request: Request, seconds: float) -> tuple[dict[str, Any], Any]:
    model = models.get(request.model)
    if model is None:
        raise NotFound(f"There is no model '{request.model}'.", f"Use one of: {', '.join(models)}.")
    end = time.monotonic() + seconds
    most = request.max_completion_tokens or request.max_tokens or MOST_TOKENS
    made = model.complete(request.conversation, most, request.stops, lambda: time.monotonic() > end)
    usage = {"prompt_tokens": made.prompt_tokens, "completion_tokens": made.completion_tokens}
    return _choice(made, bool(request.tools)), {**usage, "total_tokens": sum(usage.values())}


def _choice(made: Completion, tools: bool) -> dict[str, Any]:
    calls = toolcalls.read(made.text) if tools else []
    if not calls:
        return {"message": {"role": "assistant", "content": made.text}, "finish_reason": made.finish}
    asked = [
        {"id": f"call_{uuid4().hex[:12]}", "type": "function", "index": place,
         "function": {"name": call["name"], "arguments": json.dumps(call["arguments"])}}
        for place, call in enumerate(calls)
    ]  # fmt: skip
    return {"message": {"role": "assistant", "content": None, "tool_calls": asked}, "finish_reason": "tool_calls"}


def _streamed(model: str, choice: dict[str, Any], usage: Any) -> Iterator[str]:
    """The whole answer as one event of a stream."""
    event = {"index": 0, "delta": choice["message"], "finish_reason": choice["finish_reason"]}
    for choices in ([event], []):
        yield f"data: {json.dumps(_document(model, 'chat.completion.chunk', choices, usage))}\n\n"
    yield "data: [DONE]\n\n"


def _document(model: str, kind: str, choices: list[dict[str, Any]], usage: Any) -> dict[str, Any]:
    created = int(time.time())
    document = {"id": f"chatcmpl-{uuid4().hex}", "object": kind, "created": created, "model": model}
    # In a stream only the last event, which has no choices, tells the usage.
    return {**document, "choices": choices, "usage": None if choices and kind.endswith("chunk") else usage}
