"""What a feature view is: a declaration that reads like a schema. Nothing here opens, reads or checks anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Function = Literal["count", "sum", "avg", "min", "max", "last", "approx_distinct", "quantile", "age"]
"""What is made of the events of a window. `age` is the seconds since the newest of them happened."""

FUNCTIONS: tuple[str, ...] = get_args(Function)


@dataclass(frozen=True)
class Feature:
    """One aggregate over one or several windows: `Feature("spent", "sum", "amount", over=("1h", "30d"))` gives
    the features `spent_1h` and `spent_30d`.

    `expression` is SQL over the source's columns; `count` and `age` may leave it out and take every event.
    """

    name: str
    function: Function
    expression: str = ""
    over: Sequence[str] = ()
    """How far the windows reach back, such as 5m, 1h, 1d, 7d, 30d or 90d."""
    quantile: float = 0.5
    """Which quantile: the smallest value that at least this share of the values does not exceed."""
    decimals: int = 6
    """Places to which `sum` and `avg` round each DOUBLE, so that the order of events can't change a sum."""
    unit: str = ""
    description: str = ""


@dataclass(frozen=True)
class FeatureView:
    """Features of one entity, made of the events of one source.

    At the moment t a window w has the events that happened in (t - w, t] and were known by t. An event is known
    `delay` after it happened, or after the moment in its column `known_at`.
    """

    name: str
    entity: str
    """What the features tell about, such as `card`."""
    keys: Sequence[str]
    """The columns of the source that name an entity."""
    source: str
    """A table of the catalogue, or one SELECT over such tables."""
    time: str
    """The column that says when an event happened."""
    features: Sequence[Feature]
    filter: str = ""
    """A condition in SQL; events that do not meet it do not count."""
    known_at: str = ""
    """The column that says when an event became known, where that can be later than it happened."""
    delay: str = "0s"
    """How long after it happened (or after `known_at`) an event is available."""
    ttl: str = ""
    """How long after its newest event an entity has features; by default as long as the longest window reaches."""
    owner: str = ""
    description: str = ""
