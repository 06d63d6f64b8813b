"""`documents`: folders of policies and runbooks, their index, and the passages that answer a question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.command import Session, Shown, clean, command
from app.cli.tables import table
from app.listing import passage_of, shelf_of

if TYPE_CHECKING:
    from rich.console import Console


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Policies, runbooks and other documents.")
    command(group, "add")(add)
    command(group, "list")(list_)
    command(group, "search")(search)
    command(group, "refresh")(refresh)
    app.add_typer(group, name="documents")


def add(
    session: Session,
    name: Annotated[str, typer.Argument(help="What the policy and the answers will call the source.")],
    folder: Annotated[str, typer.Argument(help="A folder with Markdown, HTML, PDF or text files.")],
    owner: Annotated[str, typer.Option(help="Who answers for the documents.")] = "",
    description: Annotated[str, typer.Option(help="What they are about.")] = "",
) -> Shown:
    """Add a folder and read its documents; its owner may read them at once, others when the policy grants it."""
    from data import onboard

    lakewright = session.administer("change the catalogue")
    source = onboard.add_documents(session.settings.home, name, folder, owner=owner, description=description)
    lakewright.note(session.name, "documents add", f"source '{source.name}'")
    return _reports([lakewright.library.refresh(source.name, session.say)[0].as_json()])


def list_(session: Session) -> Shown:
    """List the documents that the caller may read."""
    shelves = [shelf_of(shelf) for shelf in session.lakewright.library.shelves(session.principal)]

    def human(console: Console) -> None:
        columns = ("source", "file", "title", "version", "problem")
        rows = [(shelf["name"], *(file[c] for c in columns[1:])) for shelf in shelves for file in shelf["files"]]
        console.print(table(columns, rows))

    return Shown({"documents": shelves}, human)


def search(
    session: Session,
    question: Annotated[str, typer.Argument(help="A question in plain words.")],
    top: Annotated[int, typer.Option(min=1, max=20, help="How many passages.")] = 5,
) -> Shown:
    """Show the passages that fit a question, word for word, of what the caller may read."""
    found = session.lakewright.library.search(session.principal, question, top)
    passages = [passage_of(one.passage, one.score) for one in found]

    def human(console: Console) -> None:
        for one in passages:
            page = f", page {one['page']}" if one["page"] else ""
            console.print(clean(f"{one['heading']} ({one['document']}{page})"), style="bold", markup=False)
            console.print(clean(one["text"]), markup=False)

    return Shown({"passages": passages}, human)


def refresh(
    session: Session, name: Annotated[str | None, typer.Argument(help="A source of documents; else all.")] = None
) -> Shown:
    """Read what is new or changed, and forget what has gone; a file that can't be read is reported and skipped."""
    lakewright = session.administer("refresh documents")
    reports = [report.as_json() for report in lakewright.library.refresh(name, session.say)]
    lakewright.note(session.name, "documents refresh", ", ".join(report["source"] for report in reports))
    return _reports(reports)


def _reports(reports: list[dict[str, Any]]) -> Shown:
    def human(console: Console) -> None:
        columns = ("source", "added", "changed", "removed", "unchanged", "skipped", "seconds")
        rows = [[len(r[c]) if isinstance(r[c], list) else r[c] for c in columns] for r in reports]
        console.print(table(columns, rows))
        for report in reports:
            for skipped in report["skipped"]:
                said = f"{report['source']}/{skipped['file']}: {skipped['problem']} {skipped['remedy']}"
                console.print(clean(said), markup=False)

    return Shown({"refreshed": reports}, human)
