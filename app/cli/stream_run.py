"""`stream run`: the declared streams, landing."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.command import Session, Shown
from app.cli.tables import table
from data.errors import Invalid

if TYPE_CHECKING:
    from rich.console import Console

    from data.streams.crew import Crew

EVERY = 5.0
"""Seconds between two lines of progress."""


def run(
    session: Session,
    names: Annotated[list[str] | None, typer.Argument(metavar="[STREAM…]", help="[default: all]")] = None,
    once: Annotated[bool, typer.Option("--once", help="Stop at the end of the topics.")] = False,
    engine: Annotated[str, typer.Option(help="threads of this process, or 'spark'.")] = "threads",
    skip_lost: Annotated[
        bool, typer.Option("--skip-lost", help="Go on where the topic no longer has the next event.")
    ] = False,
) -> Shown:
    """Land the events of the declared streams, each once, until interrupted."""
    from data.streams.crew import Crew
    from data.streams.declaration import FILE, load_streams
    from data.streams.interrupt import interruption

    lakewright = session.administer("run streams")
    home, catalog = session.settings.home, lakewright.gateway.catalog
    declared = load_streams(home / FILE, catalog)
    chosen = [declared.named(name) for name in names] if names else declared.streams
    if not chosen:
        raise Invalid(f"'{home / FILE}' declares no streams.", "Declare one, or: lakewright stream init --demo")
    if engine != "threads":
        raise Invalid(f"There is no engine '{engine}' for streams.", "Use threads or spark.")
    crew = Crew(chosen, declared.broker, home, catalog, session.say, skip_lost=skip_lost)
    started = time.monotonic()
    with interruption() as stop:
        crew.run(stop, once=once, tick=lambda: session.say(_progress(crew, started)), every=EVERY)
    document = {**crew.totals(), "seconds": round(time.monotonic() - started, 3)}
    return Shown(document, lambda console: _human(console, document))


def _progress(crew: Crew, started: float) -> str:
    totals = crew.totals()
    rate = totals["events"] / max(time.monotonic() - started, 0.001)
    return f"{totals['events']:,} events landed, {totals['dead_letters']:,} dead letters, {rate:,.0f} a second"


def _human(console: Console, document: dict[str, Any]) -> None:
    rows = [(t["stream"], t["table"], f"{t['events']:,}", f"{t['dead_letters']:,}") for t in document["tables"]]
    console.print(table(("stream", "table", "events", "dead letters"), rows))
    console.print(f"{document['events']:,} events in {document['seconds']:.1f} s; the lag is {document['lag']:,}.")
