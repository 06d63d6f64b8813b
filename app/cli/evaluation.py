"""`eval`: how well the questions of a file or folder are answered, by one endpoint or several side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.command import Session, Shown, clean, command
from app.cli.tables import table
from data.errors import Invalid

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from agents.evaluation.figures import Figures
    from agents.evaluation.outcome import Outcome
    from agents.evaluation.question import Line
    from agents.evaluation.report import Report
    from agents.evaluation.results import Results
    from agents.evaluation.run import AskOne

FilesArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="JSON lines of {question, sql / answers / status}, or a folder of such.")
]
EndpointsOption = Annotated[
    list[str] | None, typer.Option("--endpoint", metavar="NAME", help="The model that answers; again for one more.")
]
PageOption = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a report for people there.")]
BallotsOption = Annotated[
    Path | None, typer.Option("--ballots", metavar="FILE", help="Write what the weights of asking are fitted to there.")
]


def register(app: typer.Typer) -> None:
    command(app, "eval")(evaluate)


def evaluate(
    session: Session,
    file: FilesArgument,
    endpoint: EndpointsOption = None,
    html: PageOption = None,
    ballots: BallotsOption = None,
) -> Shown:
    """Measure how many questions are answered right. Ctrl-C ends with what is known by then, exit code 1."""
    from agents.evaluation.question import read
    from agents.evaluation.results import Results
    from app.ui import evaluation as page

    lines, names = read(file), _endpoints(session, endpoint or [])
    if ballots is not None:
        return _cast(session, lines, ballots, names)
    if html is not None:
        page.check(html)
    results = Results.of(_asked(session, lines, names), len(lines))
    if html is not None:
        page.write(html, results, str(file))
        session.say(f"The report is in {html}.")
    return Shown(results.document(), lambda console: _show(console, results), exit_code=int(results.partial))


def _cast(session: Session, lines: tuple[Line, ...], path: Path, names: list[str]) -> Shown:
    """Write every query that might answer each question, and which are right, in the place of an evaluation."""
    from agents.evaluation.ballots import ballots

    if len(names) > 1:
        raise Invalid(f"'--ballots' is written by one endpoint, not by {len(names)}.", "Name one.")
    lakewright, cast = session.lakewright, []
    for number, line in enumerate(lines, 1):
        cast.append(ballots(line, lakewright.ask, lakewright.gateway, session.principal, names[0]))
        session.say(f"{number}/{len(lines)}")
    try:
        path.write_text("".join(each.model_dump_json() + "\n" for each in cast), encoding="utf-8")
    except OSError as error:
        raise Invalid(f"'{path}' can't be written: {error.strerror}.", "Name a file in a folder of yours.") from error
    told = {"n": len(cast), "queries": sum(len(each.candidates) for each in cast), "file": str(path)}
    return Shown(told, lambda console: console.print(f"{told['queries']} queries of {told['n']} questions: {path}"))


def _endpoints(session: Session, names: list[str]) -> list[str]:
    """The endpoints' names, checked before any question is asked; the current one if none is named."""
    doubled = next((name for name in names if names.count(name) > 1), None)
    if doubled is not None:
        raise Invalid(f"The endpoint '{doubled}' is named twice.", "Name each endpoint once.")
    return [session.settings.spec(name).name for name in names] or [session.settings.spec().name]


def _asked(session: Session, lines: tuple[Line, ...], names: list[str]) -> list[dict[str, Outcome]]:
    """The outcomes, up to Ctrl-C; with none known yet, that leaves as it is."""
    from agents.evaluation.coding import Coding
    from agents.evaluation.run import outcomes

    session.say(f"running the gold queries of {len(lines)} questions")
    asked: list[dict[str, Outcome]] = []
    asking = {name: _asker(session, name) for name in names}
    try:
        coding = Coding(lambda: session.lakewright.coder, session.principal)
        for row in outcomes(lines, asking, session.lakewright.gateway, session.principal, coding):
            asked.append(row)
            session.say(f"{len(asked)}/{len(lines)}  {_said(row)}")
    except KeyboardInterrupt:
        if not asked:
            raise
        session.say(f"Interrupted: what follows is of the first {len(asked)} of {len(lines)} questions.")
    return asked


def _asker(session: Session, name: str) -> AskOne:
    return lambda question: session.lakewright.ask.run(session.principal, question, endpoint=name)


def _said(row: dict[str, Outcome]) -> str:
    each = (f"{'right' if o.right else 'wrong'} {o.seconds:.2f} s" for o in row.values())
    return next(each) if len(row) == 1 else ", ".join(f"{n} {said}" for n, said in zip(row, each, strict=True))


def _show(console: Console, results: Results) -> None:
    """The figures of all endpoints side by side, then what sets them apart, then the misses."""
    if results.partial:
        console.print(f"Partial: {results.n} of {results.planned} questions were asked.")
    for shown in side_by_side(results.reports):
        console.print(shown)
    for found in results.comparisons:
        console.print(clean(found.summary), markup=False)
    for shown in _misses(results.reports):
        console.print(shown)


def side_by_side(reports: Mapping[str, Report]) -> Iterator[Table]:
    """The figures of all, then the accuracy by file and by tag."""
    from agents.evaluation.figures import Figures

    measures = [item.name for item in fields(Figures)]
    yield table(("measure", *reports), [(m, *(getattr(made, m) for made in reports.values())) for m in measures])
    yield from _groups("file", list(reports), [made.by_file for made in reports.values()], least=2)
    yield from _groups("tag", list(reports), [made.by_tag for made in reports.values()], least=1)


def _groups(kind: str, names: list[str], each: list[dict[str, Figures]], *, least: int) -> Iterator[Table]:
    """The execution accuracy of each group for every endpoint; none where nothing can be answered."""
    if len(each[0]) < least:
        return
    rows = [(key, figures.n, *(_accuracy(groups[key]) for groups in each)) for key, figures in each[0].items()]
    yield table((kind, "n", *names), rows, title=f"Execution accuracy by {kind}")


def _accuracy(figures: Figures) -> float | None:
    return figures.execution_accuracy if figures.answerable else None


def _misses(reports: Mapping[str, Report]) -> Iterator[Table]:
    for name, made in reports.items():
        rows = [(f.file, f.id, f.question, f.sql, f.got, f.reason) for f in made.failures]
        if rows:
            yield table(("file", "id", "question", "wanted", "got", "reason"), rows, title=f"Misses of {name}")
