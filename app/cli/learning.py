"""`learn` and `improve`: adapters from a source, and from what people said of answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from app.cli.command import Session, Shown, command
from app.cli.jobs import detached
from app.cli.tables import table
from app.cli.training import DetachOption, workshop

if TYPE_CHECKING:
    from rich.console import Console

    from app.settings import Settings
    from finetune.learn.course import Plan

Stage = Literal["profile", "index", "examples", "train", "evaluate", "promote"]
MinutesOption = Annotated[float, typer.Option(min=0.05, max=1440, help="How long it may take, about.")]


def register(app: typer.Typer) -> None:
    command(app, "learn")(learn)
    command(app, "improve")(improve)


def learn(
    session: Session,
    source: Annotated[str, typer.Argument(help="A source of the catalogue.")],
    minutes: MinutesOption = 25.0,
    until: Annotated[Stage | None, typer.Option("--until", help="Stop when this stage is done.")] = None,
    detach: DetachOption = False,
) -> Shown:
    """Learn a source: draft its descriptions, draw questions over it, train on them, and answer with what was learnt if
    that is better. Run it again to go on where it was interrupted."""
    if detach:
        return detached(session, "learn", source)
    from app import larger
    from finetune.learn import job

    lakewright = session.administer("train models")
    lakewright.gateway.catalog.source(source)  # An unknown one is told before anything is fetched.
    settings = larger.adopted(session.settings, minutes, session.say)
    if settings.endpoint != session.settings.endpoint:
        lakewright.note(session.principal.name, "model use", settings.endpoint)
    return _shown(asdict(job.learn(source, workshop(session, lakewright), _plan(settings, minutes, until))))


def improve(
    session: Session,
    minutes: MinutesOption = 25.0,
    until: Annotated[
        Literal["examples", "train", "evaluate", "promote"] | None,
        typer.Option("--until", help="Stop when this stage is done."),
    ] = None,
    detach: DetachOption = False,
) -> Shown:
    """Train the model further on ratings, corrections and approved queries; it answers if it is better on others."""
    if detach:
        return detached(session, "improve", "")
    from finetune.learn import improve as rounds

    lakewright = session.administer("train models")
    plan = _plan(session.settings, minutes, until)
    shop = workshop(session, lakewright)
    return _shown(asdict(rounds.improve(shop, plan, lakewright.answers, lakewright.approved)))


def _plan(settings: Settings, minutes: float, until: str | None) -> Plan:
    from finetune.learn.course import Plan

    return Plan(settings.learner, minutes, until, settings.device)


def _shown(document: Mapping[str, Any]) -> Shown:
    def human(console: Console) -> None:
        console.print(table(("measure", "value"), document["metrics"].items()))
        said = {"poor": "nothing is said of", "hidden": "can't be read", "withheld": "no value is learnt of"}
        for kind, names in document.get("findings", {}).items():
            if names and kind in said:
                console.print(f"{said[kind]}: {', '.join(names)}", markup=False)
        verdict = "promoted" if document["promoted"] else "not promoted"
        version = f" version {document['version']}" if document["version"] else ""
        console.print(f"{document['model']}{version}: {verdict}. {document['why']}", markup=False)
        if document["card"]:
            console.print(f"Its card: {document['card']}", markup=False)

    return Shown(document, human)
