"""`stream`: events from files and from the demo's businesses, and a broker to try them on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli import dead
from app.cli.command import Session, Shown, command
from app.cli.stream_run import run
from app.cli.stream_status import status
from app.cli.tables import table
from data.errors import Invalid

if TYPE_CHECKING:
    from rich.console import Console

    from data.streams.outlet import Outlet
    from data.streams.publish import Way

BrokerOption = Annotated[
    str | None,
    typer.Option("--broker", metavar="HOST:PORT", help="The broker.  [default: that of streams.yaml]"),
]
MEMORY = "Its storage is memory only: the events are gone when it stops."


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Events: from Kafka into the lakehouse.")
    command(group, "init")(init)
    command(group, "broker")(broker)
    command(group, "publish")(publish)
    command(group, "run")(run)
    command(group, "status")(status)
    dead.register(group)
    app.add_typer(group, name="stream")


def init(
    session: Session,
    demo: Annotated[bool, typer.Option("--demo", help="With the demo's streams and tables for them.")] = False,
) -> Shown:
    """Prepare the demo's home for its live events: streams.yaml, schemas, and empty tables."""
    if not demo:
        raise Invalid("There is nothing to prepare.", "Add --demo, or write streams.yaml into the home yourself.")
    done = _prepared(session)
    document = {"home": str(session.settings.home), "done": done}
    return Shown(document, lambda console: console.print("\n".join(done) or "All is there already.", markup=False))


def broker(
    session: Session,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes any free one.")] = 9092,
) -> Shown:
    """Run a small Kafka-protocol broker on this machine until interrupted. It needs no home."""
    from data.streams import brokers

    brokers.serve(port, lambda address: session.show(_ready(address)))
    session.say("The broker has stopped.")
    raise typer.Exit


def _ready(address: str) -> Shown:
    lines = f"The broker is at {address}\n{MEMORY} Ctrl-C stops it.\n  export LAKEWRIGHT_BROKERS={address}"
    return Shown({"broker": address, "storage": "memory"}, lambda console: console.print(lines, markup=False))


def publish(
    session: Session,
    file: Annotated[
        str | None, typer.Argument(metavar="[FILE]", help="JSON lines, .csv or .parquet; - is the standard input.")
    ] = None,
    stream: Annotated[str | None, typer.Option(help="A stream of streams.yaml.")] = None,
    topic: Annotated[str | None, typer.Option(help="A topic, whether a stream reads it or not.")] = None,
    key: Annotated[list[str] | None, typer.Option(help="With --topic: a column of the events' key.")] = None,
    broker: BrokerOption = None,
    partitions: Annotated[int, typer.Option(min=1, max=10_000, help="Of a topic that is missing.")] = 4,
    raw: Annotated[bool, typer.Option("--raw", help="Send what is no JSON object as it is.")] = False,
    demo: Annotated[bool, typer.Option("--demo", help="Play the demo's businesses, live.")] = False,
    rate: Annotated[float, typer.Option(min=0.01, max=1e6, help="With --demo: events a second.")] = 100,
    seconds: Annotated[float | None, typer.Option(min=0, help="With --demo: how long.  [default: for ever]")] = None,
    bad: Annotated[float, typer.Option(min=0, max=1, help="With --demo: the share that is malformed.")] = 0,
    seed: Annotated[int, typer.Option(min=0, help="With --demo: what happens is the same for the same seed.")] = 7,
) -> Shown:
    """Send a file's events to a topic, or the demo's as they happen."""
    if demo:
        if file or stream or topic:
            raise Invalid("--demo has events and topics of its own.", "Leave out the file, --stream and --topic.")
        return _live(session, broker, partitions, rate, seconds, bad, seed)
    if file is None:
        raise Invalid("There is no file to publish.", "Name one, - for the standard input, or add --demo.")
    return _file(session, file, _way(session, stream, topic, key or [], raw), broker, partitions)


def _way(session: Session, stream: str | None, topic: str | None, key: list[str], raw: bool) -> Way:
    from data.streams.declaration import FILE, load_streams
    from data.streams.publish import Way

    if (stream is None) == (topic is None):
        raise Invalid("Where shall the events go?", "Name one: --stream of streams.yaml, or --topic.")
    if topic is not None:
        return Way(topic, key, raw)
    if key:
        raise Invalid("A stream has its key in streams.yaml.", "Leave out --key.")
    lakewright = session.administer("publish events")
    declared = load_streams(session.settings.home / FILE, lakewright.gateway.catalog)
    return Way.into(declared.named(str(stream)), raw=raw)


def _file(session: Session, file: str, way: Way, servers: str | None, partitions: int) -> Shown:
    from data.streams import events
    from data.streams.publish import publish

    read = events.of_lines(sys.stdin.buffer, "-") if file == "-" else events.of_file(Path(file))
    with _outlet(session, servers) as outlet:
        if outlet.require(way.topic, partitions):
            session.say(f"made the topic {way.topic} with {partitions} partitions")
        sent = publish(read, file, outlet, way, session.say)
    return Shown(sent, lambda console: console.print(_said(sent), markup=False))


def _live(
    session: Session, servers: str | None, partitions: int, rate: float, seconds: float | None, bad: float, seed: int
) -> Shown:
    from data.demo import cast, live
    from data.demo.businesses import BUSINESSES
    from data.demo.numbers import Numbers
    from data.streams.interrupt import interruption

    for line in _prepared(session):
        session.say(line)
    gateway, principal = session.lakewright.gateway, session.principal
    greatest = {b.stream: cast.greatest(gateway, principal, b.identifier, b.tables) for b in BUSINESSES}
    world, numbers = cast.read(gateway, principal, seed), Numbers(session.settings.home, greatest)
    with _outlet(session, servers) as outlet, interruption() as stop:
        for business in BUSINESSES:
            outlet.require(business.topic, partitions)
        until = "until Ctrl-C" if seconds is None else f"for {seconds:g} s"
        session.say(f"sending {rate:g} events a second to {outlet.servers} {until}")
        totals = live.Play(world, numbers, outlet, rate, bad).run(seconds, stop, session.say)
    return Shown(totals, lambda console: _totals(console, totals))


def _prepared(session: Session) -> list[str]:
    """Put what the demo's streams need into the home; what was done."""
    from data.demo import live_home

    lakewright = session.administer("prepare the demo's streams")
    done = live_home.prepare(session.settings.home)
    if done:
        lakewright.note(session.name, "stream init", "; ".join(done))
    return done


def _outlet(session: Session, servers: str | None) -> Outlet:
    """A producer for the broker that is given, or the home's; a home's options are for its administrator."""
    from app import home
    from data.streams.declaration import FILE, load_broker
    from data.streams.outlet import Outlet

    if home.ready(session.settings.home):
        session.administer("publish events")
    return Outlet(load_broker(session.settings.home / FILE, servers))


def _said(sent: dict[str, Any]) -> str:
    rate = sent["events"] / max(sent["seconds"], 0.001)
    return f"{sent['events']:,} events are in {sent['topic']}: {sent['seconds']:.1f} s, {rate:,.0f} a second."


def _totals(console: Console, totals: dict[str, Any]) -> None:
    console.print(table(("topic", "events"), totals["topics"].items()))
    if totals["malformed"]:
        console.print(table(("malformed", "events"), totals["malformed"].items()))
    rate = totals["events"] / max(totals["seconds"], 0.001)
    console.print(f"{totals['events']:,} events in {totals['seconds']:.1f} s: {rate:,.0f} a second.", markup=False)
