"""The routes of the API."""

from __future__ import annotations

from dataclasses import asdict
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.types import Message

from app.api.events import named, sent
from app.api.presence import while_connected
from app.listing import listing
from app.tokens import Unauthenticated
from app.values import document_of
from data.errors import NotFound
from data.policy import Principal
from data.stop import Stop

if TYPE_CHECKING:
    from agents.ask.state import Event
    from app.assembly import Lakewright

FIRST_LOOK = 4.0
"""Seconds that the first of those who look at the streams waits for the broker."""

router = APIRouter(prefix="/api")


class Body(BaseModel):
    """What a client sends: nothing that isn't declared."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AskBody(Body):
    question: str
    endpoint: str | None = Field(None, max_length=200)
    thread: str | None = Field(None, max_length=200)


class SqlBody(Body):
    sql: str
    params: dict[str, str | int | float | bool | None] | None = None
    limit: int | None = Field(None, ge=1)
    timeout: float | None = Field(None, gt=0, le=3600)
    engine: str | None = Field(None, max_length=50)


class ThumbBody(Body):
    thumb: Literal["up", "down"]
    note: str = ""
    sql: str = Field("", max_length=20_000)
    consent: bool = False


def lakewright_of(request: Request) -> Lakewright:
    """The open home that this server serves."""
    opened: Lakewright = request.app.state.lakewright
    return opened


def principal_of(request: Request, authorization: Annotated[str | None, Header()] = None) -> Principal:
    """Who the request's token stands for; Unauthenticated otherwise, also for one that the policy dropped."""
    scheme, _, secret = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthenticated("There is no access token.", "Send the header: Authorization: Bearer TOKEN")
    return signed_in(lakewright_of(request), secret.strip())


def signed_in(lakewright: Lakewright, secret: str) -> Principal:
    """The principal of a token; Unauthenticated if there is none."""
    try:
        return lakewright.principal(lakewright.tokens.principal(secret))
    except NotFound as error:
        raise Unauthenticated("This token is not valid.", "Ask the owner for a new one.") from error


Home = Annotated[Any, Depends(lakewright_of)]
Caller = Annotated[Principal, Depends(principal_of)]


@router.post("/ask")
def ask(body: AskBody, home: Home, caller: Caller) -> EventSourceResponse:
    """A question as server-sent events: `step`, `token` while it is answered, then `answer` or `error`."""
    stop = Stop()
    events = home.ask.stream(caller, body.question, thread=body.thread, endpoint=body.endpoint, stop=stop)
    # What is wrong with the question itself shows at the first event, while the status can still say so.
    first = next(events)

    async def gone(_: Message) -> None:
        stop.cancel()

    return EventSourceResponse(sent(chain([first], events), _event), client_close_handler_callable=gone)


@router.post("/sql")
async def sql(body: SqlBody, request: Request, home: Home, caller: Caller) -> dict[str, Any]:
    """One governed query. It ends when the client goes away."""

    def query(stop: Stop) -> dict[str, Any]:
        options = {"params": body.params, "limit": body.limit, "timeout": body.timeout, "engine": body.engine}
        return document_of(home.gateway.query(caller, body.sql, stop=stop, **options))

    return await while_connected(request, query)


@router.get("/catalog")
def catalog(home: Home, caller: Caller) -> dict[str, Any]:
    """The tables that the caller sees."""
    return {"tables": listing(home.gateway, caller)}


@router.post("/answers/{answer_id}/thumb", status_code=204)
def thumb(answer_id: str, body: ThumbBody, home: Home, caller: Caller) -> Response:
    """Keep whether an answer of the caller's was good."""
    said = {"note": body.note, "sql": body.sql}
    home.answers.rate(answer_id, body.thumb, principal=caller.name, consent=body.consent, **said)
    return Response(status_code=204)


@router.get("/streams")
def streams(home: Home, caller: Caller) -> dict[str, Any]:
    """How the streams are doing; for the administrator."""
    home.require_administrator(caller.name, "see the streams")
    return {"streams": [status.as_json() for status in home.streams.view(patience=FIRST_LOOK).streams]}


def _event(event: Event) -> ServerSentEvent:
    from agents.ask.state import Answer

    document = event.as_json() if isinstance(event, Answer) else asdict(event)
    return named(type(event).__name__.lower(), document)
