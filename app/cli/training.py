"""`train` and `finetune`: making the models better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from app.cli.command import Session, Shown, command
from app.cli.jobs import detached
from app.cli.tables import table
from data.errors import Invalid

if TYPE_CHECKING:
    from rich.console import Console

    from app.assembly import Lakewright
    from finetune.plan import Plan
    from finetune.workshop import Workshop

Stage = Literal["data", "train"]
DetachOption = Annotated[bool, typer.Option("--detach", help="Queue it as a job, and don't wait.")]
RecipeArgument = Annotated[str, typer.Argument(help="A recipe's file, or the name of one that ships.")]


def register(app: typer.Typer) -> None:
    command(app, "train")(train)
    command(app, "finetune")(finetune)


def train(session: Session, recipe: RecipeArgument, detach: DetachOption = False) -> Shown:
    """Train a model over features by its recipe; it scores from then on if it is better than the champion."""
    if detach:
        return detached(session, "train", recipe)
    from finetune.tabular import job
    from finetune.tabular.recipe import TabularRecipe

    checked = TabularRecipe.load(recipe)
    lakewright = session.administer("train models")
    shop = job.Workshop(lakewright.gateway, lakewright.features, session.principal, session.settings.home, session.say)
    return _shown(asdict(job.train(checked, shop)))


def finetune(
    session: Session,
    recipe: RecipeArgument,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where an interrupted run stopped.")] = False,
    plan: Annotated[
        bool, typer.Option("--plan", help="Only say whether it can work, what it needs and what to change.")
    ] = False,
    gpu: Annotated[
        str | None, typer.Option("--gpu", help="With --plan: for this GPU, such as a100-80, and not this machine.")
    ] = None,
    until: Annotated[Stage | None, typer.Option("--until", help="Stop when this stage is done.")] = None,
    detach: DetachOption = False,
) -> Shown:
    """Train an adapter by its recipe; it answers from then on if it passes the recipe's gate."""
    if detach:
        return detached(session, "finetune", recipe)
    from finetune import job
    from finetune import plan as plans
    from finetune.recipe import Recipe

    checked = Recipe.load(recipe)
    lakewright = session.administer("train models")
    if gpu and not plan:
        raise Invalid("--gpu is for --plan: training runs on this machine.", "Add --plan.")
    if plan:
        return _planned(plans.plan(checked, workshop(session, lakewright, checked.base), gpu))
    return _shown(
        asdict(job.finetune(checked, workshop(session, lakewright, checked.base), resume=resume, until=until))
    )


def _planned(made: Plan) -> Shown:
    """Exit code 2 says that the recipe can't work."""

    def human(console: Console) -> None:
        rows = [(one.check, one.state, f"{one.said} {one.remedy}".strip()) for one in made.checks]
        console.print(table(("check", "", "found"), rows))
        if made.lengths:
            console.print(table(("tokens, at most", "examples"), made.lengths["histogram"].items()))
        console.print("It can work." if made.works else "It can't work as it stands.", markup=False)

    return Shown(made.document(), human, 0 if made.works else 2)


def _shown(document: Mapping[str, Any]) -> Shown:
    def human(console: Console) -> None:
        console.print(table(("measure", "value"), document["metrics"].items()))
        verdict = "promoted" if document["promoted"] else "not promoted"
        name = f"{document['model']} version {document['version']}" if document["version"] else document["model"]
        console.print(f"{name}: {verdict}. {document['why']}", markup=False)

    return Shown(document, human)


def workshop(session: Session, lakewright: Lakewright, base: str = "") -> Workshop:
    """What a fine-tuning job works with; `base` is the model that it goes on from, the home's where none is named."""
    from app import packaged
    from app.settings import BASE
    from finetune.workshop import Workshop

    settings = session.settings
    packaged.provide(settings.models_folder, session.say, base or BASE)
    return Workshop(
        gateway=lakewright.gateway,
        principal=session.principal,
        retriever=lakewright.retriever,
        models=settings.models_folder,
        home=settings.home,
        say=session.say,
    )
