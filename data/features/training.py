"""Training sets: labels, each with the features of its entities as they were known at its moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.errors import Invalid
from data.features.choice import Chosen
from data.features.fetch import AT, ROW, Asked, fetch
from data.features.plan import Output, Plan
from data.features.recipe import Recipe
from data.features.results import array
from data.features.workspace import workspace
from data.gateway import Gateway
from data.policy import Principal
from data.sources.base import quoted

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

SLICE = 1_000_000
"""Labels whose features are held at once."""

LABELS = "labels"


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
        self._files = {one.plan.view.name: one.history.files(one.version) for one in chosen}

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
        import pyarrow as pa

        for start in range(0, rows, self.size):
            end = min(rows, start + self.size)
            mine = f"FROM {LABELS} WHERE {ROW} >= {start} AND {ROW} < {end}"
            # DuckDB gives the rows of a table in the order in which they came into it.
            table = self.work.execute(f"SELECT * EXCLUDE ({ROW}) {mine}").to_arrow_table()
            columns = table.combine_chunks().columns
            for chosen in self.chosen:
                columns += list(self._features(chosen, mine, start, end))
            yield from pa.Table.from_arrays(columns, schema=schema).to_batches()
            progress(end, rows)

    def _features(self, chosen: Chosen, mine: str, start: int, end: int) -> Iterator[pa.Array]:
        keys = ", ".join(f"CAST({quoted(k.name)} AS {k.type}) AS {quoted(k.name)}" for k in chosen.plan.keys)
        there = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in (*_keys(chosen), self.time))
        self.work.execute(
            f"CREATE OR REPLACE TEMP TABLE asked AS SELECT {ROW} - {start} AS {ROW}, {keys}, "
            f"epoch_us(CAST({quoted(self.time)} AS TIMESTAMP)) AS {AT} {mine} AND {there}"
        )
        asked = Asked("asked", end - start)
        found = fetch(self.work, chosen.plan, self._files[chosen.plan.view.name], asked)
        for output, values in zip(chosen.plan.outputs, found, strict=True):
            yield array(output, values.data, values.valid)


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
