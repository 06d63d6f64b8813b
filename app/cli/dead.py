"""`stream dead`: the events that could not land."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.command import Session, Shown, command
from app.cli.tables import table

if TYPE_CHECKING:
    from rich.console import Console

    from data.streams.letters import Letter
    from data.streams.replay import Replayed

StreamArgument = Annotated[str | None, typer.Argument(metavar="[STREAM]", help="[default: all]")]
KindOption = Annotated[str | None, typer.Option("--kind", help="Only those of this kind, such as undecodable.")]
LONGEST = 60
"""Letters of a value that are shown in the table."""


def register(streams: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Events that could not land.")
    command(group, "list")(list_)
    command(group, "replay")(replay)
    streams.add_typer(group, name="dead")


def list_(
    session: Session,
    stream: StreamArgument = None,
    kind: KindOption = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="How many.")] = 20,
    every: Annotated[bool, typer.Option("--all", help="Those too that have landed since.")] = False,
) -> Shown:
    """List the dead letters, the newest first."""
    from data.streams.letters import listed

    session.administer("read dead letters")
    found = listed(session.settings.home, stream, kind, limit, replayed=every)
    columns = ("stream", "topic", "at", "kind", "reason", "value")
    rows = [(s.stream, s.topic, f"{s.partition}:{s.offset}", s.kind, s.reason, _preview(s.value)) for s in found]
    document = {"dead_letters": [_document(letter) for letter in found]}
    return Shown(document, lambda console: console.print(table(columns, rows) if rows else "There are none."))


def replay(session: Session, stream: StreamArgument = None, kind: KindOption = None) -> Shown:
    """Decode dead letters again with today's schemas: the good ones land, the others stay with the new reason."""
    from data.streams.declaration import FILE, load_streams
    from data.streams.decode import decoder_of
    from data.streams.replay import alone
    from data.streams.replay import replay as replayed
    from data.streams.status import folder

    lakewright = session.administer("replay dead letters")
    home, catalog = session.settings.home, lakewright.gateway.catalog
    declared = load_streams(home / FILE, catalog)
    chosen = declared.streams if stream is None else (declared.named(stream),)
    done: list[tuple[str, Replayed]] = []
    with alone(home):
        for each in chosen:
            decoder = decoder_of(each, declared.broker)
            result = replayed(home, each, folder(each, catalog, home), decoder, kind)
            done.append((each.name, result))
            lakewright.note(session.name, "stream dead replay", f"{result.landed} events of '{each.name}' landed")
    document = {
        "landed": sum(result.landed for _, result in done),
        "remaining": sum(result.kept.total() for _, result in done),
        "streams": [{"stream": name, "landed": r.landed, "remaining": dict(r.kept)} for name, r in done],
    }
    return Shown(document, lambda console: _replayed(console, document))


def _replayed(console: Console, document: dict[str, Any]) -> None:
    rows = [
        (each["stream"], each["landed"], ", ".join(f"{count} {kind}" for kind, count in each["remaining"].items()))
        for each in document["streams"]
    ]
    console.print(table(("stream", "landed", "remaining"), rows))


def _document(letter: Letter) -> dict[str, Any]:
    moments = {"dead_at": letter.dead_at, "replayed_at": letter.replayed_at}
    return {**asdict(letter), **{name: at and at.isoformat() for name, at in moments.items()}}


def _preview(value: str | None) -> str | None:
    """One line of text; control characters are dealt with where it is printed."""
    if value is None:
        return None
    line = " ".join(value.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
