"""A model server that says what its script has for a question, after a time that is known: run as a process."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

SCRIPT = {
    "How many orders are there?": "SELECT count(*) AS orders FROM shop.orders",
    "What is the total amount of the orders?": "SELECT sum(amount) AS total FROM shop.orders",
    "What is the largest amount of an order?": "SELECT max(amount) AS largest FROM shop.orders",
    "What is the smallest amount of an order?": "SELECT min(amount) AS smallest FROM shop.orders",
    "What are the amounts of the three smallest orders?": "SELECT amount FROM shop.orders ORDER BY amount LIMIT 3",
}
"""Question and SQL."""
PIECES = 8
"""Into how many pieces an answer is streamed."""


def application(seconds: float) -> Starlette:
    """OpenAI's chat protocol; each answer takes so many seconds."""

    async def complete(request: Request) -> Response:
        try:
            asked = await request.json()
        except ClientDisconnect:  # the server that asked was killed
            return Response(status_code=400)
        said = reply(json.dumps(asked["messages"]))
        if asked.get("stream"):
            return StreamingResponse(_streamed(asked["model"], said, seconds), media_type="text/event-stream")
        await asyncio.sleep(seconds)
        message = {"role": "assistant", "content": said}
        return JSONResponse(_document(asked["model"], "chat.completion", {"message": message, "finish_reason": "stop"}))

    def models(request: Request) -> Response:
        return JSONResponse({"object": "list", "data": [{"id": "scripted", "object": "model"}]})

    return Starlette(routes=[Route("/v1/chat/completions", complete, methods=["POST"]), Route("/v1/models", models)])


def reply(prompt: str) -> str:
    """The SQL for the question that the prompt has last."""
    places = {question: prompt.rfind(question) for question in SCRIPT}
    question = max(places, key=lambda each: places[each])
    return SCRIPT[question] if places[question] >= 0 else "SELECT 1"


async def _streamed(model: str, said: str, seconds: float) -> AsyncIterator[str]:
    size = -(-len(said) // PIECES)
    pieces = [said[at : at + size] for at in range(0, len(said), size)]
    for piece in pieces:
        await asyncio.sleep(seconds / len(pieces))
        choice = {"delta": {"role": "assistant", "content": piece}, "finish_reason": None}
        yield f"data: {json.dumps(_document(model, 'chat.completion.chunk', choice))}\n\n"
    last = {"delta": {}, "finish_reason": "stop"}
    yield f"data: {json.dumps(_document(model, 'chat.completion.chunk', last))}\n\ndata: [DONE]\n\n"


def _document(model: str, kind: str, choice: dict[str, Any]) -> dict[str, Any]:
    return {"id": "scripted", "object": kind, "created": 0, "model": model, "choices": [{**choice, "index": 0}]}


@contextmanager
def scripted(seconds: float) -> Iterator[str]:
    """The address of such a server, a process of its own for as long as the block runs."""
    with started("app.endurance.scripted", str(seconds)) as (address, _):
        yield f"{address}v1"


@contextmanager
def started(module: str, *arguments: str) -> Iterator[tuple[str, int]]:
    """A module run as a process that prints its address first: the address, and the process."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip(), process.pid
        finally:
            process.terminate()


def run(application: Any) -> None:
    """Serve on a free port, and print the address."""
    import socket

    import uvicorn

    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}/\n")
    sys.stdout.flush()
    uvicorn.Server(uvicorn.Config(application, log_level="error", access_log=False)).run(sockets=[listener])


if __name__ == "__main__":
    run(application(float(sys.argv[1])))
