"""Predictions for subjects that are named by their keys: from the subject's row and the features of its moment."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from agents.predictors.log import PredictionLog
from agents.predictors.models import Loaded, Models
from agents.predictors.prediction import Prediction
from agents.predictors.rights import Rights, unknown
from agents.predictors.scorer import REASONS
from agents.predictors.service import Service
from agents.predictors.store import CHAMPION, ModelStore
from agents.predictors.subject import Subjects, from_text, naive, name_of
from data.errors import Invalid, NotFound
from data.policy import Principal

if TYPE_CHECKING:
    from data.features.platform import Features
    from data.gateway import Gateway

MOST = 1_000
"""Subjects of one call; tables are scored by `agents.predictors.batch`."""

KEPT = 1_000
"""Callers, each with a model, whose services are kept."""


class Predictor:
    """Scores under the caller's rights, and logs what it gives out. Many threads may use one."""

    def __init__(self, features: Features, gateway: Gateway, store: ModelStore) -> None:
        self.features, self.gateway = features, gateway
        self.models = Models(store)
        self.rights = Rights(features, gateway)
        self.log = PredictionLog(features.home)
        self._lock = threading.Lock()
        self._services: dict[object, Service] = {}

    def visible(self, principal: Principal) -> list[Loaded]:
        """The champions of whose subject the caller sees something."""
        return [model for model in self.models.champions() if self.rights.sees(principal, model)]

    def usable(self, principal: Principal, name: str, version: str | int = CHAMPION) -> Loaded:
        """A model that the caller may use. NotFound for one that they may not know of, Forbidden for one that reads
        what they may not see."""
        model = self._known(principal, name, version)
        self.rights.require(principal, model)
        return model

    def needed(self, principal: Principal, model: Loaded) -> tuple[str, ...]:
        """The columns of a subject that the model reads, and the keys of its features' entities."""
        return self._of(principal, model).subjects.needed

    def score(
        self,
        principal: Principal,
        name: str,
        keys: Sequence[Mapping[str, Any]],
        at: datetime | None = None,
        *,
        version: str | int = CHAMPION,
        reasons: int = REASONS,
    ) -> list[Prediction]:
        """A prediction for each. `keys` have the subject's key, and the caller's own query gives the rest; or all that
        the model reads beside features, as for a payment that is being made.

        Features are those of the subject's moment, or of `at`: out of the online store for now, and as they were known
        then for the past. Raises what `usable` raises, NotFound for a subject that the caller does not see, Invalid
        for what can't be read.
        """
        if not 0 < len(keys) <= MOST:
            raise Invalid(f"{len(keys):,} subjects were given; 1 to {MOST:,} can be.", "Score a table for more.")
        service = self._of(principal, self._known(principal, name, version))
        return service.score(keys, None if at is None else naive(at), reasons)

    def read_key(self, principal: Principal, name: str, key: Mapping[str, str]) -> dict[str, Any]:
        """A key out of a question's words, in the types of its columns. Invalid where they do not fit."""
        schema = self.rights.require(principal, self._known(principal, name, CHAMPION))
        return {column: from_text(column, text, schema.field(column).type) for column, text in key.items()}

    def last(self, principal: Principal, name: str, key: Mapping[str, Any]) -> dict[str, Any] | None:
        """The record of the newest prediction for a subject that the caller sees; None where it was never scored.
        Raises what `score` does."""
        service = self._of(principal, self._known(principal, name, CHAMPION))
        [row] = service.rows([key], None)
        return self.log.newest(name, name_of(row.found.row, service.model.spec.key))

    def close(self) -> None:
        """Move the log into its tables."""
        self.log.close()

    def _known(self, principal: Principal, name: str, version: str | int) -> Loaded:
        try:
            model = self.models.get(name, version)
        except NotFound:
            # What is wrong with a model is for those who may know of it.
            if any(one.version.name == name for one in self.visible(principal)):
                raise
            raise unknown(name) from None
        if not self.rights.sees(principal, model):
            raise unknown(name)
        return model

    def _of(self, principal: Principal, model: Loaded) -> Service:
        schema = self.rights.require(principal, model)
        # What a principal's queries give hangs on who they are, so each has their own.
        key = (principal.name, self.gateway.policy.sight(principal), model.version.name, model.version.version)
        with self._lock:
            kept = self._services.get(key)
            if kept is None or kept.subjects.schema is not schema:
                names = model.spec.features
                used = [plan for plan, _ in self.features.picked(principal, names)] if names else []
                subjects = Subjects(self.gateway, principal, model.spec, used, schema)
                kept = Service(principal, model, subjects, self.features, self.log)
                self._services[key] = kept
                if len(self._services) > KEPT:
                    del self._services[next(iter(self._services))]
            return kept
