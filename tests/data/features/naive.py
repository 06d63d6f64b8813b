"""The features row by row, as one reads them in the definition: what all faster ways are held against."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from data.features.plan import KNOWN, TIME, Output, Plan

Row = dict[str, Any]


def features(plan: Plan, rows: Sequence[Row], key: Sequence[Any], at: int) -> dict[str, Any]:
    """The values of one entity at one moment (microseconds); `rows` are prepared events with plain numbers."""
    names = [k.name for k in plan.keys]
    mine = [row for row in rows if [row[name] for name in names] == list(key) and row[KNOWN] <= at and row[TIME] <= at]
    if not any(row[TIME] > at - plan.ttl for row in mine):
        return {output.name: None for output in plan.outputs}
    return {output.name: value(plan, output, mine, at) for output in plan.outputs}


def value(plan: Plan, output: Output, rows: Sequence[Row], at: int) -> Any:
    within = sorted((row for row in rows if row[TIME] > at - output.window), key=lambda row: _order(plan, row))
    if output.stored is None:
        values = [row[TIME] for row in within]
    else:
        name = plan.stored[output.stored].name
        within = [row for row in within if row[name] is not None]
        values = [row[name] for row in within]
    function = output.feature.function
    if function == "count":
        return len(values)
    if function == "approx_distinct":
        return len(set(values))
    if function == "sum":
        return sum(values) if output.kind == "integer" else sum(values) / 10.0**output.scale
    if not values:
        return None
    if function == "age":
        return (at - within[-1][TIME]) / 1e6
    if function == "avg":
        return sum(values) / 10.0**output.scale / len(values)
    picked = {
        "min": min,
        "max": max,
        "last": lambda found: found[-1],
        "quantile": lambda found: sorted(found)[max(1, math.ceil(output.feature.quantile * len(found))) - 1],
    }[function](values)
    return picked / 10.0**output.scale if output.kind == "decimal" else picked


def _order(plan: Plan, row: Row) -> tuple[Any, ...]:
    values = [(row[stored.name] is not None, row[stored.name]) for stored in plan.stored]
    return (row[TIME], row[KNOWN], *((there, 0 if value is None else value) for there, value in values))
