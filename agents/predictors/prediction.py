"""One prediction with all that it was made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agents.predictors.scorer import Reason
from data.features.given import Provenance
from data.gateway import SourceUse
from data.values import plain


@dataclass(frozen=True)
class Prediction:
    """`at` is the moment that the features are of, `made_at` when they were scored, both in UTC without a zone.

    `keys` name the subject; `features` are the model's inputs by column. For a ranking, `prediction` is the score of
    the best choice and `ranking` has all choices, best first. `tables` are those that the subject was completed from,
    none where the caller gave all of it.
    """

    id: str
    model: str
    version: int
    principal: str
    made_at: datetime
    at: datetime
    keys: Mapping[str, Any]
    prediction: float
    flagged: bool
    threshold: float | None
    reasons: tuple[Reason, ...]
    ranking: tuple[tuple[str, float], ...]
    features: Mapping[str, Any]
    tables: tuple[SourceUse, ...] = ()
    views: tuple[Provenance, ...] = ()

    @property
    def freshness(self) -> datetime | None:
        """When the least fresh of the features' views was brought up to date."""
        return min((view.refreshed for view in self.views if view.refreshed is not None), default=None)

    def as_json(self) -> dict[str, Any]:
        """What callers get of it."""
        document = {
            "prediction": self.prediction,
            "flagged": self.flagged,
            "threshold": self.threshold,
            "reasons": [vars(reason) for reason in self.reasons],
            "ranking": [{"choice": choice, "score": score} for choice, score in self.ranking],
            "keys": self.keys,
            "features": self.features,
            "model": self.model,
            "version": self.version,
            "id": self.id,
            "at": self.at,
            "made_at": self.made_at,
            "sources": [vars(use) for use in self.tables] + [_view(view) for view in self.views],
            "freshness": self.freshness,
        }
        if self.ranking:
            del document["flagged"], document["threshold"]
        else:
            del document["ranking"]
        return {name: plain(value) for name, value in document.items()}


def _view(view: Provenance) -> dict[str, Any]:
    return {**vars(view), "absent": "".join(view.absent)}
