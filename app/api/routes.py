"""The routes of the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict, Field
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.types import Message

from app.api.events import named, sent
from app.api.presence import while_connected
from app.identity import Identity, identify
from app.listing import listing
from app.tokens import Unauthenticated
from app.values import document_of
from data.policy import Principal
from data.stop import Stop

if TYPE_CHECKING:
    from agents.ask.state import Event
    from app.assembly import Lakewright

FIRST_LOOK = 4.0
"""Seconds that the first of those who look at the streams waits for the broker."""

BEARER = HTTPBearer(auto_error=False, description="An access token, or one of the identity provider in the settings.")

router = APIRouter(prefix="/api")


class Body(BaseModel):
    """What a client sends: nothing that isn't declared."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AskBody(Body):
    question: str
    endpoint: str | None = Field(None, max_length=200)
    thread: str | None = Field(None, max_length=200)
    approve: list[Annotated[str, Field(max_length=100)]] = Field(
        default_factory=list, max_length=50, description="Outside tools that may be called for this question."
    )


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


def identity_of(
    request: Request, home: Annotated[Any, Depends(lakewright_of)], bearer: Annotated[Any, Depends(BEARER)] = None
) -> Identity:
    """Who the request's token stands for; Unauthenticated without one."""
    if bearer is None or not bearer.credentials.strip():
        raise Unauthenticated("There is no access token.", "Send the header: Authorization: Bearer TOKEN")
    return identify(home, bearer.credentials.strip())


def principal_of(identity: Annotated[Identity, Depends(identity_of)]) -> Principal:
    """The principal under whose rights the request is answered."""
    return identity.principal


def needs(scope: str, task: str = "do this") -> Any:
    """What stands before a route that is open to tokens with this scope alone."""

    def required(identity: Annotated[Identity, Depends(identity_of)]) -> None:
        identity.require(scope, task)

    return Depends(required)


def signed_in(lakewright: Lakewright, secret: str) -> Principal:
    """The principal of a token on the pages; Unauthenticated if there is none, Forbidden if it is not for them."""
    identity = identify(lakewright, secret)
    identity.require("ui")
    return identity.principal


Home = Annotated[Any, Depends(lakewright_of)]
Caller = Annotated[Principal, Depends(principal_of)]


@router.post("/ask", dependencies=[needs("ask")])
def ask(body: AskBody, home: Home, caller: Caller) -> EventSourceResponse:
    """A question as server-sent events: `step`, `token` while it is answered, then `answer` or `error`."""
    stop = Stop()

    def approved(name: str, arguments: Mapping[str, Any]) -> bool:
        return name in body.approve

    events = home.ask.stream(
        caller, body.question, thread=body.thread, endpoint=body.endpoint, stop=stop, approve=approved
    )
    # What is wrong with the question itself shows at the first event, while the status can still say so.
    first = next(events)

    async def gone(_: Message) -> None:
        stop.cancel()

    return EventSourceResponse(sent(chain([first], events), _event), client_close_handler_callable=gone)


@router.post("/sql", dependencies=[needs("sql")])
async def sql(body: SqlBody, request: Request, home: Home, caller: Caller) -> dict[str, Any]:
    """One governed query. It ends when the client goes away."""

    def query(stop: Stop) -> dict[str, Any]:
        options = {"params": body.params, "limit": body.limit, "timeout": body.timeout, "engine": body.engine}
        return document_of(home.gateway.query(caller, body.sql, stop=stop, **options))

    return await while_connected(request, query)


@router.get("/catalog", dependencies=[needs("catalog")])
def catalog(home: Home, caller: Caller) -> dict[str, Any]:
    """The tables that the caller sees."""
    return {"tables": listing(home.gateway, caller)}


@router.post("/answers/{answer_id}/thumb", status_code=204, dependencies=[needs("ask")])
def thumb(answer_id: str, body: ThumbBody, home: Home, caller: Caller) -> Response:
    """Keep whether an answer of the caller's was good."""
    said = {"note": body.note, "sql": body.sql}
    home.answers.rate(answer_id, body.thumb, principal=caller.name, consent=body.consent, **said)
    return Response(status_code=204)


@router.get("/streams", dependencies=[needs("admin", "see the streams")])
def streams(home: Home) -> dict[str, Any]:
    """How the streams are doing; for the administrator."""
    return {"streams": [status.as_json() for status in home.streams.view(patience=FIRST_LOOK).streams]}


def _event(event: Event) -> ServerSentEvent:
    from agents.ask.state import Answer

    document = event.as_json() if isinstance(event, Answer) else asdict(event)
    return named(type(event).__name__.lower(), document)
