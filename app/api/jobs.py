"""Routes of jobs, for the administrator: trainings that run in the background."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event
from typing import Any

from fastapi import APIRouter
from pydantic import ConfigDict, Field
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.types import Message

from app import jobs as service
from app.api.events import named, sent
from app.api.problems import documented
from app.api.routes import Body, Caller, Home, needs
from finetune.jobs.job import Kind

router = APIRouter(prefix="/api/jobs", tags=["jobs"], dependencies=[needs("admin", "run trainings")])

JOB = {
    "id": "6f1c02ab", "kind": "finetune", "subject": "ask-smollm2", "state": "running", "device": "cpu",
    "principal": "owner", "created_at": "2026-03-01T10:00:00+00:00", "started_at": "2026-03-01T10:00:01+00:00",
    "ended_at": "", "attempts": 1, "left": 2, "cancelling": False, "result": None, "error": None,
}  # fmt: skip
ONE = documented({"job": JOB})
LOG = 'event: line\ndata: {"line": "drawing questions"}\n\n'


class JobBody(Body):
    """A task. `subject` is the name of a recipe that ships, or of a source to learn: files of the server can't be
    named from outside."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "finetune", "subject": "ask-smollm2"}]})

    kind: Kind
    subject: str = Field("", max_length=200, pattern=r"^[\w.-]*$")


@router.post("", status_code=202, responses=documented({"job": JOB}, status=202))
def submit(body: JobBody, home: Home, caller: Caller) -> dict[str, Any]:
    """Queue a task."""
    return {"job": service.submit(home, body.kind, body.subject, caller.name).as_json()}


@router.get("", responses=documented({"jobs": [JOB]}))
def jobs(home: Home) -> dict[str, Any]:
    """All jobs, the newest first."""
    return {"jobs": [job.as_json() for job in service.store(home).all()]}


@router.get("/{id}", responses=ONE)
def job(id: str, home: Home) -> dict[str, Any]:
    """One job: its state, and what came of it."""
    return {"job": service.store(home).get(id).as_json()}


@router.get("/{id}/logs", response_class=EventSourceResponse, responses=documented(events=LOG))
def logs(id: str, home: Home, follow: bool = False) -> EventSourceResponse:
    """What a job said as server-sent events: a `line` each, then the `job` as it is."""
    from finetune.jobs.log import lines

    store, left = service.store(home), Event()
    store.get(id)

    async def gone(_: Message) -> None:
        left.set()

    def told() -> Iterator[tuple[str, dict[str, Any]]]:
        for line in lines(store, id, follow=follow, gone=left.is_set):
            yield "line", {"line": line}
        yield "job", {"job": store.get(id).as_json()}

    def event(one: tuple[str, dict[str, Any]]) -> ServerSentEvent:
        return named(*one)

    return EventSourceResponse(sent(told(), event), client_close_handler_callable=gone)


@router.post("/{id}/cancel", responses=ONE)
def cancel(id: str, home: Home, caller: Caller) -> dict[str, Any]:
    """End a job that waits or runs."""
    return {"job": service.cancel(home, id, caller.name).as_json()}


@router.post("/{id}/retry", responses=ONE)
def retry(id: str, home: Home, caller: Caller) -> dict[str, Any]:
    """Let a job that came to nothing wait again."""
    return {"job": service.retry(home, id, caller.name).as_json()}
