"""Questions, and the answers that the caller got."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.types import Message

from app import dialogue
from app.api.events import AT_ONCE, begun, named
from app.api.pages import Cursor, Limit, newest
from app.api.problems import documented
from app.api.routes import Body, Caller, Home, needs
from data.gateway.turnstile import Turnstile
from data.stop import Stop
from data.values import plain

if TYPE_CHECKING:
    from agents.answers import Given
    from agents.ask.state import Event

QUESTIONS, MOST_QUESTIONS = Turnstile(), AT_ONCE // 4
"""One caller's questions that are answered at once: nobody takes all places."""

router = APIRouter(prefix="/api", tags=["questions"], dependencies=[needs("ask")])

EVENTS = """event: step
data: {"name": "retrieve", "detail": "shops", "seconds": 0.04}

event: answer
data: {"status": "answered", "answer": "There are 80.", "sql": "SELECT count(*) FROM square.merchants", "rows": [[80]]}
"""
GIVEN = {
    "answer_id": "7c0c5e5e4a4f4e3f", "given_at": "2026-03-01T10:00:00+00:00", "question": "How many shops are there?",
    "status": "answered", "sql": "SELECT count(*) FROM square.merchants", "endpoint": "embedded", "verified": False,
    "sources": [{"table": "square.merchants", "version": "1"}], "thumb": "", "note": "",
}  # fmt: skip
AGAIN = {"answer_id": "7c0c5e5e4a4f4e3f", "identical": True, "changed": [], "columns": ["n"], "rows": [[80]]}


class AskBody(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"question": "How many shops are there?"}]})

    question: str
    endpoint: str | None = Field(None, max_length=200)
    thread: str | None = Field(None, max_length=200, description="Goes on with a conversation of the caller's.")
    approve: list[Annotated[str, Field(max_length=100)]] = Field(
        default_factory=list, max_length=50, description="Outside tools that may be called for this question."
    )


class ThumbBody(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"thumb": "up"}]})

    thumb: Literal["up", "down"]
    note: str = ""
    sql: str = Field("", max_length=20_000, description="With a thumb down: what it should have run.")
    consent: bool = Field(False, description="Models of this home may learn from it.")


@router.post("/ask", response_class=EventSourceResponse, responses=documented(events=EVENTS))
async def ask(body: AskBody, home: Home, caller: Caller) -> EventSourceResponse:
    """A question as server-sent events: `step`, `token` while it is answered, then `answer` or `error`."""
    stop = Stop()

    def approved(name: str, arguments: Mapping[str, Any]) -> bool:
        return name in body.approve

    options: dict[str, Any] = {"thread": body.thread, "endpoint": body.endpoint, "stop": stop, "approve": approved}

    def told(write: Callable[[Event], None]) -> None:
        with QUESTIONS.entered(caller.name, MOST_QUESTIONS):
            dialogue.tell(home, caller, body.question, write, **options)

    events = await begun(told, _event)

    async def gone(_: Message) -> None:
        stop.cancel()

    return EventSourceResponse(events, client_close_handler_callable=gone)


@router.get("/answers", responses=documented({"answers": [GIVEN], "next": None}))
def answers(home: Home, caller: Caller, limit: Limit = 20, cursor: Cursor = "") -> dict[str, Any]:
    """The caller's answers, newest first, without their rows."""
    page, following = newest(lambda count: home.answers.recent(caller.name, count), limit, cursor)
    return {"answers": [_shown(given) for given in page], "next": following}


@router.get("/answers/{answer_id}", responses=documented(GIVEN))
def answer(answer_id: str, home: Home, caller: Caller) -> dict[str, Any]:
    """One of them."""
    return _shown(home.answers.get(answer_id, principal=caller.name))


@router.post("/answers/{answer_id}/replay", responses=documented(AGAIN))
def replay(answer_id: str, home: Home, caller: Caller) -> dict[str, Any]:
    """Run an answer's SQL again and see whether the rows are the same."""
    from agents.replay import replay as again

    found = again(home.answers, home.gateway, caller, answer_id)
    names = ("identical", "changed", "columns", "rows", "sources", "truncated", "seconds")
    document: dict[str, Any] = plain({name: getattr(found, name) for name in names})
    return {"answer_id": answer_id, **document}


@router.post("/answers/{answer_id}/thumb", status_code=204, responses=documented(status=204))
def thumb(answer_id: str, body: ThumbBody, home: Home, caller: Caller) -> Response:
    """Keep whether an answer of the caller's was good."""
    said = {"note": body.note, "sql": body.sql}
    home.answers.rate(answer_id, body.thumb, principal=caller.name, consent=body.consent, **said)
    return Response(status_code=204)


def _shown(given: Given) -> dict[str, Any]:
    return {name: plain(getattr(given, name)) for name in GIVEN}


def _event(event: Event) -> ServerSentEvent:
    from agents.ask.state import Answer

    document = event.as_json() if isinstance(event, Answer) else asdict(event)
    return named(type(event).__name__.lower(), document)
