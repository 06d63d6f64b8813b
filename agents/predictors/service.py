"""One model for one caller: requests that come at the same time share queries, look-ups and the log's transaction."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from agents.predictors.gather import Gather
from agents.predictors.log import PredictionLog
from agents.predictors.models import Loaded
from agents.predictors.prediction import Prediction
from agents.predictors.scorer import Score
from agents.predictors.subject import Found, Keys, Subjects, naive
from data.errors import NotFound
from data.features.duration import SECOND
from data.features.given import Provenance
from data.features.online.refresh import GRACE
from data.features.results import now
from data.policy import Principal

if TYPE_CHECKING:
    import pyarrow as pa

    from data.features.platform import Features

RECENT = timedelta(seconds=GRACE / SECOND)
"""Moments that are no older than this are the online store's; older ones are looked up in the history."""


@dataclass(frozen=True)
class Row:
    """A subject on its way: the moment that its features are of, and how many reasons are wanted."""

    found: Found
    at: datetime
    reasons: int = 0


class Service:
    """Many threads may use one."""

    def __init__(
        self, principal: Principal, model: Loaded, subjects: Subjects, features: Features, log: PredictionLog
    ) -> None:
        self.principal, self.model, self.subjects = principal, model, subjects
        self._features, self._log = features, log
        # Apart, so that nobody who asks for now waits for the history.
        self._now: Gather[Row, Prediction] = Gather(self._online)
        self._past: Gather[Row, Prediction] = Gather(self._historic)

    def score(self, keys: Sequence[Keys], at: datetime | None, reasons: int) -> list[Prediction]:
        """A logged prediction for each. Raises what `Predictor.score` does."""
        rows = self.rows(keys, at, reasons)
        recent = now() - RECENT
        made: dict[int, Prediction] = {}
        for gather, places in (
            (self._now, [i for i, row in enumerate(rows) if row.at >= recent]),
            (self._past, [i for i, row in enumerate(rows) if row.at < recent]),
        ):
            if places:
                made |= zip(places, gather.ask([rows[i] for i in places]), strict=True)
        return [made[i] for i in range(len(rows))]

    def rows(self, keys: Sequence[Keys], at: datetime | None, reasons: int = 0) -> list[Row]:
        """The subjects; NotFound for one that the caller does not see."""
        spec, present = self.model.spec, now()
        rows = []
        for asked, found in zip(keys, self.subjects.complete(keys, at), strict=True):
            if found is None:
                named = ", ".join(f"{name} {asked.get(name)!r}" for name in spec.key)
                raise NotFound(f"There is no {named} that you may see.", "Look at the key.", keys=dict(asked))
            rows.append(Row(found, at or naive(found.row.get(spec.time)) or present, reasons))
        return rows

    def _online(self, rows: Sequence[Row]) -> list[Prediction]:
        table, names = self._table(rows), self.model.spec.features
        if not names:
            return self._scored(rows, table, ())
        return self._scored(rows, *self._features.now(self.principal, table, names, [row.at for row in rows]))

    def _historic(self, rows: Sequence[Row]) -> list[Prediction]:
        table, names = self._table(rows), self.model.spec.features
        if not names:
            return self._scored(rows, table, ())
        return self._scored(rows, *self._features.at(self.principal, table, self.model.spec.time, names))

    def _table(self, rows: Sequence[Row]) -> pa.Table:
        """The subjects' rows; what nobody gave is null."""
        import pyarrow as pa

        schema, time = self.subjects.schema, self.model.spec.time
        wide = schema.set(schema.get_field_index(time), pa.field(time, pa.timestamp("us")))
        return pa.Table.from_pylist([{**row.found.row, time: row.at} for row in rows], schema=wide)

    def _scored(self, rows: Sequence[Row], table: pa.Table, views: tuple[Provenance, ...]) -> list[Prediction]:
        spec = self.model.spec
        scores = self.model.scorer.score(table, max(row.reasons for row in rows))
        read = table.select([column.name for column in spec.columns if column.name != spec.choice]).to_pylist()
        own = (tuple(view.of(i) for view in views) for i in range(len(rows)))
        made = [self._made(*one) for one in zip(rows, scores, read, own, strict=True)]
        self._log.write(made)
        return made

    def _made(self, row: Row, score: Score, inputs: Mapping[str, Any], views: tuple[Provenance, ...]) -> Prediction:
        spec, version = self.model.spec, self.model.version
        return Prediction(
            id=uuid.uuid4().hex,
            model=version.name,
            version=version.version,
            principal=self.principal.name,
            made_at=now(),
            at=row.at,
            keys={name: row.found.row[name] for name in spec.key if name in row.found.row},
            prediction=score.prediction,
            flagged=score.flagged,
            threshold=None if spec.task == "rank" else spec.threshold,
            reasons=score.reasons[: row.reasons],
            ranking=score.ranking,
            features=inputs,
            tables=row.found.tables,
            views=views,
        )
