"""The routes of code: a task in words becomes a program, and what a person says to it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Header, Request
from pydantic import ConfigDict, Field
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.types import Message

from agents.code.abort import Abort
from agents.code.state import Attempt, Delivery, Event, Language, Mode, Step
from app.api import code_examples as examples
from app.api.events import named, sent
from app.api.idempotency import Requests
from app.api.presence import while_there
from app.api.routes import Body, Caller, Home, needs

Document = dict[str, Any]

router = APIRouter(prefix="/api/code", tags=["code"], dependencies=[needs("code")])

EVENTS = "text/event-stream"
LONGEST_TASK, LONGEST_CODE = 4_000, 100_000

Column = Annotated[str, Field(min_length=1, max_length=200)]
Key = Annotated[
    str, Header(alias="Idempotency-Key", max_length=200, description="The same key again gives the same task.")
]
Accept = Annotated[str, Header(include_in_schema=False)]


class TaskBody(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [examples.TASK]})

    task: str = Field(min_length=1, max_length=LONGEST_TASK, description="What the program is to do, in plain words.")
    language: Language = "sql"
    mode: Mode = Field("plan", description="`plan` runs nothing, `ask` waits for approval before each run.")
    dialect: str | None = Field(None, max_length=40, description="The dialect of SQL, such as `spark`.")
    endpoint: str | None = Field(None, max_length=200)
    thread: str | None = Field(None, max_length=200, description="Go on from the caller's tasks of this name.")
    expects: list[Column] = Field(default_factory=list, max_length=100, description="Columns of the result.")
    current: str = Field("", max_length=50_000, description="A file that is to be changed.")


class RunBody(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [examples.RUN]})

    code: str = Field(min_length=1, max_length=LONGEST_CODE)
    language: Language = "sql"
    dialect: str | None = Field(None, max_length=40)
    expects: list[Column] = Field(default_factory=list, max_length=100)


class ApprovalBody(Body):
    """What a person says to a run, or to a write."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.APPROVAL]})

    decision: Literal["approve", "deny"]


@router.post("", response_model=None, responses=examples.of(examples.DELIVERY, events=examples.EVENTS))
async def write(
    body: TaskBody, request: Request, home: Home, caller: Caller, accept: Accept = "", key: Key = ""
) -> Document | EventSourceResponse:
    """Write a program. With `Accept: text/event-stream` it tells how far it is, as `step` and `attempt`, then
    `delivery` or `error`. With an `Idempotency-Key`, the same request again finds the task, or goes on with it; so a
    client that has gone can come back."""
    if key:
        claimed = Requests(home.settings.home).claim
        await run_in_threadpool(claimed, caller.name, "code", key, body.model_dump_json())
    stop = Abort()
    options = body.model_dump(exclude={"task"})
    events = home.coder.stream(caller, body.task, key=key, stop=stop, **options)
    if EVENTS in accept:
        return await _sent(events, stop)
    return await while_there(request, stop, lambda _: _last(events))


@router.get("", responses=examples.of({"tasks": [examples.DELIVERY]}))
def recent(home: Home, caller: Caller, count: Annotated[int, Field(ge=1, le=100)] = 20) -> Document:
    """The caller's latest tasks, newest first."""
    return {"tasks": [delivery.as_json() for delivery in home.coder.recent(caller, count)]}


@router.post("/run", responses=examples.of(examples.DELIVERY))
async def run(body: RunBody, request: Request, home: Home, caller: Caller) -> Document:
    """Check and run a program that somebody wrote, in the sandbox and under the caller's rights. Nothing is written.
    It ends when the client goes away."""
    options = body.model_dump(exclude={"code"})
    return await while_there(
        request, Abort(), lambda stop: home.coder.run(caller, body.code, stop=stop, **options).as_json()
    )


@router.get("/{code_id}", responses=examples.of(examples.DELIVERY))
def task(code_id: str, home: Home, caller: Caller) -> Document:
    """A task as it stands, with the first rows of its result."""
    return cast(Document, home.coder.get(caller, code_id).as_json())


@router.post("/{code_id}/approval", responses=examples.of(examples.DELIVERY))
def approval(code_id: str, body: ApprovalBody, home: Home, caller: Caller) -> Document:
    """Say whether the program may run, or its rows may be written. Said again, it stays as it is."""
    return cast(Document, home.coder.resume(caller, code_id, body.decision == "approve").as_json())


@router.post("/{code_id}/resume", responses=examples.of(examples.DELIVERY))
def resume(code_id: str, home: Home, caller: Caller) -> Document:
    """Go on with a task that was broken off; one that waits for a person goes on waiting."""
    return cast(Document, home.coder.resume(caller, code_id).as_json())


def _event(event: Event) -> ServerSentEvent:
    match event:
        case Step(name=name, detail=detail, seconds=seconds):
            return named("step", {"name": name, "detail": detail, "seconds": seconds})
        case Attempt():
            return named("attempt", event.as_json())
        case Delivery():
            return named("delivery", event.as_json())


async def _sent(events: Iterator[Event], stop: Abort) -> EventSourceResponse:
    """Events as they come. What is wrong with the request itself shows at the first, while the status can say so."""
    first = await run_in_threadpool(next, events)

    async def gone(_: Message) -> None:
        stop.cancel()

    return EventSourceResponse(sent(chain([first], events), _event), client_close_handler_callable=gone)


def _last(events: Iterator[Event]) -> Document:
    *_, last = events
    assert isinstance(last, Delivery)
    return last.as_json()
