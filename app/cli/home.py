"""`init` and `doctor`: making a home, and saying what is wrong with one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.command import Session, Shown, command
from app.cli.tables import table

if TYPE_CHECKING:
    from rich.console import Console

    from app.settings import Settings


def register(app: typer.Typer) -> None:
    command(app, "init")(init)
    command(app, "doctor")(doctor)


def init(
    session: Session,
    demo: Annotated[bool, typer.Option("--demo", help="With the demo lakehouse and its models.")] = False,
    scale: Annotated[
        float, typer.Option(min=0.001, max=100, help="Size of the demo; 1 is about a million rows.")
    ] = 0.1,
    seed: Annotated[int, typer.Option(min=0, help="The demo is the same for the same seed.")] = 7,
) -> Shown:
    """Make a home: an empty one, or the demo lakehouse with its models."""
    from app import home

    folder = session.settings.home
    rows = prepare(session.settings, scale, seed, session.say) if demo else {}
    home.begin(folder)
    catalog = session.lakewright.gateway.askable(session.principal)
    document = {
        "home": str(folder),
        "sources": [source.name for source in catalog.sources],
        "tables": len(catalog.tables),
        "rows": sum(rows.values()),
    }
    return Shown(document, lambda console: _made(console, document, rows))


def prepare(settings: Settings, scale: float, seed: int, say: Callable[[str], None]) -> dict[str, int]:
    """Build the stores, then what the first question would otherwise wait for; rows by table."""
    from agents.ask.rerank import judge
    from agents.forms import demo as forms
    from app import home, packaged
    from app.assembly import Lakewright
    from data import demo

    home.folder(settings.home)
    packaged.provide(settings.models_folder, say)
    rows = demo.build(settings.home, scale=scale, seed=seed, progress=say)
    say("preparing the model and the index")
    lakewright = Lakewright.open(settings)
    lakewright.retriever.retrieve(lakewright.principal(settings.principal), "How many merchants are there?")
    lakewright.library.refresh(say=say)
    judge.opened(settings.models_folder)
    endpoint = lakewright.endpoints[settings.endpoint]()
    if endpoint.coder is not None:
        endpoint.coder()
    for name in forms.NAMES:
        lakewright.forms.registry.add(name, forms.schema(name), forms.hints(name), settings.principal)
    lakewright.close()
    return rows


def _made(console: Console, document: dict[str, Any], rows: dict[str, int]) -> None:
    if rows:
        console.print(table(("table", "rows"), rows.items()))
    console.print(f"The home is {document['home']}: {document['tables']} tables.", markup=False)
    hint = 'lakewright ask "How many shops are there?"' if rows else "lakewright catalog add NAME KIND LOCATION"
    console.print(f"Next: {hint}", markup=False)


def doctor(session: Session) -> Shown:
    """Say what is wrong with this installation and home, and how to mend it."""
    from app import doctor as checks

    found = checks.examine(session.settings)
    document = {"ok": all(check.ok for check in found), "checks": [check.as_json() for check in found]}

    def human(console: Console) -> None:
        rows = [("ok" if check.ok else "WRONG", check.name, check.detail, check.remedy) for check in found]
        console.print(table(("", "what", "found", "remedy"), rows))

    return Shown(document, human, exit_code=0 if document["ok"] else 1)
