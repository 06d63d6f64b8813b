"""Jobs of a home, as the command line and the API give them out: checked first, then queued, then begun."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import Invalid

if TYPE_CHECKING:
    from app.assembly import Lakewright
    from finetune.jobs.job import Device, Job, Kind
    from finetune.jobs.store import Jobs


def submit(lakewright: Lakewright, kind: Kind, subject: str, principal: str) -> Job:
    """Queue a job and see that somebody does it. What is wrong with the recipe or the source is said at once."""
    device = _checked(lakewright, kind, subject)
    lakewright.require_administrator(principal, "train models")
    job = store(lakewright).add(kind, _placed(subject), device, principal)
    lakewright.note(principal, f"job {kind}", f"{job.id} {subject}".strip())
    wake(lakewright)
    return job


def cancel(lakewright: Lakewright, id: str, principal: str) -> Job:
    """End a job that waits or runs."""
    lakewright.require_administrator(principal, "cancel jobs")
    job = store(lakewright).cancel(id)
    lakewright.note(principal, "job cancel", id)
    return job


def retry(lakewright: Lakewright, id: str, principal: str) -> Job:
    """Let a job that came to nothing wait again."""
    lakewright.require_administrator(principal, "train models")
    job = store(lakewright).retry(id)
    lakewright.note(principal, "job retry", id)
    wake(lakewright)
    return job


def store(lakewright: Lakewright) -> Jobs:
    from finetune.jobs.store import Jobs

    return Jobs(lakewright.settings.home)


def wake(lakewright: Lakewright) -> None:
    """See that jobs which wait are done, those among them that were interrupted when the machine went down."""
    from finetune.jobs import runner

    home = lakewright.settings.home
    runner.wake(home, runner.lakewright(home, "job", "work"))


def _checked(lakewright: Lakewright, kind: Kind, subject: str) -> Device:
    """The device that the job will need; its recipe or source is looked at first."""
    from agents.endpoints.embedded import pick

    wanted: str = lakewright.settings.device
    match kind:
        case "finetune":
            from finetune.recipe import Recipe

            wanted = Recipe.load(subject).device
        case "train":
            from finetune.tabular.recipe import TabularRecipe

            TabularRecipe.load(subject)
            wanted = "cpu"
        case "learn":
            lakewright.gateway.catalog.source(subject)
        case "improve" if subject:
            raise Invalid(f"The job improve takes nothing, not '{subject}'.", "Leave it out.")
    return "cuda" if pick(wanted) == "cuda" else "cpu"


def _placed(subject: str) -> str:
    """A file is named by its full path: the job runs in a folder of its own."""
    return str(Path(subject).resolve()) if os.sep in subject or Path(subject).is_file() else subject
