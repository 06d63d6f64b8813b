"""Who a page stands for: the session in the browser's cookie, which is the API's, looked at anew at every event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.api.routes import COOKIE, same_site
from app.identity import Identity, identify
from app.tokens import Unauthenticated
from data.errors import Forbidden

if TYPE_CHECKING:
    from app.assembly import Lakewright
    from data.policy import Principal

SIGN_IN = "async (token) => [await lakewright.signIn(token)]"
"""The token goes to the API, which gives a cookie for it; the page's own events never carry it."""
SIGN_OUT = "async () => { await lakewright.signOut(); return []; }"
AGAIN = "Reload the page."


@dataclass(frozen=True)
class Visit:
    """One page that is open, as the server remembers it. Who it is says the cookie alone: `owner` is who it was when
    the page was opened."""

    owner: str = ""
    thread: str = ""
    """The conversation that is open; empty before its first question."""
    cards: tuple[str, ...] = ()
    answer_id: str = ""
    endpoint: str = ""
    """What answers; empty for the current one."""


def arrived(lakewright: Lakewright) -> Identity | None:
    """Who the browser is signed in as, None where it is not; Forbidden where their token is not for the pages."""
    request = _request()
    if not request.cookies.get(COOKIE):
        return None
    identity = _identity(lakewright, request)
    identity.require("ui")
    return identity


def visitor(lakewright: Lakewright, visit: Visit) -> Identity:
    """Who sends this event. Unauthenticated where the session is over or another's than the page's, Forbidden without
    the proof that a page of ours sends it."""
    request = _request()
    if not request.cookies.get(COOKIE):
        raise Unauthenticated("You are not signed in.", AGAIN)
    if not lakewright.seal.proves(request.cookies[COOKIE], request.headers.get("x-csrf-token", "")):
        raise Forbidden("The event has no proof that it comes from this page.", AGAIN)
    identity = _identity(lakewright, request)
    if identity.name != visit.owner:
        now = "The server was started again" if not visit.owner else f"You are signed in as '{identity.name}' now"
        raise Unauthenticated(f"{now}.", AGAIN)
    return identity


def signed_in(lakewright: Lakewright, visit: Visit) -> Principal:
    """The principal of whoever sends this event; Forbidden if their token is not for the pages."""
    identity = visitor(lakewright, visit)
    identity.require("ui")
    return identity.principal


def _identity(lakewright: Lakewright, request: Any) -> Identity:
    same_site(request)
    return identify(lakewright, lakewright.seal.open(request.cookies[COOKIE]))


def _request() -> Any:
    """The request of the event that is under way."""
    from gradio.context import LocalContext

    request = LocalContext.request.get(None)
    if request is None:
        raise Unauthenticated("There is no request.", "Use the page in a browser.")
    return request
