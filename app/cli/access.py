"""Tokens, the policy and the audit trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.command import Session, Shown, command
from app.cli.tables import table
from app.scopes import FACES, parsed

if TYPE_CHECKING:
    from rich.console import Console

    from app.tokens import Token


def register(app: typer.Typer) -> None:
    tokens = typer.Typer(no_args_is_help=True, help="Access tokens for the API and the chat.")
    command(tokens, "create")(create)
    command(tokens, "list")(list_)
    command(tokens, "revoke")(revoke)
    policy = typer.Typer(no_args_is_help=True, help="Who may see what.")
    command(policy, "explain")(explain)
    audit = typer.Typer(no_args_is_help=True, help="Who asked what.")
    command(audit, "tail")(tail)
    command(audit, "verify")(verify)
    for name, group in (("token", tokens), ("policy", policy), ("audit", audit)):
        app.add_typer(group, name=name)


def create(
    session: Session,
    principal: Annotated[str, typer.Option("--for", metavar="PRINCIPAL", help="Whom the token stands for.")],
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="How long it is valid.")] = None,
    scope: Annotated[
        str, typer.Option(metavar="SCOPES", help="What it is for: ask,sql,… or all.  [default: all but admin]")
    ] = "",
) -> Shown:
    """Make a token. It is shown once."""
    lakewright = session.administer("make tokens")
    known = lakewright.principal(principal)
    scopes = parsed(scope) if scope else FACES
    secret, token = lakewright.tokens.create(known.name, days or session.settings.token_days, scopes)
    about = f"token {token.id} for '{token.principal}' with {', '.join(token.scopes)}"
    lakewright.note(session.name, "token create", about)
    document = {"token": secret, **_record(token)}

    def human(console: Console) -> None:
        console.print(secret, markup=False, soft_wrap=True)
        console.print(f"For {token.principal} until {token.expires_at:%Y-%m-%d}. It is not shown again.", style="dim")

    return Shown(document, human)


def list_(session: Session) -> Shown:
    """List the tokens, without their secrets."""
    records = [_record(token) for token in session.administer("see the tokens").tokens.all()]
    columns = ("id", "principal", "scopes", "created_at", "expires_at", "revoked_at")
    told = [{**record, "scopes": " ".join(record["scopes"])} for record in records]
    rows = [[record[column] for column in columns] for record in told]
    return Shown({"tokens": records}, lambda console: console.print(table(columns, rows)))


def revoke(session: Session, id: Annotated[str, typer.Argument(help="The id that `token list` shows.")]) -> Shown:
    """End a token now."""
    lakewright = session.administer("revoke tokens")
    token = lakewright.tokens.revoke(id)
    lakewright.note(session.name, "token revoke", f"token {token.id} of '{token.principal}'")
    return Shown(_record(token), lambda console: console.print(f"Token {token.id} is revoked.", markup=False))


def _record(token: Token) -> dict[str, Any]:
    moments = {"created_at": token.created_at, "expires_at": token.expires_at, "revoked_at": token.revoked_at}
    shown = {name: at.isoformat(timespec="seconds") if at else None for name, at in moments.items()}
    return {"id": token.id, "principal": token.principal, "scopes": list(token.scopes), **shown}


def explain(
    session: Session, name: Annotated[str, typer.Argument(metavar="TABLE", help="Such as square.payments.")]
) -> Shown:
    """Say what the principal sees of a table, and why: columns, masks, row filters and budget, rule by rule.

    With --as it is told of another principal, hidden columns among it: the command line is the home owner's.
    """
    from data.explain import explain as explained
    from data.explain import sentences

    gateway, principal = session.lakewright.gateway, session.principal
    whole = gateway.catalog.table(name)
    visible = gateway.visible(principal)
    seen = visible.table(name).columns if name in visible else ()
    masks, where = gateway.policy.masks(principal, whole), gateway.policy.row_filter(principal, whole)
    columns = [{"name": c.name, "type": c.type, "mask": masks.get(c.name)} for c in seen]
    why = explained(gateway.policy, principal, whole)
    document = {"table": whole.full_name, "principal": session.name, "columns": columns, "row_filter": where}

    def human(console: Console) -> None:
        console.print(f"{session.name} sees of {whole.full_name}:", markup=False)
        console.print(table(("column", "type", "mask"), [tuple(column.values()) for column in columns]))
        console.print(f"rows: {where or 'all'}" if seen else "nothing", markup=False)
        console.print("\nWhy:", *(f"  {line}" for line in sentences(why)), sep="\n", markup=False)

    return Shown({**document, "why": why}, human)


def tail(
    session: Session,
    n: Annotated[int, typer.Option("-n", "--lines", min=1, max=10_000, help="How many.")] = 20,
) -> Shown:
    """Show the newest entries of the audit trail."""
    from data.values import plain

    records = session.administer("read the audit trail").gateway.audit.tail(n)
    entries = [plain(vars(record)) for record in records]
    columns = ("at", "principal", "kind", "asked", "outcome", "rows", "ms")
    told = [{**entry, "asked": entry["asked"] or entry["question"] or entry["message"]} for entry in entries]
    rows = [[str(entry[column]) for column in columns] + [_flow(entry["lineage"])] for entry in told]
    shown = (*columns, "lineage")
    return Shown({"entries": entries}, lambda console: console.print(table(shown, rows)))


def _flow(lineage: Mapping[str, Sequence[str]]) -> str:
    """`output < source columns`, and those that only decided about rows."""
    parts = [f"{name or '(read)'} < {', '.join(origins)}" for name, origins in lineage.items() if origins]
    return "; ".join(parts)


def verify(
    session: Session,
    anchor: Annotated[
        str | None, typer.Option(metavar="SEQ:HASH", help="The end of the trail as an earlier check gave it.")
    ] = None,
) -> Shown:
    """Check that no entry of the audit trail was changed or removed; gives its end, to be kept elsewhere."""
    from data.audit import Head

    audit = session.administer("check the audit trail").gateway.audit
    verdict = audit.verify(Head.parse(anchor) if anchor else None)
    says = f"The trail of {verdict.records} records is whole." if verdict.ok else verdict.problem

    def human(console: Console) -> None:
        console.print(says, markup=False)
        console.print(f"Its end, for --anchor: {verdict.seq}:{verdict.hash}", markup=False, soft_wrap=True)

    return Shown(vars(verdict), human, exit_code=0 if verdict.ok else 1)
