"""`score` and `drift`: what registered models say of subjects, and whether their inputs are still those of training."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.command import Session, Shown, command
from app.cli.moments import moment_of
from app.cli.tables import table
from data.errors import Invalid

if TYPE_CHECKING:
    from rich.console import Console

Model = Annotated[str, typer.Argument(help="A registered model.")]
VersionOption = Annotated[str, typer.Option("--version", help="A version's number or alias.")]


def register(app: typer.Typer) -> None:
    command(app, "score")(score)
    command(app, "drift")(drift)


def score(
    session: Session,
    model: Model,
    keys: Annotated[
        str | None, typer.Option(help='A subject, as JSON: {"payment_id": 7}; or a list of several.')
    ] = None,
    select: Annotated[
        str | None, typer.Option("--table", metavar="SELECT", help='Score these rows; "" for all subjects.')
    ] = None,
    out: Annotated[str, typer.Option(help="With --table: a .parquet file, or the name of a table.")] = "",
    at: Annotated[
        str | None, typer.Option(help="As of this moment in UTC.  [default: that of each subject; else now]")
    ] = None,
    reasons: Annotated[int | None, typer.Option(min=0, max=100, help="Reasons with each score.")] = None,
    version: VersionOption = "champion",
) -> Shown:
    """Predict for a subject with the reasons, or for all rows of a SELECT into a file or table."""
    if (keys is None) == (select is None):
        raise Invalid("Give either --keys or --table.", """Such as --keys '{"payment_id": 7}'.""")
    moment = None if at is None else moment_of(at, "--at")
    if select is not None:
        return _table(session, model, select, out, moment, reasons or 0, version)
    assert keys is not None
    several, subjects = _subjects(keys)
    predictor = session.lakewright.predictor
    many = {} if reasons is None else {"reasons": reasons}
    found = predictor.score(session.principal, model, subjects, moment, version=version, **many)
    predictor.close()
    documents = [one.as_json() for one in found]
    document: dict[str, Any] = {"predictions": documents} if several else documents[0]
    return Shown(document, lambda console: _print(console, documents))


def drift(
    session: Session,
    model: Model,
    since: Annotated[str | None, typer.Option(help="Predictions since this moment in UTC.  [default: 7 days]")] = None,
) -> Shown:
    """Hold what a model has been given against what it was trained on."""
    from agents.predictors.monitor import report

    moment = None if since is None else moment_of(since, "--since")
    document = report(session.lakewright.predictor, session.principal, model, moment).as_json()

    def human(console: Console) -> None:
        head = (
            f"{model} version {document['version']}, {document['predictions']:,} predictions since {document['since']}"
        )
        console.print(f"{head}. {document['said']}", markup=False)
        fields = ("column", "verdict", "index", "missing", "missing_before", "new_share")
        console.print(table(fields, [[one[name] for name in fields] for one in document["columns"]]))
        for view, age in document["views"].items():
            said = f"{view}: {age['median']:,.0f} s old when used, at most {age['longest']:,.0f} s"
            console.print(said, markup=False)

    return Shown(document, human)


def _table(session: Session, model: str, select: str, out: str, at: Any, reasons: int, version: str) -> Shown:
    from agents.predictors.batch import Job

    if not out:
        raise Invalid("It is not said where the scores go.", "Add --out FILE.parquet or --out NAME.")
    predictor = session.lakewright.predictor
    usable = predictor.usable(session.principal, model, version)
    job = Job(predictor, session.principal, usable, select, at, reasons)
    written = job.run(out, lambda done, of: session.say(f"{done:,} of {of:,} rows"))
    document = {"out": str(written.place), "rows": written.rows, **asdict(written.origin)}
    said = f"{written.rows:,} scores by {model} version {usable.version.version} in {written.place}"
    return Shown(document, lambda console: console.print(said, markup=False))


def _subjects(text: str) -> tuple[bool, list[dict[str, Any]]]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    several = isinstance(found, list)
    subjects = found if isinstance(found, list) else [found]
    if not all(isinstance(one, dict) for one in subjects):
        raise Invalid(f"--keys is no JSON object: {text}", """Write it such as '{"payment_id": 7}'.""")
    return several, subjects


def _print(console: Console, documents: list[dict[str, Any]]) -> None:
    for one in documents:
        key = ", ".join(f"{name} {value}" for name, value in one["keys"].items())
        verdict = "" if "flagged" not in one else ", flagged" if one["flagged"] else ", not flagged"
        best = f" ({one['ranking'][0]['choice']})" if one.get("ranking") else ""
        head = f"{key}: {one['prediction']:.4g}{best}{verdict} by {one['model']} version {one['version']}"
        console.print(f"{head}, as of {one['at']} UTC", style="bold", markup=False)
        fields = ("feature", "value", "contribution")
        console.print(table(fields, [[reason[name] for name in fields] for reason in one["reasons"]]))
