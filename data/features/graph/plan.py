"""What a checked view of connections is computed by. Moments and lengths are in microseconds."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from data.features.graph.definition import Kind

SCALES: dict[str, int] = {"marked_share": 4, "component_marked_share": 4, "pagerank": 2}
"""Decimal places of the measures that are no whole numbers."""

ALONE: dict[str, int] = {"component": 1, "pagerank": 100}
"""What is measured of an entity without edges, as it is stored; all else is 0."""


@dataclass(frozen=True)
class Link:
    """Edges of one kind."""

    kind: str
    nodes: tuple[str, str]
    """The kinds of nodes at both ends."""
    columns: tuple[str, str]
    """The columns of `select` that name them."""
    select: str
    """The governed query of all such edges, with `_time` and `_known`."""


@dataclass(frozen=True)
class Marking:
    """What marks entities."""

    column: str
    select: str
    lasts: int


@dataclass(frozen=True)
class Taken:
    """What one stored column is: a measure in the graph of some links over one window."""

    kind: Kind
    links: tuple[int, ...]
    window: int


@dataclass(frozen=True)
class Graph:
    """The graph of a view, and what is measured in it."""

    entity: str
    every: int
    hub: int
    ttl: int
    links: tuple[Link, ...]
    marks: Marking | None
    taken: tuple[Taken, ...]

    @cached_property
    def reach(self) -> int:
        """The longest window."""
        return max(taken.window for taken in self.taken)

    @property
    def alone(self) -> list[int]:
        """The stored values of an entity without edges."""
        return [ALONE.get(taken.kind, 0) for taken in self.taken]

    @property
    def text(self) -> str:
        """All that the values hang on."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def of(cls, found: dict[str, Any] | None) -> Graph | None:
        """The graph that `asdict` and JSON made a document of."""
        if found is None:
            return None
        links = (Link(**{**x, "nodes": tuple(x["nodes"]), "columns": tuple(x["columns"])}) for x in found["links"])
        taken = (Taken(**{**x, "links": tuple(x["links"])}) for x in found["taken"])
        marks = found["marks"] and Marking(**found["marks"])
        return cls(**{**found, "links": tuple(links), "taken": tuple(taken), "marks": marks})
