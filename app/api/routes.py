"""What the routes share: the open home, the caller and what their token is for, and the base of what is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict, model_validator

from app.api.problems import TooMany
from app.api.text import whole
from app.identity import Identity, identify
from app.tokens import Unauthenticated
from data.errors import Forbidden
from data.policy import Principal

if TYPE_CHECKING:
    from app.api.seal import Seal
    from app.assembly import Lakewright

BEARER = HTTPBearer(auto_error=False, description="An access token, or one of the identity provider in the settings.")

COOKIE = "lakewright_session"


class Body(BaseModel):
    """What a client sends: nothing that isn't declared."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    _whole = model_validator(mode="before")(whole)


async def lakewright_of(request: Request) -> Lakewright:
    """The open home that this server serves."""
    opened: Lakewright = request.app.state.lakewright
    return opened


def identity_of(
    request: Request, home: Annotated[Any, Depends(lakewright_of)], bearer: Annotated[Any, Depends(BEARER)] = None
) -> Identity:
    """Who the request's token or session stands for; Unauthenticated without one, TooMany when it asks too often."""
    secret = bearer.credentials.strip() if bearer is not None else ""
    if not secret and COOKIE in request.cookies and "authorization" not in request.headers:
        secret = _of_session(request, home.seal, request.cookies[COOKIE])
    return admitted(home, secret)


def admitted(home: Lakewright, secret: str) -> Identity:
    """Who a secret stands for, within the requests that they may send."""
    if not secret:
        raise Unauthenticated("There is no access token.", "Send the header: Authorization: Bearer TOKEN")
    identity = identify(home, secret)
    if wait := home.rates.wait(identity.name):
        raise TooMany(f"'{identity.name}'", wait)
    return identity


def _of_session(request: Request, seal: Seal, cookie: str) -> str:
    """The token of a session. What may change something has to come from a page of ours, and prove it."""
    if request.method not in ("GET", "HEAD"):
        same_site(request)
        if not seal.proves(cookie, request.headers.get("x-csrf-token", "")):
            raise Forbidden("The request has no proof that it comes from our page.", "Send X-CSRF-Token.")
    return seal.open(cookie)


def same_site(request: Request) -> None:
    """Forbidden for what a browser says that a page of another site made it send."""
    origin = request.headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")
    if foreign or request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("The request comes from another site.", "Use the page of this server.")


async def principal_of(identity: Annotated[Identity, Depends(identity_of)]) -> Principal:
    """The principal under whose rights the request is answered."""
    return identity.principal


def needs(scope: str, task: str = "do this") -> Any:
    """What stands before a route that is open to tokens with this scope alone."""

    async def required(identity: Annotated[Identity, Depends(identity_of)]) -> None:
        identity.require(scope, task)

    return Depends(required)


Home = Annotated[Any, Depends(lakewright_of)]
Caller = Annotated[Principal, Depends(principal_of)]
