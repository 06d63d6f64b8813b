"""`catalog`: the sources and tables that the caller sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.command import Session, Shown, clean, command
from app.cli.tables import table
from app.home import CATALOG

if TYPE_CHECKING:
    from rich.console import Console

    from data.catalog import Table
    from data.survey import Survey


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Sources and tables.")
    command(group, "list")(list_)
    command(group, "describe")(describe)
    command(group, "add")(add)
    command(group, "draft")(draft)
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
    kind: Annotated[
        str, typer.Argument(help="csv, delta, iceberg, json, mysql, parquet, postgres, spark, sqlite or unity.")
    ],
    location: Annotated[str, typer.Argument(help="A file, a folder or a URL.")],
) -> Shown:
    """Add a source with all its tables; its owner may see it at once, others when the policy grants it."""
    from data import onboard

    lakewright = session.administer("change the catalogue")
    added = onboard.add(session.settings.home, name, kind, location, say=session.say)
    lakewright.note(session.name, "catalog add", f"source '{added.config.name}' ({added.config.kind})")
    tables = [table.full_name for table in added.config.tables]
    document = {"source": added.config.name, "kind": added.config.kind, "tables": tables, **added.survey.as_json()}

    def human(console: Console) -> None:
        _surveyed(console, added.survey)
        console.print(f"Added {', '.join(tables)}.", markup=False)
        said = f"Read {session.settings.home / CATALOG} through: correct its guesses, and describe tables and columns."
        console.print(said, markup=False, soft_wrap=True)

    return Shown(document, human)


def draft(session: Session, name: Annotated[str, typer.Argument(help="A source of the catalogue.")]) -> Shown:
    """Look through a source again, and draft what the catalogue does not say of it; what is written there stays."""
    from data import onboard

    lakewright = session.administer("change the catalogue")
    added = onboard.redraft(session.settings.home, name, say=session.say)
    lakewright.note(session.name, "catalog draft", f"source '{added.config.name}'")
    drafts = [name for found in added.config.tables for name in _drafts(found)]

    def human(console: Console) -> None:
        _surveyed(console, added.survey)
        place = session.settings.home / CATALOG
        said = f"{len(drafts)} drafts in {place} wait for you: edit them, and take `draft` away."
        console.print(said, markup=False, soft_wrap=True)

    return Shown({"source": added.config.name, "drafts": drafts, **added.survey.as_json()}, human)


def _drafts(found: Table) -> list[str]:
    own = [found.full_name] if found.draft else []
    return own + [f"{found.full_name}.{column.name}" for column in found.columns if column.draft]


def _surveyed(console: Console, survey: Survey) -> None:
    columns = ("table", "rows", "columns", "key", "personal")
    console.print(table(columns, [_row(found, survey) for found in survey.tables]))
    for link in survey.links:
        what = f"{link.table}.{link.column} -> {link.to_table}.{link.to_column}  {link.evidence or 'declared'}"
        console.print(clean(what), markup=False)


def _row(found: Table, survey: Survey) -> tuple[object, ...]:
    profile = survey.profiles.get(found.name)
    personal = ", ".join(column.name for column in found.columns if "pii" in column.tags)
    return found.name, profile.rows if profile else None, len(found.columns), found.key, personal


def remove(session: Session, name: Annotated[str, typer.Argument(help="A source.")]) -> Shown:
    """Take a source out of the catalogue; the store itself is left alone."""
    from data import onboard
    from data.documents import KIND as DOCUMENTS

    lakewright = session.administer("change the catalogue")
    source = onboard.remove(session.settings.home, name)
    if source.kind == DOCUMENTS:
        lakewright.library.forget(source)
    lakewright.note(session.name, "catalog remove", f"source '{source.name}'")
    return Shown({"removed": source.name}, lambda console: console.print(f"Removed {source.name}.", markup=False))


def check(
    session: Session,
    deep: Annotated[bool, typer.Option("--deep", help="Read the tables: are keys unique, do links hold?")] = False,
) -> Shown:
    """Compare the catalogue with the stores: what can't be reached, what is missing, new or changed."""
    from data import drift

    gateway = session.administer("check the catalogue").gateway
    found = drift.check(session.settings.home, gateway.catalog, deep=deep)
    problems, notes = ([vars(one) for one in found if one.broken == broken] for broken in (True, False))
    document = {"ok": not problems, "problems": problems, "notes": notes}

    def human(console: Console) -> None:
        rows = [(one.source, "broken" if one.broken else "note", one.message, one.remedy) for one in found]
        console.print(table(("source", "", "what", "what to do"), rows) if rows else "The catalogue fits the stores.")

    return Shown(document, human, exit_code=1 if problems else 0)
