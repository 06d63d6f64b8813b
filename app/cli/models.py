"""`model`: the endpoints that can answer."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.command import Session, Shown, command
from app.cli.tables import table


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="The models that answer.")
    command(group, "list")(list_)
    command(group, "use")(use)
    app.add_typer(group, name="model")


def list_(session: Session) -> Shown:
    """List the endpoints; the current one answers unless a question names another."""
    settings = session.settings
    fields = ("name", "kind", "model", "adapter", "device", "url")
    models = [
        {**{field: getattr(spec, field) for field in fields}, "current": spec.name == settings.endpoint}
        for spec in settings.specs()
    ]
    rows = [[model[field] for field in (*fields, "current")] for model in models]
    return Shown({"models": models}, lambda console: console.print(table((*fields, "current"), rows)))


def use(session: Session, name: Annotated[str, typer.Argument(help="An endpoint's name.")]) -> Shown:
    """Let this endpoint answer from now on."""
    from app.settings import remember

    session.administer("choose the model")
    spec = session.settings.spec(name)
    remember(session.settings.home, endpoint=spec.name)
    return Shown({"endpoint": spec.name}, lambda console: console.print(f"{spec.name} answers now.", markup=False))
