"""`/v1`: models, chat completions and embeddings."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sse_starlette import EventSourceResponse
from starlette.types import Message

from app.api.openai import asking, coding, direct, filling
from app.api.openai.protocol import ChatRequest, Document, EmbeddingsRequest
from app.api.openai.said import Said, streamed, whole
from app.api.presence import while_connected
from app.api.problems import documented
from app.api.routes import Caller, Home, identity_of, needs
from app.identity import Identity
from data.errors import Invalid, NotFound
from data.policy import Principal
from data.stop import Stop

router = APIRouter(prefix="/v1", tags=["openai"])

Who = Annotated[Identity, Depends(identity_of)]
Agent = Callable[[Any, Principal, ChatRequest, Stop], Iterator[Said]]

AGENTS: dict[str, tuple[str, Agent]] = {
    asking.NAME: ("ask", asking.converse),
    filling.NAME: ("forms", filling.converse),
    coding.NAME: ("code", coding.converse),
}
"""Each agent with the scope that it takes."""
EMBEDDING = "all-MiniLM-L6-v2"
WIDTH = 384
OVER = object()

MODEL = {"id": "ask", "object": "model", "created": 0, "owned_by": "lakewright"}
COMPLETION = {
    "id": "chatcmpl-9f2c", "object": "chat.completion", "created": 1772000000, "model": "ask",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "There are 80."}, "finish_reason": "stop"}
    ],
    "usage": {"prompt_tokens": 12, "completion_tokens": 9, "total_tokens": 21},
}  # fmt: skip
EVENTS = """data: {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": "There"}}]}

data: [DONE]
"""
EMBEDDINGS = {
    "object": "list", "model": EMBEDDING, "usage": {"prompt_tokens": 4, "total_tokens": 4},
    "data": [{"object": "embedding", "index": 0, "embedding": [0.03, -0.01]}],
}  # fmt: skip


@router.get("/models", responses=documented({"object": "list", "data": [MODEL]}))
def models(home: Home, identity: Who) -> Document:
    """The agents and model endpoints that the token is for."""
    return {"object": "list", "data": [_model(name) for name in _names(home, identity)]}


@router.get("/models/{name}", responses=documented(MODEL))
def model(name: str, home: Home, identity: Who) -> Document:
    """One of them."""
    if name not in _names(home, identity):
        raise _unknown(home, identity, name)
    return _model(name)


@router.post("/chat/completions", response_model=None, responses=documented(COMPLETION, events=EVENTS))
async def complete(body: ChatRequest, request: Request, home: Home, identity: Who) -> Document | EventSourceResponse:
    """An agent's or a model's answer, whole or as it comes. An agent's whole answer stands under `lakewright`."""
    from starlette.concurrency import run_in_threadpool

    said = _opened(body, home, identity)
    if not body.stream:
        return await while_connected(request, lambda stop: whole(body.model, said(stop)))
    stop = Stop()
    events = on_one_thread(lambda: said(stop))
    # What is wrong with the request itself shows at the first event, while the status can still say so.
    first = await run_in_threadpool(next, events)

    async def gone(_: Message) -> None:
        stop.cancel()

    told = streamed(body.model, chain([first], events), body.counted)
    return EventSourceResponse(told, client_close_handler_callable=gone, sep="\n")


@router.post("/embeddings", dependencies=[needs("models")], responses=documented(EMBEDDINGS))
def embed(body: EmbeddingsRequest, home: Home, caller: Caller) -> Document:
    """The embedding of each text: 384 numbers of unit length."""
    if body.model != EMBEDDING:
        raise NotFound(f"There is no embedding model '{body.model}'.", f"Use '{EMBEDDING}'.")
    if body.dimensions not in (None, WIDTH):
        raise Invalid(f"'{EMBEDDING}' has {WIDTH} dimensions, not {body.dimensions}.", "Leave `dimensions` out.")
    texts = [body.input] if isinstance(body.input, str) else list(body.input)
    if not all(isinstance(text, str) for text in texts):
        remedy = "Send texts; in LangChain set check_embedding_ctx_length=False."
        raise Invalid("The input has token numbers of another model.", remedy)
    reader = home.retriever.model
    vectors = reader.encode(texts)
    data = [
        {"object": "embedding", "index": place, "embedding": _encoded(vector, body.encoding_format)}
        for place, vector in enumerate(vectors)
    ]
    tokens = reader.tokens(texts)
    return {
        "object": "list",
        "data": data,
        "model": EMBEDDING,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


def on_one_thread(events: Callable[[], Iterator[Any]]) -> Iterator[Any]:
    """Events that are made on one thread from first to last, so that what is bound to its context stays bound."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="completion")
    made = pool.submit(events).result()
    try:
        while (event := pool.submit(next, made, OVER).result()) is not OVER:
            yield event
    finally:
        # Whoever lets go of this, such as the event loop, doesn't wait for what is under way.
        pool.submit(getattr(made, "close", lambda: None))
        pool.shutdown(wait=False)


def _opened(body: ChatRequest, home: Any, identity: Identity) -> Callable[[Stop], Iterator[Said]]:
    """What answers the request; Forbidden where the token is not for it, NotFound where there is no such model."""
    if body.model in (agents := _agents(home)):
        scope, agent = agents[body.model]
        identity.require(scope)
        return lambda stop: agent(home, identity.principal, body, stop)
    identity.require("models")
    if body.model not in home.endpoints:
        raise _unknown(home, identity, body.model)
    return lambda stop: direct.converse(home.endpoints[body.model](), body, stop)


def _agents(home: Any) -> dict[str, tuple[str, Agent]]:
    """Those that this home has."""
    return {name: agent for name, agent in AGENTS.items() if name != coding.NAME or hasattr(type(home), "coder")}


def _names(home: Any, identity: Identity) -> list[str]:
    agents = [name for name, (scope, _) in _agents(home).items() if identity.may(scope)]
    return [*agents, *([*home.endpoints, EMBEDDING] if identity.may("models") else [])]


def _unknown(home: Any, identity: Identity, name: str) -> NotFound:
    return NotFound(f"There is no model '{name}'.", f"Use one of: {', '.join(_names(home, identity))}.")


def _model(name: str) -> Document:
    return {"id": name, "object": "model", "created": 0, "owned_by": "lakewright"}


def _encoded(vector: Any, form: str) -> Any:
    numbers = vector.astype("<f4")
    return base64.b64encode(numbers.tobytes()).decode() if form == "base64" else numbers.tolist()
