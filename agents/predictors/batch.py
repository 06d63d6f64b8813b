"""Scores of a whole table: rows stream through, each with the features of its own moment."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.predictors.models import Loaded
from agents.predictors.predictor import Predictor
from agents.predictors.scorer import Score
from data.errors import Invalid
from data.features.output import Writer
from data.features.recipe import Recipe
from data.features.results import now
from data.features.training import Progress, TrainingSet
from data.policy import Principal
from data.sources.base import literal, quoted
from data.values import plain

if TYPE_CHECKING:
    import pyarrow as pa

FOLDER = "scores"
"""The folder of the lake that has tables of scores."""

SLICE = 200_000
"""Rows whose features are held at once."""

STEP = 50_000
"""Rows that are scored and held as scores at once."""


@dataclass(frozen=True)
class Origin:
    """What scores are made of."""

    model: str
    version: int
    set: Recipe
    """The rows and the versions of their tables and features, as training sets have it."""

    def as_json(self) -> str:
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class Written:
    """Scores that were written."""

    place: Path
    rows: int
    origin: Origin


@dataclass(frozen=True)
class _Scored:
    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]
    recipe: Origin
    rows: int


@dataclass(frozen=True)
class Job:
    """One table to score. `at` is a moment for all rows; without it each row has its own in the model's moment column,
    or now where that is empty.
    `reasons` says how many to give with each score."""

    predictor: Predictor
    principal: Principal
    model: Loaded
    select: str
    at: datetime | None = None
    reasons: int = 0

    def run(self, out: str, progress: Progress = lambda done, of: None) -> Written:
        """Write the scores to a `.parquet` file or a table of the home, whole or not at all."""
        features, spec = self.predictor.features, self.model.spec
        writer = Writer(out, features.home, FOLDER)
        recipe = features.join(
            self.principal, self._rows(), spec.time, spec.features,
            lambda made: writer.write(self._scored(made)), progress, SLICE,
        )  # fmt: skip
        return Written(writer.place, writer.rows, self._origin(recipe))

    def _rows(self) -> str:
        """The SELECT of all that the model reads beside features: the caller's own, or the subject's for its keys."""
        spec = self.model.spec
        schema = self.predictor.rights.require(self.principal, self.model)
        if not self.select.strip():
            return self._dated(f"({spec.subject}) AS subject", schema.names)
        given = self.predictor.gateway.query(self.principal, f"SELECT * FROM ({self.select}) AS given LIMIT 0")
        names = given.table.column_names
        needed = self.predictor.needed(self.principal, self.model)
        if set(needed) <= set(names):
            return self._dated(f"({self.select}) AS given", names)
        if not set(spec.key) <= set(names):
            wanted = ", ".join(f"'{name}'" for name in spec.key)
            everything = ", ".join(f"'{name}'" for name in (*needed, spec.time))
            said = f"The rows have neither the key of '{spec.name}' ({wanted}) nor all that it reads ({everything})."
            raise Invalid(said, f"They have {', '.join(names)}: select what is missing.")
        key = ", ".join(quoted(name) for name in spec.key)
        asked = f"(SELECT DISTINCT {key} FROM ({self.select}) AS given) AS asked"
        return self._dated(f"{asked} JOIN ({spec.subject}) AS subject USING ({key})", schema.names)

    def _dated(self, relation: str, names: Sequence[str]) -> str:
        """The rows with a moment each: the one that is given, else their own, else now."""
        time = self.model.spec.time
        moment = self.at or now()
        dated = f"CAST({literal(moment.isoformat(sep=' '))} AS TIMESTAMP)"
        if self.at is None and time in names:
            dated = f"coalesce(CAST({quoted(time)} AS TIMESTAMP), {dated})"
        rest = [quoted(name) for name in names if name != time]
        return f"SELECT {', '.join((*rest, f'{dated} AS {quoted(time)}'))} FROM {relation}"

    def _origin(self, recipe: Recipe) -> Origin:
        return Origin(self.model.version.name, self.model.version.version, recipe)

    def _scored(self, made: TrainingSet) -> _Scored:
        import pyarrow as pa

        origin = self._origin(made.recipe)
        names = [name for name in (*self.model.spec.key, self.model.spec.time) if name in made.schema.names]
        fields = [made.schema.field(name) for name in names] + self._fields()
        schema = pa.schema(fields, {"lakewright": origin.as_json()})
        return _Scored(schema, self._batches(made, schema, names), origin, made.rows)

    def _fields(self) -> list[pa.Field]:
        import pyarrow as pa

        more = [("reasons", pa.string())] if self.reasons else []
        if self.model.spec.task == "rank":
            own = [("choice", pa.string()), ("prediction", pa.float64()), ("ranking", pa.string()), *more]
        else:
            own = [("prediction", pa.float64()), ("flagged", pa.bool_()), *more]
        return [pa.field(name, kind) for name, kind in own]

    def _batches(self, made: TrainingSet, schema: pa.Schema, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        for batch in made.batches:
            for start in range(0, batch.num_rows, STEP):
                part = batch.slice(start, STEP)
                scores = self.model.scorer.score(pa.Table.from_batches([part]), self.reasons)
                told = [self._told(score) for score in scores]
                columns = [part.column(name) for name in names]
                columns += [pa.array([one[field.name] for one in told], field.type) for field in self._fields()]
                yield pa.RecordBatch.from_arrays(columns, schema=schema)

    def _told(self, score: Score) -> dict[str, Any]:
        return {
            "prediction": score.prediction,
            "flagged": score.flagged,
            "choice": score.ranking[0][0] if score.ranking else None,
            "ranking": json.dumps(score.ranking, ensure_ascii=False),
            "reasons": json.dumps(plain([asdict(reason) for reason in score.reasons]), ensure_ascii=False),
        }
