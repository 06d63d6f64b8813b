"""`job`: long tasks that run without anybody waiting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.command import Session, Shown, clean, command
from app.cli.tables import table

if TYPE_CHECKING:
    from rich.console import Console

    from finetune.jobs.job import Device, Job, Kind

COLUMNS = ("id", "kind", "subject", "state", "device", "attempts", "created_at", "ended_at")

Id = Annotated[str, typer.Argument(help="A job's id.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Trainings that run in the background.")
    command(group, "list")(list_)
    command(group, "show")(show)
    command(group, "logs")(logs)
    command(group, "cancel")(cancel)
    command(group, "retry")(retry)
    command(group, "work", hidden=True)(work)
    app.add_typer(group, name="job")


def detached(session: Session, kind: Kind, subject: str) -> Shown:
    """Queue a task instead of doing it."""
    from app import jobs

    lakewright = session.administer("train models")
    return _one(jobs.submit(lakewright, kind, subject, session.principal.name))


def list_(session: Session) -> Shown:
    """List the jobs, the newest first."""
    from app import jobs

    found = jobs.store(session.administer("see the jobs")).all()
    rows = [[getattr(job, column) for column in COLUMNS] for job in found]
    return Shown({"jobs": [job.as_json() for job in found]}, lambda console: console.print(table(COLUMNS, rows)))


def show(session: Session, id: Id) -> Shown:
    """Show a job: its state, and what came of it."""
    from app import jobs

    return _one(jobs.store(session.administer("see the jobs")).get(id))


def logs(
    session: Session,
    id: Id,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the job is over.")] = False,
) -> Shown:
    """Print what a job said."""
    from app import jobs
    from finetune.jobs.log import lines

    store = jobs.store(session.administer("see the jobs"))
    told = list[str]()
    for line in lines(store, id, follow=follow):
        told.append(line)
        if not session.as_json:
            print(clean(line), flush=True)
    return Shown({"job": store.get(id).as_json(), "lines": told}, lambda console: None)


def cancel(session: Session, id: Id) -> Shown:
    """End a job: one that waits at once, one that runs within seconds."""
    from app import jobs

    return _one(jobs.cancel(session.administer("cancel jobs"), id, session.principal.name))


def retry(session: Session, id: Id) -> Shown:
    """Try a job again that failed, was cancelled or interrupted; it goes on where it stopped."""
    from app import jobs

    return _one(jobs.retry(session.administer("train models"), id, session.principal.name))


def work(session: Session, device: Annotated[str, typer.Argument(help="cpu or cuda.")]) -> Shown:
    """Do the jobs that wait for a device, and end."""
    from app import jobs
    from data.errors import Invalid
    from finetune.jobs.job import DEVICES
    from finetune.jobs.runner import Runner, lakewright

    if device not in DEVICES:
        raise Invalid(f"There is no device '{device}'.", f"Use one of: {', '.join(DEVICES)}.")
    wanted: Device = "cuda" if device == "cuda" else "cpu"
    store = jobs.store(session.administer("run jobs"))
    done = Runner(store, wanted, lambda job: lakewright(store.home, *job.command())).work()
    return Shown({"done": done}, lambda console: console.print(f"{done} jobs done."))


def _one(job: Job) -> Shown:
    def human(console: Console) -> None:
        facts = [(name, _said(value)) for name, value in job.as_json().items() if value not in (None, "", False)]
        console.print(table(("what", "is"), facts))
        for line in _hints(job):
            console.print(line, markup=False)

    return Shown({"job": job.as_json()}, human)


def _said(value: object) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{name}: {one}" for name, one in value.items() if one not in ("", None))
    return str(value)


def _hints(job: Job) -> Sequence[str]:
    match job.state:
        case "queued" | "running":
            return (f"Watch it: lakewright job logs {job.id} --follow",)
        case "failed" | "interrupted" | "cancelled":
            return (f"Go on with it: lakewright job retry {job.id}",)
    return ()
