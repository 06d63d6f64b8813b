"""`stream status`: the declared streams, how fast they land, and what is still to come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from app.cli.command import Session, Shown
from app.cli.tables import table

if TYPE_CHECKING:
    from rich.console import Console

    from data.streams.status import Status

COLUMNS = ("stream", "target", "lag", "events/s", "last commit", "newest event", "dead letters", "files")


def status(session: Session) -> Shown:
    """Show each stream's lag, events a second, last commit, freshness and dead letters."""
    from data.streams.declaration import FILE, load_streams
    from data.streams.edges import edges
    from data.streams.letters import outstanding
    from data.streams.status import statuses

    lakewright = session.administer("see the streams")
    home, catalog = session.settings.home, lakewright.gateway.catalog
    if not (home / FILE).exists():
        return Shown({"streams": []}, _none)
    declared = load_streams(home / FILE, catalog)
    ends = edges(declared.broker, (stream.topic for stream in declared.streams))
    found = statuses(declared.streams, catalog, home, ends, outstanding(home))
    document = {"streams": [each.as_json() for each in found]}
    return Shown(document, lambda console: _human(console, found))


def _none(console: Console) -> None:
    console.print("No streams are declared: write streams.yaml, or: lakewright stream init --demo", markup=False)


def _human(console: Console, found: Sequence[Status]) -> None:
    if not found:
        _none(console)
        return
    rows = [
        (s.name, s.target, s.lag, s.events_per_second, _at(s.last_commit), _at(s.freshness), s.dead_letters, s.files)
        for s in found
    ]
    console.print(table(COLUMNS, rows))
    for reason in sorted({each.reason for each in found if each.reason}):
        console.print(f"The lag is not known: {reason}", markup=False)


def _at(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"
