"""Training sets: labels, each with the features of its entities as they were known at its moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from data.errors import Invalid
from data.features.answers import Answers
from data.features.choice import Chosen
from data.features.fetch import AT, ROW, Asked, fetch
from data.features.plan import Output, Plan
from data.features.recipe import Recipe
from data.features.results import array
from data.features.scan import Scan
from data.features.workspace import workspace
from data.gateway import Gateway
from data.policy import Principal
from data.sources.base import quoted

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

SLICE = 1_000_000
"""Labels whose features are held at once."""

BATCH = 131_072
"""Rows that are given out together; the next ones are put into columns while these are written."""

LABELS = "labels"

Made = TypeVar("Made")


@dataclass(frozen=True)
class TrainingSet:
    """The rows, a slice at a time, read once: the columns of the labels, then `view__feature` for each feature."""

    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]
    recipe: Recipe
    rows: int


Progress = Callable[[int, int], None]
"""Is told how many labels are done, and of how many."""


class Builder:
    """Makes a training set in a workspace, which has to live until the rows were read."""

    def __init__(
        self, work: duckdb.DuckDBPyConnection, chosen: Sequence[Chosen], time: str, size: int | None = None
    ) -> None:
        """`size` is how many labels are held at once, SLICE where it is not said."""
        self.work, self.chosen, self.time, self.size = work, chosen, time, size or SLICE
        # Looked up now: delta-rs can't be asked while it writes the rows that are made here.
        self._scans = {one.plan.view.name: Scan.of(one.history.files(one.version), one.plan) for one in chosen}

    def build(
        self, gateway: Gateway, principal: Principal, labels: str, versions: Mapping[str, str], progress: Progress
    ) -> TrainingSet:
        """Labels are any SELECT of the principal's with the entities' keys and a moment."""
        return self._built(labels, self._labels(gateway, principal, labels, versions), progress)

    def given(self, rows: pa.Table) -> TrainingSet:
        """The same for labels that are at hand."""
        self.work.register("incoming", rows)
        self._keep()
        return self._built("", {}, lambda done, of: None)

    def _built(self, labels: str, tables: Mapping[str, str], progress: Progress) -> TrainingSet:
        schema = self.work.execute(f"SELECT * EXCLUDE ({ROW}) FROM {LABELS} LIMIT 0").to_arrow_table().schema
        self._check(schema)
        rows = self.work.execute(f"SELECT count(*) FROM {LABELS}").fetchall()[0][0]
        names = tuple(f"{c.plan.view.name}.{o.name}" for c in self.chosen for o in c.plan.outputs)
        histories = {c.plan.view.name: c.version for c in self.chosen}
        digests = {c.plan.view.name: c.plan.digest for c in self.chosen}
        recipe = Recipe(labels, self.time, names, tables, histories, digests)
        wide = self._schema(schema, recipe)
        return TrainingSet(wide, self._batches(rows, wide, progress), recipe, rows)

    def _labels(
        self, gateway: Gateway, principal: Principal, labels: str, versions: Mapping[str, str]
    ) -> Mapping[str, str]:
        import duckdb

        with gateway.stream(principal, labels, versions=versions) as stream:
            self.work.register("incoming", stream.reader)
            try:
                self._keep()
            except duckdb.Error as error:
                raise stream.failure or Invalid(f"The labels can't be read: {error}") from None
            return {use.table: use.version for use in stream.sources}

    def _keep(self) -> None:
        """Number what comes in, so that what is found of it can be put into its order."""
        try:
            numbered = f"SELECT row_number() OVER () - 1 AS {ROW}, * FROM incoming"
            self.work.execute(f"CREATE TEMP TABLE {LABELS} AS {numbered}")
        finally:
            self.work.unregister("incoming")

    def _check(self, schema: pa.Schema) -> None:
        import pyarrow as pa

        known = ", ".join(f"'{name}'" for name in schema.names)
        kind = schema.field(self.time).type if self.time in schema.names else None
        if kind is None or not (pa.types.is_timestamp(kind) or pa.types.is_date(kind)):
            raise Invalid(f"The labels have no moment '{self.time}'.", f"Name one of their columns: {known}.")
        for chosen in self.chosen:
            for key in chosen.plan.keys:
                if key.name not in schema.names:
                    view = chosen.plan.view.name
                    said = f"The labels have no column '{key.name}', which '{view}' needs."
                    raise Invalid(said, f"Rename one of {known}, or choose other features.")

    def _schema(self, schema: pa.Schema, recipe: Recipe) -> pa.Schema:
        import pyarrow as pa

        for chosen in self.chosen:
            for output in chosen.plan.outputs:
                schema = schema.append(pa.field(column_name(chosen.plan, output), array(output, [], []).type))
        return schema.with_metadata({"lakewright": recipe.as_json()})

    def _batches(self, rows: int, schema: pa.Schema, progress: Progress) -> Iterator[pa.RecordBatch]:
        for start in range(0, rows, self.size):
            end = min(rows, start + self.size)
            yield from self._slice(start, end, schema)
            progress(end, rows)

    def _slice(self, start: int, end: int, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        mine = f"FROM {LABELS} WHERE {ROW} >= {start} AND {ROW} < {end}"
        # DuckDB gives the rows of a table in the order in which they came into it.
        table = self.work.execute(f"SELECT * EXCLUDE ({ROW}) {mine}").to_arrow_table().combine_chunks()
        found = [self._features(chosen, mine, start, end) for chosen in self.chosen]

        def batch(first: int) -> pa.RecordBatch:
            last = min(end - start, first + BATCH)
            head = table.slice(first, last - first).combine_chunks().to_batches()[0]
            columns = [column for answers in found for column in answers.columns(first, last)]
            return pa.RecordBatch.from_arrays([*head.columns, *columns], schema=schema)

        return ahead(batch, range(0, end - start, BATCH))

    def _features(self, chosen: Chosen, mine: str, start: int, end: int) -> Answers:
        keys = ", ".join(f"CAST({quoted(k.name)} AS {k.type}) AS {quoted(k.name)}" for k in chosen.plan.keys)
        there = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in (*_keys(chosen), self.time))
        asked = (
            f"SELECT {ROW} - {start} AS {ROW}, {keys}, "
            f"epoch_us(CAST({quoted(self.time)} AS TIMESTAMP)) AS {AT} {mine} AND {there}"
        )
        return fetch(self.work, self._scans[chosen.plan.view.name], Asked(f"({asked})", end - start))


def ahead(make: Callable[[int], Made], numbers: Iterable[int]) -> Iterator[Made]:
    """What is made of each number, while the next one is made."""
    waiting: Future[Made] | None = None
    with ThreadPoolExecutor(1) as pool:
        for number in numbers:
            soon = pool.submit(make, number)
            if waiting is not None:
                yield waiting.result()
            waiting = soon
        if waiting is not None:
            yield waiting.result()


def column_name(plan: Plan, output: Output) -> str:
    """What a feature is called among the columns of labels."""
    return f"{plan.view.name}__{output.name}"


def _keys(chosen: Chosen) -> list[str]:
    return [key.name for key in chosen.plan.keys]


def training_set(
    home: Path,
    gateway: Gateway,
    principal: Principal,
    chosen: Sequence[Chosen],
    labels: str,
    time: str,
    write: Callable[[TrainingSet], Any],
    *,
    versions: Mapping[str, str] | None = None,
    progress: Progress = lambda done, all_: None,
    size: int | None = None,
) -> Recipe:
    """Make a training set and give it to `write`. With `versions`, the labels' tables are read as they were."""
    with workspace(home) as work:
        made = Builder(work, chosen, time, size).build(gateway, principal, labels, versions or {}, progress)
        write(made)
        return made.recipe
