"""Routes of the endpoints that answer, for the administrator."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from app.api.problems import documented
from app.api.routes import Caller, Home, needs
from app.settings import remember

router = APIRouter(prefix="/api/endpoints", tags=["endpoints"], dependencies=[needs("admin", "choose the model")])

ENDPOINT = {
    "name": "embedded", "kind": "embedded", "model": "", "adapter": "ask-smollm2", "current": True, "wanted": True,
    "circuit": "closed", "why": "", "failure": "",
}  # fmt: skip
ALL = documented({"endpoints": [ENDPOINT]})


@router.get("", responses=ALL)
def endpoints(home: Home) -> dict[str, Any]:
    """Each endpoint: whether it is the current one, the state of its circuit, and why it could not take over."""
    return {"endpoints": _told(home)}


@router.post("/{name}/use", responses=ALL)
def use(name: str, home: Home, caller: Caller) -> dict[str, Any]:
    """Let this endpoint answer from now on: as soon as it is open, and without a question that fails."""
    spec = home.live.spec(name)
    remember(home.settings.home, endpoint=spec.name)
    home.note(caller.name, "model use", spec.name)
    return {"endpoints": _told(home)}


def _told(home: Any) -> list[dict[str, Any]]:
    from agents.endpoints.breaker import Breaker
    from agents.endpoints.fleet import Fleet

    fleet = home.endpoints
    current, found = next(iter(fleet), ""), []
    for spec in home.live.specs():
        breaker = home.router.breakers.get(spec.name, Breaker())
        failure = fleet.failure(spec.name) if isinstance(fleet, Fleet) else ""
        told = {"name": spec.name, "kind": spec.kind, "model": spec.model, "adapter": spec.adapter}
        state = {"current": spec.name == current, "wanted": spec.name == home.live.endpoint}
        found.append({**told, **state, "circuit": breaker.state, "why": breaker.why, "failure": failure})
    return found
