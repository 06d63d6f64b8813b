"""The route of the feature platform: values from the online store, as far as the caller may see them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from app.api.problems import documented
from app.api.routes import Body, Caller, Home, needs
from data.values import plain

router = APIRouter(prefix="/api", tags=["features"], dependencies=[needs("features")])

Keys = dict[str, str | int]

MOST = 1_000
"""Entities of one request."""


FOUND = {
    "view": "card_payments", "at": "2026-03-01T10:00:00+00:00",
    "entities": [{"keys": {"card_id": 7}, "features": {"spent_1d": 12.5}, "reason": None}],
}  # fmt: skip


class FeaturesBody(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"view": "card_payments", "entities": [{"card_id": 7}]}]})

    view: str = Field(max_length=200)
    entities: list[Keys] = Field(min_length=1, max_length=MOST)
    features: list[str] = Field(default_factory=list, max_length=MOST)
    """All that the caller may see by default."""
    at: datetime | None = None
    """A moment that is not long past; now by default."""


@router.post("/features", responses=documented(FOUND))
def features(body: FeaturesBody, home: Home, caller: Caller) -> dict[str, Any]:
    """The features of some entities of a view. Where there are no values, `reason` says why."""
    at = body.at or datetime.now(UTC)
    found = home.features.get(caller, body.view, body.entities, body.features, at)
    entities = [
        {"keys": keys, "features": {name: plain(value) for name, value in got.values.items()}, "reason": got.reason}
        for keys, got in zip(body.entities, found, strict=True)
    ]
    return {"view": body.view, "at": at.isoformat(), "entities": entities}
