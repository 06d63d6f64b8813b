"""`backup` and `restore`: a home in one file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.command import Session, Shown, command


def register(app: typer.Typer) -> None:
    command(app, "backup")(backup)
    command(app, "restore")(restore)


def backup(
    session: Session,
    file: Annotated[Path, typer.Argument(help="The archive to make: NAME.tar.zst or NAME.tar.gz.")],
    models: Annotated[bool, typer.Option("--models", help="With the weights of models, which can be large.")] = False,
) -> Shown:
    """Copy the home into one file while it is in use. Keep it safe: it holds the data."""
    from app.backup import back_up

    lakewright = session.administer("back up this home")
    lakewright.note(session.name, "backup", file.name)
    lakewright.close()
    document = back_up(session.settings.home, file.expanduser().absolute(), session.say, models=models)
    said = f"{document['files']:,} files, {document['archive_bytes'] / 1024**2:,.1f} MB, are in {document['file']}."
    return Shown(document, lambda console: console.print(said, markup=False))


def restore(session: Session, file: Annotated[Path, typer.Argument(help="An archive that `backup` made.")]) -> Shown:
    """Make a new home, named by --home, from a back-up."""
    from app.backup import restore as again
    from app.migrations import migrate

    document = again(file.expanduser().absolute(), session.settings.home, session.say)
    migrate(session.settings.home)
    said = f"{document['files']:,} files of {document['made']} are in {document['home']}."
    return Shown(document, lambda console: console.print(said, markup=False))
