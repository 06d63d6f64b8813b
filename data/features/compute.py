"""A plan's features at points in time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from data.features.events import Events, Ints, Points, Values
from data.features.flows import Flows
from data.features.kernels import KERNELS, Column, Range
from data.features.pairs import gathered
from data.features.plan import Output, Plan
from data.features.ranges import Edges

FLOWING = ("count", "sum", "avg", "approx_distinct")
"""What needs no ranges of events."""

SECOND = 1e6


def features(plan: Plan, events: Events, points: Points) -> list[Values]:
    """The outputs of a plan, one value a point; null where no event of the entity is known, or the newest one has
    outlived the view's time to live."""
    edges = Edges.of(events, points, plan.horizon)
    flows = Flows(edges)
    alive = flows.count(None, plan.ttl) > 0
    found = {o.name: _flowing(o, flows, points.at) for o in plan.outputs if o.function in FLOWING}
    others = [output for output in plan.outputs if output.name not in found]
    found |= _ranged(others, edges) if edges.events.ordered else _paired(others, edges)
    return [Values(values.data, values.valid & alive) for values in (found[o.name] for o in plan.outputs)]


def _flowing(output: Output, flows: Flows, at: Ints) -> Values:
    every = np.ones(len(at), dtype=bool)
    size = flows.count(output.stored, output.window)
    if output.function == "count":
        return Values(size, every)
    assert output.stored is not None
    if output.function == "approx_distinct":
        return Values(flows.distinct(output.stored, output.window), every)
    return _scaled(output, Values(flows.total(output.stored, output.window), every), size, at)


def _ranged(outputs: Sequence[Output], edges: Edges) -> dict[str, Values]:
    return _kernels(outputs, edges.events, edges.range, edges.points.at)


def _paired(outputs: Sequence[Output], edges: Edges) -> dict[str, Values]:
    found: dict[str, Values] = {}
    for window in sorted({output.window for output in outputs}):
        mine = [output for output in outputs if output.window == window]
        pieces: list[dict[str, Values]] = []
        for piece, events, start, end in gathered(edges, window):
            ranges = {window: (start, end)}
            pieces.append(_kernels(mine, events, ranges.__getitem__, edges.points.at[piece]))
        found |= {output.name: _joined(piece[output.name] for piece in pieces) for output in mine}
    return found


def _kernels(outputs: Sequence[Output], events: Events, within: Callable[[int], Range], at: Ints) -> dict[str, Values]:
    """Outputs over ranges of events. Windows of one function go together, as they share what is made for it."""
    found: dict[str, Values] = {}
    for same in dict.fromkeys(map(_function, outputs)):
        mine = [output for output in outputs if _function(output) == same]
        column = Column(_taken(mine[0], events))
        ranges = [column.within(*within(output.window)) for output in mine]
        made = KERNELS[mine[0].function](column, ranges, mine[0].feature.quantile)
        sizes = (end - start for start, end in ranges)
        found |= {o.name: _scaled(o, v, size, at) for o, v, size in zip(mine, made, sizes, strict=True)}
    return found


def _function(output: Output) -> tuple[str, int | None, float]:
    return output.function, output.stored, output.feature.quantile


def _taken(output: Output, events: Events) -> Values:
    """What a function is taken of: a stored column, or the times of the events that have a value in it."""
    if output.stored is None:
        return Values(events.time, np.ones(len(events), dtype=bool))
    stored = events.values[output.stored]
    return Values(events.time, stored.valid) if output.function == "age" else stored


def _joined(pieces: Iterable[Values]) -> Values:
    found = list(pieces)
    if not found:
        return Values(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool))
    return Values(np.concatenate([p.data for p in found]), np.concatenate([p.valid for p in found]))


def _scaled(output: Output, values: Values, size: Ints, at: Ints) -> Values:
    """Values as they are given out, of values as they are stored."""
    if output.function == "age":
        return Values((at - values.data) / SECOND, values.valid)
    if output.function == "avg":
        mean = values.data / 10.0**output.scale / np.maximum(size, 1)
        return Values(mean, size > 0)
    if output.kind == "decimal":
        return Values(values.data / 10.0**output.scale, values.valid)
    return values
