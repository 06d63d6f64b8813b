"""Predictions for subjects that are named by their keys: from the subject's row and the features of its moment."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from agents.predictors.log import PredictionLog
from agents.predictors.models import Loaded, Models
from agents.predictors.prediction import Prediction
from agents.predictors.rights import Rights, unknown
from agents.predictors.scorer import REASONS, Score
from agents.predictors.store import CHAMPION, ModelStore
from agents.predictors.subject import Found, Subjects, from_text, naive, name_of
from data.errors import Invalid, NotFound
from data.features.duration import SECOND
from data.features.given import Provenance
from data.features.online.refresh import GRACE
from data.policy import Principal

if TYPE_CHECKING:
    import pyarrow as pa

    from data.features.platform import Features
    from data.gateway import Gateway

MOST = 1_000
"""Subjects of one call; tables are scored by `agents.predictors.batch`."""

RECENT = timedelta(seconds=GRACE / SECOND)
"""Moments that are no older than this are the online store's; older ones are looked up in the history."""


@dataclass(frozen=True)
class _Row:
    """A subject on its way: its place among those asked for, and the moment that its features are of."""

    place: int
    found: Found
    at: datetime


class Predictor:
    """Scores under the caller's rights, and logs what it gives out. Many threads may use one."""

    def __init__(self, features: Features, gateway: Gateway, store: ModelStore) -> None:
        self.features, self.gateway = features, gateway
        self.models = Models(store)
        self.rights = Rights(features, gateway)
        self.log = PredictionLog(features.home)
        self._lock = threading.Lock()
        self._subjects: dict[object, Subjects] = {}

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
        return self._of(principal, model).needed

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
        model = self._known(principal, name, version)
        subjects = self._of(principal, model)
        moment = None if at is None else naive(at)
        rows = self._rows(subjects, keys, moment)
        made: dict[int, Prediction] = {}
        for table, views, some in self._featured(principal, model, subjects, rows):
            scores = model.scorer.score(table, reasons)
            values = _inputs(model, table)
            for row, score, inputs in zip(some, scores, values, strict=True):
                made[row.place] = _prediction(principal, model, row, score, inputs, views)
        predictions = [made[place] for place in range(len(keys))]
        self.log.write(predictions)
        return predictions

    def read_key(self, principal: Principal, name: str, key: Mapping[str, str]) -> dict[str, Any]:
        """A key out of a question's words, in the types of its columns. Invalid where they do not fit."""
        schema = self.rights.require(principal, self._known(principal, name, CHAMPION))
        return {column: from_text(column, text, schema.field(column).type) for column, text in key.items()}

    def last(self, principal: Principal, name: str, key: Mapping[str, Any]) -> dict[str, Any] | None:
        """The record of the newest prediction for a subject that the caller sees; None where it was never scored.
        Raises what `score` does."""
        subjects = self._of(principal, self._known(principal, name, CHAMPION))
        [row] = self._rows(subjects, [key], None)
        return self.log.newest(name, name_of(row.found.row, subjects.spec.key))

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

    def _of(self, principal: Principal, model: Loaded) -> Subjects:
        schema = self.rights.require(principal, model)
        # What a principal's queries give hangs on who they are, so each has their own.
        key = (principal.name, self.gateway.policy.sight(principal), model.version.name, model.version.version)
        with self._lock:
            kept = self._subjects.get(key)
            if kept is None or kept.schema is not schema:
                names = model.spec.features
                used = [plan for plan, _ in self.features.picked(principal, names)] if names else []
                kept = Subjects(self.gateway, principal, model.spec, used, schema)
                self._subjects[key] = kept
            return kept

    def _rows(self, subjects: Subjects, keys: Sequence[Mapping[str, Any]], at: datetime | None) -> list[_Row]:
        now = datetime.now(UTC).replace(tzinfo=None)
        rows = []
        for place, (asked, found) in enumerate(zip(keys, subjects.complete(keys, at), strict=True)):
            if found is None:
                named = ", ".join(f"{name} {asked.get(name)!r}" for name in subjects.spec.key)
                raise NotFound(f"There is no {named} that you may see.", "Look at the key.", keys=dict(asked))
            rows.append(_Row(place, found, at or naive(found.row.get(subjects.spec.time)) or now))
        return rows

    def _featured(
        self, principal: Principal, model: Loaded, subjects: Subjects, rows: Sequence[_Row]
    ) -> list[tuple[pa.Table, tuple[Provenance, ...], list[_Row]]]:
        """The rows with their features, together where these come from the same place."""
        names, time = model.spec.features, model.spec.time
        if not names:
            return [(_table(subjects.schema, rows, time), (), list(rows))]
        recent = datetime.now(UTC).replace(tzinfo=None) - RECENT
        groups: dict[datetime | None, list[_Row]] = {}
        for row in rows:
            groups.setdefault(row.at if row.at >= recent else None, []).append(row)
        made = []
        for at, some in groups.items():
            table = _table(subjects.schema, some, time)
            if at is None:
                found, views = self.features.at(principal, table, time, names)
            else:
                found, views = self.features.now(principal, table, names, at)
            made.append((found, views, some))
        return made


def _table(schema: pa.Schema, rows: Sequence[_Row], time: str) -> pa.Table:
    """The subjects' rows; what nobody gave is null."""
    import pyarrow as pa

    place = schema.get_field_index(time)
    wide = schema.set(place, pa.field(time, pa.timestamp("us")))
    return pa.Table.from_pylist([{**row.found.row, time: row.at} for row in rows], schema=wide)


def _inputs(model: Loaded, table: pa.Table) -> list[dict[str, Any]]:
    """What the model reads of each row."""
    names = [column.name for column in model.spec.columns if column.name != model.spec.choice]
    rows: list[dict[str, Any]] = table.select(names).to_pylist()
    return rows


def _prediction(
    principal: Principal,
    model: Loaded,
    row: _Row,
    score: Score,
    inputs: Mapping[str, Any],
    views: tuple[Provenance, ...],
) -> Prediction:
    spec = model.spec
    return Prediction(
        id=uuid.uuid4().hex,
        model=model.version.name,
        version=model.version.version,
        principal=principal.name,
        made_at=datetime.now(UTC).replace(tzinfo=None),
        at=row.at,
        keys={name: row.found.row[name] for name in spec.key if name in row.found.row},
        prediction=score.prediction,
        flagged=score.flagged,
        threshold=None if spec.task == "rank" else spec.threshold,
        reasons=score.reasons,
        ranking=score.ranking,
        features=inputs,
        tables=row.found.tables,
        views=views,
    )
