"""`ask`, `replay` and approved queries."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from app.cli.command import EXIT_CODES, Session, Shown, command
from app.cli.tables import table

if TYPE_CHECKING:
    from rich.console import Console

    from agents.ask.state import Answer

EndpointOption = Annotated[str | None, typer.Option("--endpoint", metavar="NAME", help="The model that answers.")]


def register(app: typer.Typer) -> None:
    command(app, "ask")(ask)
    command(app, "replay")(replay)
    command(app, "feedback")(feedback)
    command(app, "approve")(approve)
    group = typer.Typer(no_args_is_help=True, help="Queries that a person has checked.")
    command(group, "list")(approved_list)
    app.add_typer(group, name="approved")


def ask(
    session: Session,
    question: Annotated[str, typer.Argument(help="A question in plain words; - reads it from standard input.")],
    endpoint: EndpointOption = None,
    thread: Annotated[str | None, typer.Option(help="Continue the conversation of this name.")] = None,
) -> Shown:
    """Ask a question: the answer comes with its SQL, its sources and their versions."""
    from agents.ask.state import Answer, Step
    from app import dialogue

    text = sys.stdin.read() if question == "-" else question
    answer: Answer | None = None
    principal = session.principal
    options: dict[str, Any] = {"thread": thread, "endpoint": endpoint, "approve": approved}
    for event in dialogue.stream(session.lakewright, principal, text, **options):
        if isinstance(event, Step):
            session.say(f"{event.name:9} {event.seconds:6.2f} s  {event.detail}")
        elif isinstance(event, Answer):
            answer = event
    assert answer is not None
    return answered(answer)


def approved(name: str, arguments: Mapping[str, Any]) -> bool:
    """A person's word before an outside tool is called; where none is at the terminal, no."""
    from app.cli.command import clean

    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    return typer.confirm(clean(f"Let the outside tool '{name}' be called with {dict(arguments)}?"), err=True)


def answered(answer: Answer, **more: Any) -> Shown:
    """An answer with its exit code: what was forbidden or failed is no success."""
    document = {**answer.as_json(), **more}
    kind = (answer.error or {}).get("kind", "failed")
    code = {"forbidden": 3, "failed": EXIT_CODES.get(kind, 1)}.get(answer.status, 0)
    return Shown(document, lambda console: show(console, document), exit_code=code)


def show(console: Console, document: dict[str, Any]) -> None:
    """An answer for people."""
    from rich.panel import Panel
    from rich.text import Text

    from agents.ask.documents.citation import named, where
    from agents.ask.freshness import told
    from agents.ask.meaning import meant
    from app.cli.command import clean

    badge = document["status"] + (", verified" if document["verified"] else "")
    console.print(Text(f"[{badge}] {clean(document['answer'])}", style="bold"))
    if document["sql"]:
        console.print(Panel(Text(clean(document["sql"])), title="SQL", title_align="left", border_style="dim"))
    if document["rows"]:
        console.print(table(document["columns"], meant(document["rows"], document.get("meanings", ()))))
    for source in document["sources"]:
        parts = (f"{named(source)}: version {source['version']}", where(source), told(source))
        said = ", ".join(part for part in parts if part)
        console.print(clean(said), style="dim", markup=False)
    sure = document.get("confidence")
    confident = "" if sure is None else f"confidence {sure:.0%}"
    about = (
        document["endpoint"],
        confident,
        f"{document['seconds']:.2f} s",
        f"answer {document['answer_id']}",
    )
    console.print(", ".join(part for part in about if part), style="dim", markup=False)


def replay(session: Session, answer_id: Annotated[str, typer.Argument(help="The id that `ask` gave.")]) -> Shown:
    """Run an answer's SQL again and say whether the rows are the same."""
    from agents.replay import replay as again
    from data.values import plain

    lakewright = session.lakewright
    found = again(lakewright.answers, lakewright.gateway, session.principal, answer_id)
    given = {name: getattr(found.given, name) for name in ("status", "sql", "verified", "endpoint", "answer_id")}
    says = "The rows are the same." if found.identical else "The rows are not the same any more."
    now = {
        name: getattr(found, name)
        for name in ("columns", "rows", "meanings", "sources", "seconds", "identical", "changed")
    }
    document = plain({**given, "answer": says, **now})
    return Shown(document, lambda console: show(console, document))


def feedback(
    session: Session,
    answer_id: Annotated[str, typer.Argument(help="The id that `ask` gave.")],
    thumb: Annotated[Literal["up", "down"], typer.Argument(help="Whether the answer was good.")],
    sql: Annotated[str, typer.Option(help="With down: the SQL that it should have run.")] = "",
    note: Annotated[str, typer.Option(help="What was wrong, in words.")] = "",
    consent: Annotated[bool, typer.Option("--consent", help="Models of this home may learn from it.")] = False,
) -> Shown:
    """Say whether an answer was good. `improve` asks it again, and learns from it only with --consent."""
    principal = session.principal
    session.lakewright.answers.rate(answer_id, thumb, principal=principal.name, note=note, sql=sql, consent=consent)
    document = {"answer_id": answer_id, "thumb": thumb, "sql": sql, "consent": consent}
    return Shown(document, lambda console: console.print(f"Thumb {thumb} is kept.", markup=False))


def approve(
    session: Session,
    answer_id: Annotated[str, typer.Argument(help="The id that `ask` gave; none if both options are given.")] = "",
    question: Annotated[
        str, typer.Option(help="Other words for it, with places such as {n:number} or {month:month}.")
    ] = "",
    sql: Annotated[str, typer.Option(help="Other SQL, with $n and $month for the places.")] = "",
) -> Shown:
    """Approve an answer: its question then runs its SQL as it is, without a model."""
    lakewright = session.administer("approve queries")
    if not (question and sql):
        answer = lakewright.answers.get(answer_id, principal=None)
        question, sql = question or answer.question, sql or answer.sql
    entry = lakewright.approved.add(question, sql, session.name)
    lakewright.note(session.name, "approve", f"{f'answer {answer_id}: ' if answer_id else ''}{entry.question}")
    document = {"question": entry.question, "sql": entry.sql, "approved_by": entry.approved_by}
    return Shown(document, lambda console: console.print(f"Approved: {entry.question}", markup=False))


def approved_list(session: Session) -> Shown:
    """List the approved queries."""
    entries = session.administer("see the approved queries").approved.list()
    columns = ("question", "sql", "approved_by", "approved_at")
    rows = [(e.question, e.sql, e.approved_by, e.approved_at.isoformat(timespec="seconds")) for e in entries]
    document = {"approved": [dict(zip(columns, row, strict=True)) for row in rows]}
    return Shown(document, lambda console: console.print(table(columns, rows)))
