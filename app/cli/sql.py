"""`sql`: one governed query."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.command import Session, Shown, command
from app.cli.tables import table
from data.errors import Invalid

if TYPE_CHECKING:
    from rich.console import Console


def register(app: typer.Typer) -> None:
    command(app, "sql")(sql)


def sql(
    session: Session,
    query: Annotated[str, typer.Argument(help="One SELECT statement; - reads it from standard input.")],
    limit: Annotated[int | None, typer.Option(min=1, help="The most rows to give.")] = None,
    timeout: Annotated[float | None, typer.Option(min=0.1, help="The most seconds it may take.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show what reaches the stores; run nothing.")] = False,
    engine: Annotated[str | None, typer.Option(help="What runs it: duckdb or spark.")] = None,
) -> Shown:
    """Run one query under the caller's rights."""
    text = sys.stdin.read() if query == "-" else query
    if not text.strip():
        raise Invalid("The query is empty.", 'Give one SELECT statement, such as: lakewright sql "SELECT 1"')
    if explain:
        return _explained(session, text, engine)
    from app.values import document_of

    result = session.lakewright.gateway.query(session.principal, text, limit=limit, timeout=timeout, engine=engine)
    document = document_of(result)
    return Shown(document, lambda console: _print(console, document))


def _print(console: Console, document: dict[str, Any]) -> None:
    console.print(table(document["columns"], document["rows"]))
    more = " (there are more: raise --limit)" if document["truncated"] else ""
    sources = ", ".join(source["table"] for source in document["sources"])
    count = len(document["rows"])
    from_ = f" from {sources}" if sources else ""
    console.print(
        f"{count} row{'' if count == 1 else 's'}{more}{from_} in {document['seconds']:.2f} s, "
        f"audit {document['audit_id']}",
        style="dim",
        markup=False,
    )


def _explained(session: Session, text: str, engine: str | None) -> Shown:
    gateway = session.lakewright.gateway
    governed, accesses = gateway.explain(session.principal, text, engine=engine)
    # The governed SQL, and tables that the caller has not named, tell what their policy keeps to itself.
    all_seen = gateway.policy.sees_all(session.principal)
    visible = gateway.visible(session.principal)
    tables = [vars(access) for access in accesses if all_seen or access.table in visible]
    document = {"sql": governed if all_seen else None, "tables": tables}
    columns = ("table", "operator", "columns", "filters", "rest", "limit")

    def human(console: Console) -> None:
        rows = [[_cell(access[name]) for name in columns] for access in tables]
        console.print(table(columns, rows))
        console.print("filters reach the store; rest is filtered right behind it.", style="dim")

    return Shown(document, human)


def _cell(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)
