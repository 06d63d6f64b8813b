"""Features of rows that are at hand, as serving has them: of past moments, or as the online store has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.errors import Invalid
from data.features.choice import Chosen
from data.features.history import History
from data.features.online import Store
from data.features.online.get import Got, Lookup
from data.features.online.refresh import space
from data.features.plan import Output, Plan
from data.features.results import array
from data.features.training import Builder, column_name
from data.features.workspace import workspace
from data.sources.delta import committed

if TYPE_CHECKING:
    import pyarrow as pa

Picked = Sequence[tuple[Plan, tuple[Output, ...]]]
"""Views, each with the outputs that are wanted of it."""


UNKNOWN = Got({}, "unknown entity")
"""What is known of a row whose keys are null."""


@dataclass(frozen=True)
class Provenance:
    """What the features of one view are made of: the version of its history, also under `online` where the online
    store gave them, and when that was written. There, `absent` says for each row why it has no values, if so."""

    view: str
    history: int | None
    online: int | None
    refreshed: datetime | None
    absent: tuple[str, ...] = ()

    def of(self, row: int) -> Provenance:
        """The same for one row alone."""
        return replace(self, absent=self.absent[row : row + 1])


def past(home: Path, chosen: Sequence[Chosen], rows: pa.Table, time: str) -> tuple[pa.Table, tuple[Provenance, ...]]:
    """The rows with the chosen features at each row's moment, as training sets have them."""
    import duckdb
    import pyarrow as pa

    with workspace(home) as work:
        made = Builder(work, chosen, time).given(rows)
        try:
            found = pa.Table.from_batches(made.batches, made.schema).replace_schema_metadata(None)
        except duckdb.ConversionException as error:
            said = f"A key of the rows can't be read: {str(error).splitlines()[0]}"
            raise Invalid(said, "Give keys in the types that the views have.") from None
    sources = (
        Provenance(one.plan.view.name, one.version, None, _refreshed(one.history, one.version)) for one in chosen
    )
    return found, tuple(sources)


def present(
    home: Path, store: Store, picked: Picked, rows: pa.Table, at: Sequence[int]
) -> tuple[pa.Table, tuple[Provenance, ...]]:
    """The rows with features as the online store has them at each row's moment (microseconds)."""
    sources = []
    for plan, outputs in picked:
        lookup = Lookup(plan, store, outputs)
        asked = zip(_entities(plan, rows), at, strict=True)
        got = [lookup.get(keys, moment) if _whole(keys) else UNKNOWN for keys, moment in asked]
        for output in outputs:
            rows = rows.append_column(column_name(plan, output), _column(output, got))
        sources.append(_online(History.of(plan, home), store.position(space(plan)), got))
    return rows, tuple(sources)


def _entities(plan: Plan, rows: pa.Table) -> list[dict[str, Any]]:
    """The keys of each row, in the types that the view has."""
    import pyarrow as pa

    types = {"BIGINT": pa.int64(), "VARCHAR": pa.string()}
    for key in plan.keys:
        if key.name not in rows.column_names:
            known = ", ".join(f"'{name}'" for name in rows.column_names)
            said = f"The rows have no column '{key.name}', which '{plan.view.name}' needs."
            raise Invalid(said, f"Give it; they have {known}.")
    columns = []
    for key in plan.keys:
        try:
            columns.append(rows.column(key.name).cast(types[key.type]).to_pylist())
        except pa.ArrowInvalid:
            found = rows.column(key.name).to_pylist()[0]
            raise Invalid(f"The key '{key.name}' is {key.type}, not {found!r}.", "Give it in its type.") from None
    names = [key.name for key in plan.keys]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def _whole(keys: Mapping[str, Any]) -> bool:
    return None not in keys.values()


def _column(output: Output, got: Sequence[Got]) -> pa.Array:
    import pyarrow as pa

    kind = array(output, [], []).type
    return pa.array([one.values.get(output.name) for one in got], type=kind)


def _online(history: History, position: int | None, got: Sequence[Got]) -> Provenance:
    absent = tuple(one.reason for one in got)
    return Provenance(history.plan.view.name, position, position, _refreshed(history, position), absent)


def _refreshed(history: History, version: int | None) -> datetime | None:
    return None if version is None else committed(history.folder / "_delta_log", version)[0]
