"""What has become of a model's inputs since training: its log of predictions against the reference in its spec."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from agents.predictors.artifact import Column, Spec
from agents.predictors.distribution import Distribution
from agents.predictors.encode import encode
from agents.predictors.models import Loaded
from agents.predictors.rights import REMEDY, filtered
from data.errors import Forbidden
from data.features.drift import Drift, Spread, Staleness, compare, fewest, staleness
from data.features.results import now
from data.policy import Principal
from data.values import plain

if TYPE_CHECKING:
    import pyarrow as pa

    from agents.predictors.predictor import Predictor

PERIOD = timedelta(days=7)
READ = ("made_at", "version", "flagged", "features", "sources")
MOST_NEW = 10
"""New categories that are named."""


@dataclass(frozen=True)
class ColumnDrift:
    """One input. `new` are values that training did not have, the most frequent first, with their share together."""

    column: str
    kind: str
    drift: Drift
    new: tuple[str, ...] = ()
    new_share: float = 0.0


@dataclass(frozen=True)
class Report:
    """The predictions of one version since a moment. `enough` says whether they are enough to tell of any drift."""

    model: str
    version: int
    since: datetime
    until: datetime
    predictions: int
    flagged: float | None
    """The share that was flagged; None for rankings, and where there are no predictions."""
    enough: bool
    said: str
    columns: tuple[ColumnDrift, ...]
    views: dict[str, Staleness] = field(default_factory=dict)
    """How stale the features of each view were when they were used."""

    def as_json(self) -> dict[str, Any]:
        columns = [{**asdict(one), **asdict(one.drift)} for one in self.columns]
        for column in columns:
            del column["drift"]
        document: dict[str, Any] = plain({**asdict(self), "columns": columns})
        return document


def report(predictor: Predictor, principal: Principal, name: str, since: datetime | None = None) -> Report:
    """The drift of the champion's inputs, by default of the last seven days.

    Forbidden for who may not use the model or sees only some of its subjects: everybody's predictions are counted.
    """
    model = predictor.usable(principal, name)
    if filtered(predictor.gateway.policy, principal, model.spec.subject):
        raise Forbidden(f"You see only some of the subjects of '{name}', and drift is of all.", REMEDY)
    until = now()
    start = until - PERIOD if since is None else since
    tally = Tally(model.spec)
    for rows in predictor.log.rows(name, start, READ):
        tally.add(rows.filter(_of(rows, model)))
    return tally.report(model, start, until)


class Tally:
    """Counts the inputs of predictions, some at a time: what is held does not grow with the log."""

    def __init__(self, spec: Spec) -> None:
        self.size, self._flagged = 0, 0
        self._columns = [column for column in spec.columns if column.name in spec.reference]
        self._before = spec.reference
        self._there = {column.name: [0.0] * len(spec.reference[column.name].shares) for column in self._columns}
        self._new: dict[str, Counter[str]] = defaultdict(Counter)
        self._ages: dict[str, tuple[list[datetime], list[datetime]]] = defaultdict(lambda: ([], []))

    def add(self, rows: pa.Table) -> None:
        """Rows of a log with READ."""
        found = [json.loads(text) for text in rows["features"].to_pylist()]
        self.size += len(found)
        self._flagged += sum(map(bool, rows["flagged"].to_pylist()))
        for column in self._columns:
            self._count(column, [one.get(column.name) for one in found])
        for text, made in zip(rows["sources"].to_pylist(), rows["made_at"].to_pylist(), strict=True):
            self._age(json.loads(text), made)

    def report(self, model: Loaded, since: datetime, until: datetime) -> Report:
        spec = model.spec
        columns = tuple(self._drift(column) for column in self._columns)
        needed = max((fewest(len(self._before[c.name].shares)) for c in self._columns), default=0)
        enough = self.size >= needed
        flagged = None if spec.task == "rank" or not self.size else self._flagged / self.size
        ages = {view: staleness(*moments) for view, moments in self._ages.items()}
        views = {view: age for view, age in ages.items() if age is not None}
        said = self._said(columns, needed) if self._columns else "The model has no reference of its training."
        name, version = model.version.name, model.version.version
        return Report(name, version, since, until, self.size, flagged, enough, said, columns, views)

    def _count(self, column: Column, values: Sequence[Any]) -> None:
        import pyarrow as pa

        number = column.kind == "number"
        texts = [None if value is None else str(value) for value in values]
        array = pa.array([None if v is None else float(v) for v in values] if number else texts)
        codes = encode([column], pa.table({column.name: array.cast(pa.float64() if number else pa.string())}))[:, 0]
        now = self._before[column.name].again(codes)
        there = len(values) * (1 - now.missing)
        counts = self._there[column.name]
        self._there[column.name] = [n + share * there for n, share in zip(counts, now.shares, strict=True)]
        if not number:
            self._new[column.name].update(text for text in texts if text is not None and text not in column.categories)

    def _age(self, sources: Sequence[dict[str, Any]], made: datetime) -> None:
        for source in sources:
            if source.get("refreshed"):
                early, late = self._ages[source["view"]]
                if len(early) < 100_000:
                    early.append(datetime.fromisoformat(source["refreshed"]))
                    late.append(made)

    def _drift(self, column: Column) -> ColumnDrift:
        before: Distribution = self._before[column.name]
        counts = self._there[column.name]
        there = sum(counts)
        shares = tuple(count / there for count in counts) if there else (0.0,) * len(counts)
        missing = 1 - there / self.size if self.size else before.missing
        drift = compare(Spread(before.shares, before.missing), Spread(shares, missing), self.size)
        new = self._new[column.name]
        names = tuple(name for name, _ in new.most_common(MOST_NEW))
        return ColumnDrift(column.name, column.kind, drift, names, new.total() / self.size if self.size else 0.0)

    def _said(self, columns: Sequence[ColumnDrift], needed: int) -> str:
        if self.size < needed:
            return f"{self.size:,} predictions are too few to tell of drift: {needed:,} are needed."
        drifted = [one.column for one in columns if one.drift.verdict == "drifted"]
        new = [one.column for one in columns if one.new]
        said = f"Of {len(columns)} inputs {len(drifted) or 'none'} drifted"
        said += f": {', '.join(drifted)}." if drifted else "."
        return said + (f" New categories: {', '.join(new)}." if new else "")


def _of(rows: pa.Table, model: Loaded) -> Any:
    import pyarrow.compute as pc

    return pc.equal(rows["version"], model.version.version)
