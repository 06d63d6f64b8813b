"""A plan's features at points in time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from data.features import kernels
from data.features.events import Bools, Events, Ints, Points, Values
from data.features.flows import Flows
from data.features.kernels import Column
from data.features.pairs import gathered
from data.features.plan import Output, Plan
from data.features.ranges import Ranges, upto

SIMPLE: dict[str, Callable[[Column, Ints, Ints], Values]] = {
    "count": kernels.count,
    "sum": kernels.total,
    "avg": kernels.total,
    "min": kernels.smallest,
    "max": kernels.largest,
    "last": kernels.last,
    "approx_distinct": kernels.distinct,
    "age": kernels.last,
}
FLOWING = ("count", "sum", "avg")
"""What needs no pairs of points and events, in whatever order events became known."""

SECOND = 1e6


def features(plan: Plan, events: Events, points: Points) -> list[Values]:
    """The outputs of a plan, one value a point, null where `lives` is false."""
    alive = lives(plan, events, points)
    made = _ranged(plan, events, points) if events.ordered else _paired(plan, events, points)
    return [Values(values.data, values.valid & alive) for values in made]


def lives(plan: Plan, events: Events, points: Points) -> Bools:
    """Whether an event of the entity is known at each point, and has not outlived the view's time to live."""
    known = newest(events, points)
    return known.valid & (points.at - known.data < plan.ttl)


def newest(events: Events, points: Points) -> Values:
    """When the newest event happened that is known at each point, as far as the entity has one."""
    known, latest = events.known, events.time
    if not events.ordered:
        order = np.lexsort((events.known, events.code))
        known, latest = events.known[order], _running(events.code, events.time[order])
    end = upto(events.code, known, points.code, points.at)
    begin = np.searchsorted(events.code, points.code)
    there = (end > begin) & (points.code >= 0)
    data = latest[np.where(there, end - 1, 0)] if len(latest) else np.zeros(len(end), dtype=np.int64)
    return Values(data, there)


def _running(code: Ints, time: Ints) -> Ints:
    """The latest time so far within each entity."""
    if not len(time):
        return time
    distinct, rank = np.unique(time, return_inverse=True)
    # Ranks of later entities lie above all of earlier ones, so that one running maximum serves all.
    latest = np.maximum.accumulate(rank + code * len(distinct)) - code * len(distinct)
    found: Ints = distinct[latest]
    return found


def _ranged(plan: Plan, events: Events, points: Points) -> list[Values]:
    ranges = Ranges(events, points)
    columns = _columns(plan.outputs, events)
    return [_output(o, columns[_column(o)], *ranges.window(o.window), points.at) for o in plan.outputs]


def _paired(plan: Plan, events: Events, points: Points) -> list[Values]:
    flows = Flows(events, points)
    found = {o.name: _flowing(o, events, points, flows) for o in plan.outputs if o.function in FLOWING}
    for window in sorted({output.window for output in plan.outputs}):
        mine = [output for output in plan.outputs if output.window == window and output.name not in found]
        if not mine:
            continue
        pieces: list[list[Values]] = []
        for piece, paired, start, end in gathered(events, points, window):
            columns = _columns(mine, paired)
            pieces.append([_output(o, columns[_column(o)], start, end, points.at[piece]) for o in mine])
        found |= {output.name: _joined([piece[i] for piece in pieces]) for i, output in enumerate(mine)}
    return [found[output.name] for output in plan.outputs]


def _flowing(output: Output, events: Events, points: Points, flows: Flows) -> Values:
    every = np.ones(len(points), dtype=bool)
    if output.stored is None:
        return Values(flows.count(np.ones(len(events), dtype=bool), output.window), every)
    column = events.values[output.stored]
    size = flows.count(column.valid, output.window)
    if output.function == "count":
        return Values(size, every)
    total = flows.total(column.data, column.valid, output.window, size)
    return _scaled(output, Values(total, every), size, points.at)


def _joined(pieces: Sequence[Values]) -> Values:
    if not pieces:
        return Values(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool))
    return Values(np.concatenate([p.data for p in pieces]), np.concatenate([p.valid for p in pieces]))


def _column(output: Output) -> tuple[int | None, bool]:
    """What a function is taken of: a stored column, or the times of the events (where the second is true)."""
    return output.stored, output.function == "age"


def _columns(outputs: Sequence[Output], events: Events) -> dict[tuple[int | None, bool], Column]:
    found = {}
    for stored, aged in {_column(output) for output in outputs}:
        valid = np.ones(len(events), dtype=bool) if stored is None else events.values[stored].valid
        values = Values(events.time, valid) if stored is None or aged else events.values[stored]
        found[stored, aged] = Column(events.code, values)
    return found


def _output(output: Output, column: Column, start: Ints, end: Ints, at: Ints) -> Values:
    start, end = column.within(start, end)
    if output.function == "quantile":
        found = kernels.quantile(column, start, end, output.feature.quantile)
    else:
        found = SIMPLE[output.function](column, start, end)
    return _scaled(output, found, end - start, at)


def _scaled(output: Output, values: Values, size: Ints, at: Ints) -> Values:
    """Values as they are given out, of values as they are stored."""
    if output.function == "age":
        return Values((at - values.data) / SECOND, values.valid)
    if output.function == "avg":
        mean = values.data / 10.0**output.scale / np.maximum(size, 1)
        return Values(mean, size > 0)
    if output.kind == "decimal" and output.function not in ("count", "approx_distinct"):
        return Values(values.data / 10.0**output.scale, values.valid)
    return values
