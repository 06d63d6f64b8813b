"""`features`: definitions, training sets and values of the feature platform."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.command import Session, Shown, command
from app.cli.moments import moment_of
from app.cli.tables import table
from data.errors import Invalid

if TYPE_CHECKING:
    from rich.console import Console

    from data.features.plan import Output, Plan

Names = Annotated[
    list[str] | None, typer.Option("--feature", help="A `view` or `view.feature`; several times for several.")
]


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Features: defined once, the same for training and serving.")
    command(group, "apply")(apply)
    command(group, "list")(list_)
    command(group, "materialize")(materialize)
    command(group, "training-set")(training_set)
    command(group, "get")(get)
    app.add_typer(group, name="features")


def apply(session: Session) -> Shown:
    """Check the definitions in the home's features/*.py, and use them from now on. They are run as code."""
    lakewright = session.administer("apply feature definitions")
    plans = lakewright.features.apply()
    lakewright.note(session.principal.name, "features apply", ", ".join(plan.view.name for plan in plans))
    views = [_described(plan, plan.outputs) for plan in plans]
    return Shown({"views": views}, lambda console: _print_views(console, views))


def list_(session: Session) -> Shown:
    """List the feature views of which the caller may see something."""
    features = session.lakewright.features
    views = []
    for plan, outputs in features.visible(session.principal):
        version, online = features.state(plan)
        views.append({**_described(plan, outputs), "version": version, "online": online})
    return Shown({"views": views}, lambda console: _print_views(console, views))


def materialize(
    session: Session,
    views: Annotated[list[str] | None, typer.Argument(help="Views; all of them by default.")] = None,
    until: Annotated[str | None, typer.Option(help="Up to this moment in UTC.  [default: now]")] = None,
    online_only: Annotated[bool, typer.Option("--online-only", help="Leave out the table of values.")] = False,
) -> Shown:
    """Read what is new in the sources, and bring the online store up to date. A run that was stopped goes on."""
    lakewright = session.administer("materialise features")
    moment = moment_of(until, "--until")
    done = lakewright.features.materialize(session.principal, views or [], moment, session.say, values=not online_only)
    found = [asdict(one) for one in done]
    fields = ("view", "events", "entities", "rows", "version", "anew")
    document = {"until": moment.isoformat(), "views": found}
    return Shown(document, lambda console: console.print(table(fields, [[one[f] for f in fields] for one in found])))


def training_set(
    session: Session,
    labels: Annotated[str, typer.Argument(help="A SELECT that gives keys and a moment; empty with --like.")] = "",
    out: Annotated[str, typer.Option(help="A .parquet file, or the name of a table.")] = "",
    at: Annotated[str, typer.Option(help="The labels' column that says when.")] = "at",
    feature: Names = None,
    like: Annotated[str | None, typer.Option(help="Make this training set again, from the same versions.")] = None,
) -> Shown:
    """Join features to labels as they were known at each label's moment."""
    if not out:
        raise Invalid("It is not said where the training set goes.", "Add --out FILE.parquet or --out NAME.")
    if bool(labels.strip()) == bool(like):
        raise Invalid("Give either labels or --like.", 'Such as "SELECT card_id, at FROM …".')
    features, progress = session.lakewright.features, _told(session)
    if like:
        written = features.again(session.principal, like, out, progress)
    else:
        written = features.training_set(session.principal, labels, at, feature or [], out, progress)
    document = {"out": str(written.place), "rows": written.rows, **asdict(written.recipe)}
    said = f"{written.rows:,} rows with {len(written.recipe.features)} features in {written.place}"
    return Shown(document, lambda console: console.print(said, markup=False))


def get(
    session: Session,
    view: Annotated[str, typer.Argument(help="A feature view.")],
    keys: Annotated[str, typer.Option(help='The entity, as JSON: {"card_id": 7}.')],
    feature: Annotated[list[str] | None, typer.Option("--feature", help="A feature of the view.")] = None,
    at: Annotated[str | None, typer.Option(help="A moment in UTC.  [default: now]")] = None,
) -> Shown:
    """The features of one entity from the online store."""
    from data.values import plain

    moment = moment_of(at, "--at")
    found = session.lakewright.features.get(session.principal, view, [_keys(keys)], feature or [], moment)[0]
    values = {name: plain(value) for name, value in found.values.items()}
    document = {"view": view, "keys": _keys(keys), "at": moment.isoformat(), "features": values, "reason": found.reason}

    def human(console: Console) -> None:
        console.print(table(("feature", "value"), values.items()))
        if found.reason:
            console.print(f"There are no values: {found.reason}.", markup=False)

    return Shown(document, human)


def _keys(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Invalid(f"--keys is no JSON object: {text}", """Write it such as '{"card_id": 7}'.""")
    return found


def _told(session: Session) -> Callable[[int, int], None]:
    return lambda done, of: session.say(f"{done:,} of {of:,} labels")


def _described(plan: Plan, outputs: tuple[Output, ...]) -> dict[str, Any]:
    view = plan.view
    features = [
        {"name": o.name, "type": o.type, "unit": o.feature.unit, "description": o.feature.description} for o in outputs
    ]
    fields = ("name", "entity", "source", "owner", "description")
    return {**{f: getattr(view, f) for f in fields}, "keys": list(view.keys), "features": features}


def _print_views(console: Console, views: list[dict[str, Any]]) -> None:
    columns = ("name", "entity", "keys", "features", "owner", "description")
    rows = [[_cell(view[name]) for name in columns] for view in views]
    console.print(table(columns, rows))


def _cell(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return ", ".join(value) if all(isinstance(one, str) for one in value) else len(value)
