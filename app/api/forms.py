"""The routes of forms: what there is to fill, filling it, review, signature and the file that comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Annotated, Any, cast

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import AwareDatetime, ConfigDict, Field, model_validator
from sse_starlette import EventSourceResponse, ServerSentEvent

from agents.forms.state import Event, Filled, Filling, Step
from agents.predictors.subject import naive
from app.api import form_examples as examples
from app.api.events import named, sent
from app.api.idempotency import Requests
from app.api.pages import Cursor, newest
from app.api.routes import Body, Caller, Home, needs
from data.errors import Invalid

Document = dict[str, Any]

router = APIRouter(prefix="/api/forms", dependencies=[needs("forms")], tags=["forms"])

EVENTS = "text/event-stream"
MOST_SUBJECTS = 10_000
LONGEST = 500

Key = Annotated[
    str, Header(alias="Idempotency-Key", max_length=200, description="The same key again gives the same filling.")
]
Accept = Annotated[str, Header(include_in_schema=False)]


class FillBody(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [examples.FILL]})

    about: str = Field(min_length=1, max_length=LONGEST, description="Whom or what it is about: words or a key.")
    answers: dict[str, Any] = Field(default_factory=dict, description="Answers of a person, by the path of the field.")
    as_of: AwareDatetime | None = Field(None, description="The moment that 'last year' is seen from; now by default.")


class BatchBody(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [examples.BATCH]})

    subjects: list[Annotated[str, Field(max_length=LONGEST)]] = Field(min_length=1, max_length=MOST_SUBJECTS)
    sign: bool = Field(False, description="Sign those that are complete.")
    as_of: AwareDatetime | None = None


class ReviewBody(Body):
    """Either which of several subjects is meant, or answers."""

    model_config = ConfigDict(json_schema_extra={"examples": examples.REVIEWS})

    choice: int | None = Field(None, ge=1)
    answers: dict[str, Any] = Field(
        default_factory=dict, description='By path: a value, null to take one out, or {"use": 2} for a candidate.'
    )

    @model_validator(mode="after")
    def _one(self) -> ReviewBody:
        if (self.choice is None) == (not self.answers):
            raise ValueError("give either `choice` or `answers`")
        return self


@router.get("", responses=examples.of(examples.FORMS))
def forms(home: Home, caller: Caller) -> Document:
    """The forms that can be filled."""
    found = home.forms.registry.list()
    return {"forms": [_brief(form) for form in found]}


@router.get("/fillings", responses=examples.of({"fillings": [examples.FILLING], "next": None}))
def recent(
    home: Home, caller: Caller, count: Annotated[int, Query(ge=1, le=100)] = 20, cursor: Cursor = ""
) -> Document:
    """The caller's latest fillings, newest first."""
    page, following = newest(lambda most: home.forms.recent(caller, most), count, cursor)
    return {"fillings": [filling.as_json() for filling in page], "next": following}


@router.get("/fillings/{filling_id}", responses=examples.of(examples.FILLING))
def filling(filling_id: str, home: Home, caller: Caller) -> Document:
    """A filling with each value and its source. One that was broken off goes on."""
    return cast(Document, home.forms.get(caller, filling_id).as_json())


@router.patch("/fillings/{filling_id}", responses=examples.of(examples.FILLING))
def review(filling_id: str, body: ReviewBody, home: Home, caller: Caller) -> Document:
    """Choose the subject, or answer and change fields: all of the answers are taken, or none."""
    if body.choice is not None:
        return cast(Document, home.forms.choose(caller, filling_id, body.choice).as_json())
    return cast(Document, home.forms.answer(caller, filling_id, body.answers).as_json())


@router.post("/fillings/{filling_id}/sign", responses=examples.of(examples.SIGNED))
def sign(filling_id: str, home: Home, caller: Caller) -> Document:
    """Sign: the values are written back with their sources. Signed again, it stays as it is."""
    return cast(Document, home.forms.sign(caller, filling_id).as_json())


@router.get("/fillings/{filling_id}/download", responses=examples.FILES, response_class=Response)
def download(filling_id: str, home: Home, caller: Caller, format: str = "") -> Response:
    """The signed form as a file: `pdf` or `json`, by default what the form came as."""
    from agents.forms.handout import handout

    made = handout(home.forms, caller, filling_id, format)
    return Response(made.content, 200, {"Content-Disposition": f'attachment; filename="{made.name}"'}, made.media)


@router.put(
    "/{name}",
    dependencies=[needs("admin", "add forms")],
    responses=examples.of(examples.FORM),
    openapi_extra=examples.UPLOAD,
)
async def add(name: str, request: Request, home: Home, caller: Caller) -> Document:
    """Add a form, or a new version of one: the body is a JSON Schema or a PDF with fields. For the administrator."""
    from starlette.concurrency import run_in_threadpool

    from agents.forms.hints import Hints
    from agents.forms.intake import add_file

    file = await request.body()
    form = await run_in_threadpool(add_file, home.forms.registry, name, file, Hints(), caller.name)
    await run_in_threadpool(home.note, caller.name, "forms add", f"{name} version {form.version}")
    return form.as_json()


@router.get("/{name}", responses=examples.of(examples.FORM))
def form(name: str, home: Home, caller: Caller) -> Document:
    """What a form asks for."""
    return cast(Document, home.forms.registry.get(name).as_json())


@router.post("/{name}/fill", response_model=None, responses=examples.of(examples.FILLING, events=examples.FILL_EVENTS))
def fill(
    name: str, body: FillBody, home: Home, caller: Caller, accept: Accept = "", key: Key = ""
) -> Document | EventSourceResponse:
    """Fill a form. With `Accept: text/event-stream` it tells how far it is, as `step` and `filled`, then `filling` or
    `error`. It is kept as it goes: with an `Idempotency-Key`, the same request again finds it, or goes on with it."""
    _claim(home, caller.name, f"fill {name}", key, body)
    moment = naive(body.as_of)
    events = home.forms.stream(caller, name, body.about, answers=body.answers, key=key, as_of=moment)
    if EVENTS in accept:
        return _sent(events, _event)
    *_, last = events
    return cast(Document, last.as_json())


@router.post("/{name}/batch", response_model=None, responses=examples.of(examples.DONE, events=examples.BATCH_EVENTS))
def batch(
    name: str, body: BatchBody, home: Home, caller: Caller, accept: Accept = "", key: Key = ""
) -> Document | EventSourceResponse:
    """Fill a form about many subjects. With the same `Idempotency-Key` it goes on where it was broken off: none is
    filled twice. With `Accept: text/event-stream` it tells how far it is, as `progress`."""
    if not key:
        raise Invalid("A batch needs the header Idempotency-Key.", "Send one, such as a UUID, and keep it for retries.")
    _claim(home, caller.name, f"batch {name}", key, body)
    moment = naive(body.as_of)
    events = home.forms.batch(caller, name, body.subjects, key=key, sign=body.sign, as_of=moment)
    told = _counted(events, body.subjects)
    if EVENTS in accept:
        return _sent(told, lambda document: named("progress", document))
    fillings: list[Any] = []
    for document in told:
        fillings += document["fillings"]
    return {**document, "fillings": fillings}


def _counted(events: Iterator[Any], subjects: list[str]) -> Iterator[dict[str, Any]]:
    """How far a batch is, with the fillings that have come since it last told."""
    wanted = iter(dict.fromkeys(one.strip() for one in subjects if one.strip()))
    for progress in events:
        failed = {subject for subject, _ in progress.failed}
        pairs = [(one, found) for found, one in zip(progress.filling_ids, wanted, strict=False)]
        fillings = [{"subject": one, "filling_id": found} for one, found in pairs if one not in failed]
        yield {**progress.as_json(), "fillings": fillings}


def _claim(home: Any, principal: str, task: str, key: str, body: Body) -> None:
    """A key stands for one request; Invalid for another one under it."""
    if key:
        Requests(home.settings.home).claim(principal, task, key, body.model_dump_json())


def _brief(form: Any) -> Document:
    document = form.as_json()
    return {**document, "fields": len(document["fields"])}


def _event(event: Event) -> ServerSentEvent:
    match event:
        case Step(name=name, detail=detail, seconds=seconds):
            return named("step", {"name": name, "detail": detail, "seconds": seconds})
        case Filled(value=value):
            return named("filled", value.as_json())
        case Filling():
            return named("filling", event.as_json())


def _sent(events: Iterator[Any], event: Callable[[Any], ServerSentEvent]) -> EventSourceResponse:
    """Events as they come. What is wrong with the request itself shows at the first, while the status can say so."""
    first = next(events)
    return EventSourceResponse(sent(chain([first], events), event))
