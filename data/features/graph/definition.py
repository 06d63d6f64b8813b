"""What a view of connections is: a declaration that reads like a schema. Nothing here opens or checks anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal[
    "degree",
    "neighbours",
    "marked",
    "marked_share",
    "component",
    "component_marked",
    "component_marked_share",
    "pagerank",
]
"""What is measured of an entity in the graph of a window."""

KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(frozen=True)
class Edges:
    """Edges of one kind: each row of the source joins two nodes from the moment when it is known.

    A node is a kind and an identifier: `ends=(("user", "sender_id"), ("device", "device_id"))`.
    """

    kind: str
    source: str
    """A table of the catalogue, or one SELECT over such tables."""
    ends: tuple[tuple[str, str], tuple[str, str]]
    """Of both ends, the kind of node and the column that names it."""
    time: str
    """The column that says when the edge happened."""
    filter: str = ""
    known_at: str = ""
    """The column that says when an edge became known, where that can be later than it happened."""
    delay: str = "0s"
    """How long after it happened (or after `known_at`) an edge is available."""


@dataclass(frozen=True)
class Marks:
    """What marks an entity, such as fraud: a row marks it from the moment when it is known."""

    source: str
    key: str
    """The column that names the entity."""
    time: str
    filter: str = ""
    known_at: str = ""
    delay: str = "0s"
    lasts: str = "365d"
    """How long after its `time` a mark counts."""


@dataclass(frozen=True)
class Measure:
    """One measure in the graphs of one or several windows: `Measure("ring", "component", ("1d", "7d"))` gives the
    features `ring_1d` and `ring_7d`."""

    name: str
    kind: Kind
    over: Sequence[str] = ()
    """How far the windows of edges reach back, such as 1d, 7d or 30d."""
    edges: Sequence[str] = ()
    """The kinds of edges that the graph has; all of them by default."""
    unit: str = ""
    description: str = ""


@dataclass(frozen=True)
class ConnectedView:
    """Features of one kind of node from the graph that it is in.

    At every tick T the graph of a window w has the edges that happened in (T - w, T] and were known by T. Until the
    next tick an entity has the values of that graph.
    """

    name: str
    entity: str
    """What the features tell about, such as `user`: one of the kinds of nodes."""
    key: str
    """What the column is called that names an entity, in labels and questions."""
    edges: Sequence[Edges]
    features: Sequence[Measure]
    marks: Marks | None = None
    every: str = "1d"
    """How far apart ticks are. They are whole multiples of this since 1970, in UTC."""
    hub: int = 100
    """A node of another kind than `entity` that has more neighbours than this in a window is left out of its graph:
    what everybody shares connects nobody."""
    ttl: str = ""
    """How long values hold where no newer ones were computed; by default as long as the longest window."""
    owner: str = ""
    description: str = ""
