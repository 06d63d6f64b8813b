"""Forms: `forms add`, `fill`, `review`, `sign` and what goes with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.command import Session, Shown, command
from app.cli.tables import table
from data.errors import Invalid, NotFound

if TYPE_CHECKING:
    from rich.console import Console

    from agents.forms.state import Filling

Name = Annotated[str, typer.Argument(metavar="FORM", help="A form's name.")]
FillingId = Annotated[str, typer.Argument(metavar="FILLING", help="The id that `forms fill` gave.")]
AnswersOption = Annotated[
    str, typer.Option(metavar="JSON", help="""Answers by path: {"loan/amount": 5000, "owner/name": {"use": 2}}.""")
]


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Forms that are filled from the lakehouse.")
    for name, function in (
        ("add", add), ("list", list_forms), ("show", show_form), ("remove", remove), ("fill", fill),
        ("review", review), ("sign", sign), ("download", download), ("eval", evaluate),
    ):  # fmt: skip
        command(group, name)(function)
    app.add_typer(group, name="forms")
    command(app, "fill")(fill)


def add(
    session: Session,
    name: Name,
    file: Annotated[Path, typer.Argument(help="A JSON Schema, draft 2020-12, or a PDF with fields.")],
    hints: Annotated[Path | None, typer.Option(help="A YAML file that says where fields come from.")] = None,
) -> Shown:
    """Add a form, or a new version of one."""
    from agents.forms.hints import Hints, read_hints
    from agents.forms.intake import add_file

    lakewright = session.administer("add forms")
    told = Hints() if hints is None else read_hints(_text(hints), hints.name)
    if told.subject:
        lakewright.gateway.catalog.table(told.subject)
    form = add_file(lakewright.forms.registry, name, _bytes(file), told, session.name)
    lakewright.note(session.name, "forms add", f"{name} version {form.version}")
    said = f"'{name}' version {form.version} has {len(form.fields):,} fields."
    document = form.as_json(lakewright.gateway.catalog)
    return Shown(document, lambda console: console.print(said, markup=False))


def list_forms(session: Session) -> Shown:
    """List the forms."""
    seen = session.lakewright.gateway.visible(session.principal)
    forms = [form.as_json(seen) for form in session.lakewright.forms.registry.list()]
    columns = ("name", "version", "title", "fields", "subject")
    rows = [[len(form[c]) if c == "fields" else form[c] for c in columns] for form in forms]
    document = {"forms": [dict(zip(columns, row, strict=True)) for row in rows]}
    return Shown(document, lambda console: console.print(table(columns, rows)))


def show_form(session: Session, name: Name) -> Shown:
    """Show what a form asks for."""
    seen = session.lakewright.gateway.visible(session.principal)
    document = session.lakewright.forms.registry.get(name).as_json(seen)
    columns = ("path", "kind", "title", "required", "condition")
    rows = [[field[column] for column in columns] for field in document["fields"]]
    return Shown(document, lambda console: console.print(table(columns, rows)))


def remove(session: Session, name: Name) -> Shown:
    """Remove a form with all that is remembered of it; what was signed stays."""
    lakewright = session.administer("remove forms")
    lakewright.forms.registry.remove(name)
    lakewright.note(session.name, "forms remove", name)
    return Shown({"removed": name}, lambda console: console.print(f"Removed '{name}'.", markup=False))


def fill(
    session: Session,
    name: Name,
    about: Annotated[str, typer.Option(metavar="TEXT", help="Whom it is about: 'merchant Blue Bottle', a key.")] = "",
    answers: AnswersOption = "",
    approve: Annotated[bool, typer.Option("--approve", help="Sign what is complete.")] = False,
    subjects: Annotated[Path | None, typer.Option(help="A file with a subject on each line.")] = None,
    key: Annotated[str, typer.Option(help="The same key again gives the same filling, or goes on.")] = "",
    as_of: Annotated[str, typer.Option("--as-of", help="The moment that 'last year' is seen from, in UTC.")] = "",
) -> Shown:
    """Fill a form, or with --subjects one for each line of a file."""
    from app.cli.moments import moment_of

    if bool(about) == (subjects is not None):
        raise Invalid("It is not said whom the form is about.", "Give either --about or --subjects.")
    moment = moment_of(as_of, "--as-of") if as_of else None
    if subjects is not None:
        return _batch(session, name, subjects, key or f"file {subjects.resolve()}", approve, moment)
    forms, last = session.lakewright.forms, None
    told = _answers(answers)
    for event in forms.stream(session.principal, name, about, answers=told, key=key, as_of=moment):
        last = _told(session, event) or last
    assert last is not None
    if approve and last.status == "review":
        last = forms.sign(session.principal, last.filling_id)
    return _shown(last)


def review(
    session: Session,
    filling_id: FillingId,
    choose: Annotated[int | None, typer.Option(help="Which of several subjects is meant.")] = None,
    answers: AnswersOption = "",
) -> Shown:
    """Look at a filling: choose its subject, answer or change fields."""
    forms, principal = session.lakewright.forms, session.principal
    if choose is not None and answers:
        raise Invalid("Both --choose and --answers are given.", "Choose the subject first, then answer.")
    if choose is not None:
        return _shown(forms.choose(principal, filling_id, choose))
    told = _answers(answers)
    return _shown(forms.answer(principal, filling_id, told) if told else forms.get(principal, filling_id))


def sign(session: Session, filling_id: FillingId) -> Shown:
    """Sign a filling: its values are written back with their sources."""
    return _shown(session.lakewright.forms.sign(session.principal, filling_id))


def download(
    session: Session,
    filling_id: FillingId,
    to: Annotated[Path | None, typer.Option("--to", help="The file; by default it is named after the filling.")] = None,
    format: Annotated[str, typer.Option(help="`pdf` or `json`; by default what the form came as.")] = "",
) -> Shown:
    """Write a signed form to a file: a filled PDF, or JSON."""
    from agents.forms.handout import handout

    made = handout(session.lakewright.forms, session.principal, filling_id, format)
    file = to or Path(made.name)
    try:
        file.write_bytes(made.content)
    except OSError as error:
        raise Invalid(f"'{file}' can't be written: {error.strerror}.", "Name another file with --to.") from None
    document = {"filling_id": filling_id, "file": str(file), "media": made.media, "bytes": len(made.content)}
    return Shown(document, lambda console: console.print(f"Wrote '{file}'.", markup=False))


def evaluate(
    session: Session,
    subjects: Annotated[int, typer.Option(min=1, help="Subjects for each form.")] = 34,
    wording: Annotated[
        str,
        typer.Option(help="`own`, or in other words: one of those that an unknown name is answered with."),
    ] = "own",
    form: Annotated[str, typer.Option(help="One demo form alone.")] = "",
) -> Shown:
    """Fill the demo's forms and hold them against the right values."""
    from agents.forms import demo
    from agents.forms.evaluate import evaluate as scores
    from agents.forms.evaluate import summary

    if form and form not in demo.NAMES:
        raise NotFound(f"There is no demo form '{form}'.", f"There are {', '.join(demo.NAMES)}.")
    if wording not in (demo.OWN, *demo.WORDINGS):
        raise NotFound(f"There is no wording '{wording}'.", f"There are {', '.join((demo.OWN, *demo.WORDINGS))}.")
    lakewright = session.administer("evaluate forms")
    desk, found = lakewright.forms.desk(session.principal), []
    for score in scores(desk, [form] if form else demo.NAMES, subjects, wording=wording):
        session.say(f"{score.form}: {score.right:,} of {score.answerable:,} right, {score.invented:,} invented")
        found.append(score)
    document = summary(found)
    columns = ("form", "fields", "answerable", "right", "wrong", "asked", "unanswerable", "invented", "sourceless")
    rows = [[one[column] for column in columns] for one in document["forms"]]
    return Shown(document, lambda console: console.print(table(columns, rows)))


def _batch(session: Session, name: str, file: Path, key: str, approve: bool, moment: Any) -> Shown:
    lines, progress = _text(file).splitlines(), None
    for progress in session.lakewright.forms.batch(session.principal, name, lines, key=key, sign=approve, as_of=moment):
        session.say(f"{progress.done:,} of {progress.total:,}")
    assert progress is not None
    document = progress.as_json()
    said = f"{document['done']:,} subjects, {document['signed']:,} signed, {len(document['failed']):,} not found"
    return Shown(document, lambda console: console.print(said, markup=False))


def _told(session: Session, event: Any) -> Filling | None:
    """Say how far a filling is; the filling, when that is there."""
    from agents.forms.state import Filling, Step

    if isinstance(event, Step):
        session.say(f"{event.name:10} {event.seconds:6.2f} s  {event.detail}")
    return event if isinstance(event, Filling) else None


def _shown(filling: Filling) -> Shown:
    document = filling.as_json()
    return Shown(document, lambda console: _print(console, document))


def _print(console: Console, document: dict[str, Any]) -> None:
    from app.cli.command import clean

    subject = document["subject"]
    about = f" about {subject['label']}" if subject else ""
    console.print(clean(f"[{document['status']}] {document['form']}{about}"), style="bold", markup=False)
    if document["choices"]:
        columns = ("number", "about", "label", "detail")
        console.print(table(columns, [[choice[column] for column in columns] for choice in document["choices"]]))
    if document["fields"]:
        rows = [(path, one["value"], _source(one), one["confidence"]) for path, one in document["fields"].items()]
        console.print(table(("field", "value", "source", "confidence"), rows))
    if document["missing"]:
        console.print(clean(f"Not filled: {', '.join(document['missing'])}"), markup=False)
    for problem in document["problems"]:
        console.print(clean(problem), markup=False)
    console.print(clean(f"filling {document['filling_id']}"), style="dim", markup=False)


def _source(field: dict[str, Any]) -> str:
    """Where a value comes from, or why there is none."""
    if field["candidates"]:
        return " or ".join(f"{one['number']}: {one['value']} ({one['said']})" for one in field["candidates"])
    source = field["source"]
    if source is None:
        return str(field["message"])
    place = ".".join(part for part in (source["table"], source["column"]) if part)
    return place or source["name"] or (f"said by {source['by']}" if source["by"] else str(source["way"]))


def _answers(text: str) -> dict[str, Any]:
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Invalid(f"--answers is no JSON object: {text[:200]}", """Write it such as '{"loan/amount": 5000}'.""")
    return found


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Invalid(f"'{file}' can't be read: {error.strerror}.", "Give a JSON Schema or a PDF.") from None


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise Invalid(f"'{file}' can't be read: {reason}.", "Give a text file.") from None
