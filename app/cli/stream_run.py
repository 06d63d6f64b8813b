"""`stream run`: the declared streams, landing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.command import Session, Shown
from app.cli.tables import table
from data.errors import Invalid

if TYPE_CHECKING:
    from threading import Event

    from rich.console import Console

    from data.streams.stream import Broker, Stream

EVERY = 5.0
"""Seconds between two lines of progress."""


def run(
    session: Session,
    names: Annotated[list[str] | None, typer.Argument(metavar="[STREAM…]", help="[default: all]")] = None,
    once: Annotated[bool, typer.Option("--once", help="Stop at the end of the topics.")] = False,
    engine: Annotated[str, typer.Option(help="threads (of this process), or spark.")] = "threads",
    skip_lost: Annotated[
        bool, typer.Option("--skip-lost", help="Go on where the topic no longer has the next event.")
    ] = False,
    features: Annotated[
        bool, typer.Option("--features/--no-features", help="Keep materialised features of the tables up to date.")
    ] = True,
) -> Shown:
    """Land the events of the declared streams, each once, until interrupted."""
    from data.streams.declaration import FILE, load_streams
    from data.streams.interrupt import interruption

    if engine not in ENGINES:
        raise Invalid(f"There is no engine '{engine}' for streams.", f"Use one of: {', '.join(ENGINES)}.")
    lakewright = session.administer("run streams")
    declared = load_streams(session.settings.home / FILE, lakewright.gateway.catalog)
    chosen = [declared.named(name) for name in names] if names else list(declared.streams)
    if not chosen:
        raise Invalid("streams.yaml declares no streams.", "Declare one, or: lakewright stream init --demo")
    started = time.monotonic()
    with interruption() as stop, _followed(session, chosen if features else [], once):
        totals = ENGINES[engine](session, chosen, declared.broker, stop, once, skip_lost)
    document = {**totals, "seconds": round(time.monotonic() - started, 3)}
    return Shown(document, lambda console: _human(console, document))


@contextmanager
def _followed(session: Session, streams: list[Stream], once: bool) -> Iterator[None]:
    """Meanwhile the features of the streams' tables follow; with `once`, they have all in the end."""
    from data.features.follow import Follower
    from data.streams.status import folder

    lakewright = session.lakewright
    if not lakewright.features.registry.plans():
        yield
        return
    tables = {s.target: folder(s, lakewright.gateway.catalog, session.settings.home) for s in streams}
    follower = Follower(lakewright.features, session.principal, tables, session.say)
    follower.start()
    whole = False
    try:
        yield
        whole = once
    finally:
        follower.close(finish=whole)


def _threads(
    session: Session, streams: list[Stream], broker: Broker, stop: Event, once: bool, skip_lost: bool
) -> dict[str, Any]:
    from data.streams.crew import Crew, workers

    catalog = session.lakewright.gateway.catalog
    crew = Crew(workers(streams, broker, session.settings.home, catalog, session.say, skip_lost=skip_lost))
    crew.run(stop, once=once, tick=lambda: session.say(_progress(crew.totals())), every=EVERY)
    return crew.totals()


def _spark(
    session: Session, streams: list[Stream], broker: Broker, stop: Event, once: bool, skip_lost: bool
) -> dict[str, Any]:
    from data.streams.decode import decoder_of
    from data.streams.spark import run_spark
    from data.streams.status import folder

    home, catalog = session.settings.home, session.lakewright.gateway.catalog
    crew = run_spark(
        streams, broker, home, lambda stream: folder(stream, catalog, home), lambda s: decoder_of(s, broker), stop,
        once=once, say=session.say, skip_lost=skip_lost, tick=lambda crew: session.say(_progress(crew.totals())),
        every=EVERY,
    )  # fmt: skip
    return crew.totals()


ENGINES: dict[str, Callable[..., dict[str, Any]]] = {"threads": _threads, "spark": _spark}
"""What runs streams: threads of this process, or Spark Structured Streaming."""


def _progress(totals: Mapping[str, Any]) -> str:
    return f"{totals['events']:,} events landed, {totals['dead_letters']:,} of them as dead letters"


def _human(console: Console, document: dict[str, Any]) -> None:
    rows = [(t["stream"], t["table"], f"{t['events']:,}", f"{t['dead_letters']:,}") for t in document["tables"]]
    console.print(table(("stream", "table", "events", "dead letters"), rows))
    console.print(f"{document['events']:,} events in {document['seconds']:.1f} s; the lag is {document['lag']:,}.")
