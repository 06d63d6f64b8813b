"""`code`: a task in words becomes a program, and what a person says to it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.command import EXIT_CODES, Session, Shown, clean, command
from app.cli.interruption import interruptible
from app.cli.tables import table
from data.errors import Invalid

if TYPE_CHECKING:
    from rich.console import Console

    from agents.code.abort import Abort
    from agents.code.edit import Edit
    from agents.code.state import Delivery

ACTIONS = ("approve", "deny", "resume", "show", "run")
MOST_ROWS = 20
LONGEST = 100_000
"""Bytes of a program's file, and characters of a task from standard input."""
MOST_LINES = 40
"""Lines that are shown of what a program printed."""


def register(app: typer.Typer) -> None:
    command(app, "code")(code)


def code(
    session: Session,
    task: Annotated[
        str,
        typer.Argument(help="A task in plain words, - for standard input; or approve, deny, resume, show, run."),
    ],
    subject: Annotated[
        str | None, typer.Argument(metavar="[ID | FILE]", help="The task's id; for `run`, the file of a program.")
    ] = None,
    lang: Annotated[
        str, typer.Option("--lang", help="sql, pyspark, python, feature, stream or dbt.", show_default=True)
    ] = "sql",
    run: Annotated[bool, typer.Option("--run", help="Run it in the sandbox, under your rights.")] = False,
    plan: Annotated[bool, typer.Option("--plan", help="Run nothing.  [default]")] = False,
    ask: Annotated[bool, typer.Option("--ask", help="Ask before each run.")] = False,
    dialect: Annotated[str | None, typer.Option(help="The SQL dialect, such as spark or postgres.")] = None,
    into: Annotated[Path | None, typer.Option(metavar="FILE", help="Put the code into a file of this folder.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Change the file without asking.")] = False,
    expects: Annotated[list[str] | None, typer.Option(metavar="COLUMN", help="A column the result must have.")] = None,
    endpoint: Annotated[str | None, typer.Option("--endpoint", metavar="NAME", help="The model that writes.")] = None,
    thread: Annotated[str | None, typer.Option(help="Go on from the tasks of this name.")] = None,
    key: Annotated[str, typer.Option(help="The same key again gives the same task, or goes on with it.")] = "",
) -> Shown:
    """Write a program over the lakehouse; it comes checked, with tests and the attempts that led to it."""
    if subject is not None:
        with interruptible(session.as_json) as stop, _closed(session):
            return _acted(session, task, subject, lang, dialect, expects or [], stop)
    if run + plan + ask > 1:
        raise Invalid("Only one of --run, --plan and --ask can hold.", "Leave the others out.")
    mode = "run" if run else "ask" if ask else "plan"
    text = sys.stdin.read(LONGEST + 1) if task == "-" else task
    current = _current(into)
    with interruptible(session.as_json) as stop, _closed(session):
        delivery = _heard(
            session, text, language=lang, dialect=dialect, endpoint=endpoint, mode=mode, thread=thread,
            expects=expects or (), current=current, key=key, stop=stop,
        )  # fmt: skip
        delivery = _asked(session, delivery, stop)
    return shown(delivery, **_put(session, delivery, into, yes))


@contextmanager
def _closed(session: Session) -> Iterator[None]:
    """Programs that stand ready end with the command."""
    try:
        yield
    finally:
        if "lakewright" in session.__dict__:
            session.lakewright.close()


def shown(delivery: Delivery, **more: Any) -> Shown:
    """A delivery with its exit code: what was forbidden or failed is no success."""
    document = {**delivery.as_json(), **more}
    kind = (delivery.error or {}).get("kind", "failed")
    codes = {"forbidden": 3, "failed": EXIT_CODES.get(kind, 1), "timeout": 1, "denied": 1}
    return Shown(document, lambda console: _print(console, document), codes.get(delivery.status, 0))


def _acted(
    session: Session, action: str, subject: str, lang: str, dialect: str | None, expects: list[str], stop: Abort
) -> Shown:
    coder, principal = session.lakewright.coder, session.principal
    match action:
        case "approve" | "deny":
            return shown(coder.resume(principal, subject, action == "approve", stop))
        case "resume":
            return shown(coder.resume(principal, subject, stop=stop))
        case "show":
            return shown(coder.get(principal, subject))
        case "run":
            text = _text(Path(subject))
            return shown(coder.run(principal, text, language=lang, dialect=dialect, expects=expects, stop=stop))
    raise Invalid(f"There is no action '{action}'.", f"Put a task in quotes, or use one of: {', '.join(ACTIONS)}.")


def _heard(session: Session, text: str, **options: Any) -> Delivery:
    """The delivery, with progress told on the way."""
    from agents.code.state import Attempt, Delivery, Step

    last: Delivery | None = None
    for event in session.lakewright.coder.stream(session.principal, text, **options):
        match event:
            case Step():
                session.say(f"{event.name:9} {event.seconds:6.2f} s  {event.detail}")
            case Attempt():
                session.say(f"attempt {event.number} is {'good' if event.good else 'no good'}")
            case Delivery():
                last = event
    assert last is not None
    return last


def _asked(session: Session, delivery: Delivery, stop: Abort) -> Delivery:
    """Whoever sits at a terminal answers at once; others do with `code approve`."""
    while delivery.status == "approve" and _interactive(session):
        session.say(delivery.code)
        allowed = typer.confirm(clean(delivery.question), default=False, err=True)
        delivery = session.lakewright.coder.resume(session.principal, delivery.code_id, allowed, stop)
    return delivery


def _interactive(session: Session) -> bool:
    return not session.as_json and sys.stdin.isatty()


def _current(into: Path | None) -> str:
    from agents.code.edit import placed, read

    return "" if into is None else read(placed(Path.cwd(), into))


def _put(session: Session, delivery: Delivery, into: Path | None, yes: bool) -> dict[str, Any]:
    """Put good code into the file, when the difference has been seen."""
    from agents.code.edit import edit

    if into is None or delivery.status not in ("delivered", "planned", "written"):
        return {}
    change: Edit = edit(Path.cwd(), into, delivery.code)
    session.say(change.diff)
    agreed = yes or (_interactive(session) and typer.confirm(f"Change '{into}'?", default=False, err=True))
    if agreed:
        change.apply(Path.cwd())
    return {"file": str(into), "diff": change.diff, "applied": agreed}


def _text(path: Path) -> str:
    """A program's text. What is no file could have no end, or keep its reader waiting."""
    try:
        if path.exists() and not path.is_file():
            raise Invalid(f"'{path}' is no file.", "Give the file of a program.")
        with path.open("rb") as file:
            raw = file.read(LONGEST + 1)
        if len(raw) > LONGEST:
            raise Invalid(f"'{path}' has more than {LONGEST:,} bytes.", "Give the file of a program.")
        return raw.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise Invalid(f"'{path}' can't be read: {reason}.", "Give the file of a program.") from None


def _print(console: Console, document: dict[str, Any]) -> None:
    from rich.panel import Panel
    from rich.text import Text

    said = (document["error"] or {}).get("message") or document["question"] or document["explanation"]
    console.print(Text(clean(f"[{document['status']}] {said}"), style="bold"))
    if document["code"]:
        title = document["language"]
        console.print(Panel(Text(clean(document["code"])), title=title, title_align="left", border_style="dim"))
    if document["checks"]:
        rows = [[check["name"], check["verdict"], check["detail"]] for check in document["checks"]]
        console.print(table(("check", "verdict", "detail"), rows))
    if printed := _printed(document["attempts"]):
        console.print(Panel(Text(printed), title="printed", title_align="left", border_style="dim"))
    if document["result"]:
        console.print(table(document["result"]["columns"], document["result"]["rows"][:MOST_ROWS]))
    if document["status"] == "approve":
        console.print(f"lakewright code approve {document['code_id']}", markup=False)
    name = f"code {document['code_id']}" if document["code_id"] else ""
    about = ", ".join(filter(None, (document["endpoint"], f"{document['seconds']:.2f} s", name)))
    console.print(clean(about), style="dim", markup=False)


def _printed(attempts: Sequence[Mapping[str, Any]]) -> str:
    """What the newest attempt printed: its own words, of which the first lines are shown."""
    said = (attempts[-1]["stdout"] + attempts[-1]["stderr"]) if attempts else ""
    lines = clean(said).strip("\n").splitlines()
    return "\n".join(
        [*lines[:MOST_LINES], *([f"… {len(lines) - MOST_LINES} lines more"] if lines[MOST_LINES:] else [])]
    )
