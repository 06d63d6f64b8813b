"""Signing in for a browser: a token comes once, and a cookie that no script can read stands for it."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ConfigDict, Field

from app.api.problems import documented
from app.api.routes import COOKIE, Body, Home, identity_of, same_site
from app.api.seal import LONGEST
from app.identity import Identity, identify

router = APIRouter(prefix="/api/session", tags=["session"])

PROOF = "lakewright_csrf"
LOCAL = ("127.0.0.1", "::1", "localhost", "testserver")
EXAMPLE = {"principal": "owner", "scopes": ["ask", "sql"], "administrator": False, "csrf": "5b1f…"}


class SignIn(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"token": "lw_…"}]})

    token: str = Field(min_length=1, max_length=LONGEST)


@router.post("", responses=documented(EXAMPLE))
def sign_in(body: SignIn, request: Request, response: Response, home: Home) -> dict[str, Any]:
    """Sign in with a token. The answer's `csrf` goes into the header X-CSRF-Token of every request that changes
    something or asks for data by POST."""
    same_site(request)
    identity = identify(home, body.token.strip())
    cookie = home.seal.close(body.token.strip())
    proof = home.seal.proof(cookie)
    kept: dict[str, Any] = {
        "max_age": home.settings.session_hours * 3600, "samesite": "strict", "secure": _secure(request),
    }  # fmt: skip
    response.set_cookie(COOKIE, cookie, httponly=True, **kept)
    # For our own page's scripts: no other site reads it, and alone it opens nothing.
    response.set_cookie(PROOF, proof, **kept)
    return _told(identity, proof)


@router.get("", responses=documented(EXAMPLE))
def session(request: Request, home: Home, identity: Annotated[Identity, Depends(identity_of)]) -> dict[str, Any]:
    """Who is signed in."""
    cookie = request.cookies.get(COOKIE, "")
    return _told(identity, home.seal.proof(cookie) if cookie else "")


@router.delete("", status_code=204, responses=documented(status=204))
def sign_out(request: Request, response: Response) -> None:
    """Sign out. It needs nothing, and ends nobody else's session."""
    same_site(request)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=_secure(request))
    response.delete_cookie(PROOF, samesite="strict", secure=_secure(request))


def _told(identity: Identity, proof: str) -> dict[str, Any]:
    scopes = sorted(scope for scope in identity.scopes if identity.may(scope))
    return {"principal": identity.name, "scopes": scopes, "administrator": identity.administrator, "csrf": proof}


def _secure(request: Request) -> bool:
    """Whether the cookie is for TLS alone: everywhere but on this very machine."""
    return request.url.scheme == "https" or urlsplit(str(request.url)).hostname not in LOCAL
