"""The command line: `lakewright COMMAND`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from app import quiet
from app.cli import (
    access,
    asking,
    backup,
    bench,
    catalog,
    coding,
    documents,
    evaluation,
    features,
    forms,
    home,
    jobs,
    learning,
    models,
    scoring,
    serving,
    sql,
    streams,
    training,
)
from app.cli.command import run
from lakewright import __version__

GROUPS = (
    home,
    catalog,
    documents,
    sql,
    asking,
    evaluation,
    streams,
    training,
    learning,
    jobs,
    features,
    scoring,
    forms,
    coding,
    bench,
    models,
    access,
    backup,
    serving,
)


def build() -> typer.Typer:
    """The whole command line; importing it loads nothing heavy."""
    app = typer.Typer(
        name="lakewright",
        help="Ask a company's data in plain words, under its own rules, with models it owns.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_options)
    for group in GROUPS:
        group.register(app)
    return app


def main() -> int:
    """The entry point of the `lakewright` script; gives the exit code."""
    quiet.terminal()
    return run(build(), sys.argv[1:])


def _version(wanted: bool) -> None:
    if wanted:
        print(f"lakewright {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    return None
