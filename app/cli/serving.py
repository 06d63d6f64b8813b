"""`serve`: the API, MCP and the chat on one port; `mcp`: MCP over stdio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.cli.command import Session, Shown, command
from app.home import local
from app.secret import complaint
from data.errors import Forbidden

if TYPE_CHECKING:
    from app.assembly import Lakewright


def register(app: typer.Typer) -> None:
    command(app, "serve")(serve)
    command(app, "mcp")(mcp)


def serve(
    session: Session,
    host: Annotated[str | None, typer.Option(help="The address to listen on.  [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="The port.  [default: 8400]")] = None,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Let other machines reach it; put TLS in front.")
    ] = False,
    log: Annotated[
        Literal["text", "json"] | None, typer.Option(help="How to log: for people or for programs.  [default: text]")
    ] = None,
) -> Shown:
    """Serve the API and the chat until interrupted."""
    from app.api.server import serve_until_stopped

    lakewright = session.administer("serve this home")
    if log is not None:
        lakewright.settings = lakewright.settings.model_copy(update={"log": log})
    address, number = host or session.settings.host, session.settings.port if port is None else port
    if not local(address) and not allow_remote:
        raise Forbidden(
            f"'{address}' can be reached from other machines, and tokens would travel unencrypted.",
            "Leave --host out, or put a TLS proxy in front and add --allow-remote.",
        )
    if not local(address):
        _require_protection(lakewright)
    try:
        serve_until_stopped(lakewright, address, number, lambda url: session.show(_ready(url)))
    finally:
        lakewright.close()
    raise typer.Exit


def mcp(session: Session) -> Shown:
    """Speak the Model Context Protocol over stdin and stdout, as the principal of --as, for the home's owner."""
    import anyio

    from app.identity import known
    from app.mcp.server import over_stdio

    lakewright = session.lakewright.prepare()
    identity = known(lakewright, session.name)
    try:
        anyio.run(over_stdio(lakewright, identity).run_stdio_async)
    finally:
        lakewright.close()
    raise typer.Exit


def _ready(url: str) -> Shown:
    hint = "Sign in with a token: lakewright token create --for PRINCIPAL. Ctrl-C stops the server."
    return Shown({"url": url}, lambda console: console.print(f"Lakewright is at {url}\n{hint}", markup=False))


def _require_protection(lakewright: Lakewright) -> None:
    """Forbidden unless people can sign in, and what seals their sessions is a real secret."""
    if lakewright.settings.oidc is None and not lakewright.tokens.usable():
        raise Forbidden("Nobody could sign in.", "Make a token: lakewright token create --for PRINCIPAL")
    if wrong := complaint(lakewright.settings.secret.get_secret_value()):
        raise Forbidden(
            f"The setting `secret` is {wrong}.",
            'Set LAKEWRIGHT_SECRET to what this gives: python -c "import secrets; print(secrets.token_urlsafe(48))"',
        )
