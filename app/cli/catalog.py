"""`catalog`: the sources and tables that the caller sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.command import Session, Shown, command
from app.cli.tables import table

if TYPE_CHECKING:
    from rich.console import Console


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Sources and tables.")
    command(group, "list")(list_)
    command(group, "describe")(describe)
    command(group, "add")(add)
    command(group, "remove")(remove)
    command(group, "check")(check)
    app.add_typer(group, name="catalog")


def list_(session: Session) -> Shown:
    """List the tables that the caller sees."""
    from app.listing import listing

    tables = listing(session.lakewright.gateway, session.principal)
    columns = ("name", "kind", "columns", "rows", "version", "description")
    rows = [[len(t["columns"]) if name == "columns" else t[name] for name in columns] for t in tables]
    return Shown({"tables": tables}, lambda console: console.print(table(columns, rows)))


def describe(session: Session, name: Annotated[str, typer.Argument(help="A table or a source.")]) -> Shown:
    """Describe a table, or every table of a source."""
    from app.listing import listing

    tables = listing(session.lakewright.gateway, session.principal, name)

    def human(console: Console) -> None:
        for described in tables:
            console.print(f"{described['name']}: {described['description']}", style="bold", markup=False)
            fields = ("name", "type", "description", "mask")
            console.print(table(fields, [[column[field] for field in fields] for column in described["columns"]]))

    return Shown({"tables": tables}, human)


def add(
    session: Session,
    name: Annotated[str, typer.Argument(help="What SQL will call the source.")],
    kind: Annotated[str, typer.Argument(help="delta, parquet, sqlite or postgres.")],
    location: Annotated[str, typer.Argument(help="A file, a folder or a URL.")],
) -> Shown:
    """Add a source with all its tables; its owner may see it at once, others when the policy grants it."""
    from data import onboard

    lakewright = session.administer("change the catalogue")
    source = onboard.add(session.settings.home, name, kind, location)
    lakewright.note(session.name, "catalog add", f"source '{source.name}' ({source.kind})")
    document = {"source": source.name, "kind": source.kind, "tables": [t.full_name for t in source.tables]}

    def human(console: Console) -> None:
        console.print(f"Added {', '.join(t.full_name for t in source.tables)}.", markup=False)
        console.print("Describe tables and columns in the catalogue file: answers get better with it.")

    return Shown(document, human)


def remove(session: Session, name: Annotated[str, typer.Argument(help="A source.")]) -> Shown:
    """Take a source out of the catalogue; the store itself is left alone."""
    from data import onboard

    lakewright = session.administer("change the catalogue")
    source = onboard.remove(session.settings.home, name)
    lakewright.note(session.name, "catalog remove", f"source '{source.name}'")
    return Shown({"removed": source.name}, lambda console: console.print(f"Removed {source.name}.", markup=False))


def check(session: Session) -> Shown:
    """Compare the catalogue with the stores: what can't be reached, what is missing."""
    from data import onboard

    gateway = session.administer("check the catalogue").gateway
    problems = onboard.check(session.settings.home, gateway.catalog)
    document = {"ok": not problems, "problems": [vars(problem) for problem in problems]}

    def human(console: Console) -> None:
        rows = [(problem.source, problem.message) for problem in problems]
        console.print(table(("source", "problem"), rows) if rows else "The catalogue fits the stores.")

    return Shown(document, human, exit_code=1 if problems else 0)
