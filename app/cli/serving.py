"""`serve`: the API, MCP and the chat on one port; `mcp`: MCP over stdio."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.command import Session, Shown, command
from data.errors import Forbidden

if TYPE_CHECKING:
    from app.assembly import Lakewright

SHORTEST, DIFFERENT = 32, 10
"""Characters of a secret, and how many of them differ."""
PLACEHOLDERS = ("changeme", "change-me", "change_me", "placeholder", "example", "password", "lakewright")


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
) -> Shown:
    """Serve the API and the chat until interrupted."""
    from app.api.server import serve_until_stopped

    lakewright = session.administer("serve this home")
    address, number = host or session.settings.host, session.settings.port if port is None else port
    if not _is_local(address) and not allow_remote:
        raise Forbidden(
            f"'{address}' can be reached from other machines, and tokens would travel unencrypted.",
            "Leave --host out, or put a TLS proxy in front and add --allow-remote.",
        )
    if not _is_local(address):
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
    secret = lakewright.settings.secret.get_secret_value()
    if len(secret) < SHORTEST or len(set(secret)) < DIFFERENT or any(word in secret.lower() for word in PLACEHOLDERS):
        raise Forbidden(
            "The setting `secret` is missing, too short or a placeholder.",
            'Set LAKEWRIGHT_SECRET to what this gives: python -c "import secrets; print(secrets.token_urlsafe(48))"',
        )


def _is_local(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"
