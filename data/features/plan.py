"""What a checked view is computed by: the same for training sets, tables of values and the online store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Literal

from data.features.definition import Feature, FeatureView
from data.features.duration import microseconds
from data.features.graph.plan import Graph

Kind = Literal["integer", "decimal", "float", "text", "moment"]
"""How values are kept. Decimals are whole numbers of their last place, moments microseconds since 1970."""

TIME, KNOWN = "_time", "_known"
"""Columns of prepared events: when each happened, and from when on it counts (never before it happened)."""

WHOLE: tuple[str, ...] = ("count", "approx_distinct")
OWN: tuple[str, ...] = ("min", "max", "last", "quantile")
TYPES = {"integer": "BIGINT", "decimal": "DOUBLE", "float": "DOUBLE", "text": "VARCHAR", "moment": "TIMESTAMP"}


@dataclass(frozen=True)
class Stored:
    """A column of prepared events: an expression of the definition, in a form that adds up exactly."""

    name: str
    sql: str
    kind: Kind
    scale: int = 0

    @property
    def type(self) -> str:
        return {"float": "DOUBLE", "text": "VARCHAR"}.get(self.kind, "BIGINT")


@dataclass(frozen=True)
class Output:
    """One feature: a function of one stored column (or of the events themselves) over one window."""

    name: str
    feature: Feature
    window: int
    """Microseconds."""
    stored: int | None
    kind: Kind = "integer"
    scale: int = 0

    @property
    def function(self) -> str:
        return self.feature.function

    @property
    def type(self) -> str:
        if self.function in WHOLE:
            return "BIGINT"
        if self.function in OWN:
            return TYPES[self.kind]
        return "BIGINT" if self.function == "sum" and self.kind == "integer" else "DOUBLE"


@dataclass(frozen=True)
class Key:
    """A column that names an entity, with its DuckDB type: BIGINT or VARCHAR."""

    name: str
    type: str


@dataclass(frozen=True)
class Plan:
    """A checked view."""

    view: FeatureView
    keys: tuple[Key, ...]
    stored: tuple[Stored, ...]
    outputs: tuple[Output, ...]
    select: str
    """The governed query of the prepared events: keys, `_time`, `_known` and the stored columns."""
    ttl: int
    """Microseconds; the longest window where the view says nothing."""
    table: str | None
    """The one table that is read, where the source is a table; rows that were added to it can be told."""
    tables: tuple[str, ...]
    """Full names of all tables that the source names."""
    lineage: tuple[str, ...]
    """All columns that are read, as `source.table.column`."""
    reads: tuple[tuple[str, ...], ...] = ()
    """The same for each output alone."""
    graph: Graph | None = None
    """Where events are made of a graph, by ticks: then `select` is empty."""

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of a row of prepared events."""
        return (*(key.name for key in self.keys), TIME, KNOWN, *(stored.name for stored in self.stored))

    @property
    def horizon(self) -> int:
        """Microseconds that an event can matter for: the longest window, or the time to live."""
        return max(*(output.window for output in self.outputs), self.ttl)

    @property
    def immediate(self) -> bool:
        """Whether every event is known when it happens."""
        view = self.view
        return self.graph is None and not view.known_at and microseconds(view.delay) == 0

    @property
    def made_by(self) -> str:
        """What the prepared events are made by."""
        return self.select if self.graph is None else self.graph.text

    @cached_property
    def digest(self) -> str:
        """Changes with whatever changes the prepared events."""
        return hashlib.sha256(self.made_by.encode()).hexdigest()[:10]

    @cached_property
    def meaning(self) -> str:
        """Changes with whatever changes the values."""
        text = json.dumps([self.made_by, [asdict(output) for output in self.outputs], self.ttl])
        return hashlib.sha256(text.encode()).hexdigest()[:10]

    def output(self, name: str) -> Output | None:
        return next((output for output in self.outputs if output.name == name), None)


def key_columns(keys: Sequence[Key]) -> str:
    """The keys as they stand in SQL."""
    return ", ".join(f'"{key.name}"' for key in keys)
