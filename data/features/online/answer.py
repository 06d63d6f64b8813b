"""The features of one entity at one moment, from its state: a slice of an array for each window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from data.errors import TooExpensive
from data.features.flows import MOST
from data.features.online.state import NEVER, State
from data.features.plan import Output, Plan

Reason = Literal["", "unknown entity", "not yet known", "expired"]
"""Why all values are null; empty where they are not."""

ALWAYS = 2**63 - 1


@dataclass(frozen=True)
class Answer:
    """Stored values by output, as they are from `start` until just before `end`; ages are told as the moments that
    they are counted from."""

    values: tuple[Any, ...]
    reason: Reason
    start: int
    end: int


def answer(plan: Plan, state: State, at: int) -> Answer:
    """The values at a moment that is not before the state's."""
    there = state.known <= at
    time, known = state.time[there], state.known[~there]
    newest = max(state.gone, int(time[-1]) if len(time) else NEVER)
    entering = int(known.min()) if len(known) else ALWAYS
    if newest == NEVER:
        return Answer((None,) * len(plan.outputs), "not yet known", at, entering)
    if at - newest >= plan.ttl:
        return Answer((None,) * len(plan.outputs), "expired", at, entering)
    starts = {w: int(np.searchsorted(time, at - w, side="right")) for w in {o.window for o in plan.outputs}}
    leaving = [int(time[start]) + window for window, start in starts.items() if start < len(time)]
    columns = [(column.data[there], column.valid[there]) for column in state.values]
    values = tuple(_value(output, time, columns, starts[output.window]) for output in plan.outputs)
    return Answer(values, "", at, min(entering, newest + plan.ttl, *leaving))


def _value(output: Output, time: Any, columns: list[Any], start: int) -> Any:
    data = time[start:]
    if output.stored is not None:
        column, valid = columns[output.stored]
        chosen = column if output.function != "age" else time
        data = chosen[start:][valid[start:]]
    size = len(data)
    match output.function:
        case "count":
            return size
        case "approx_distinct":
            return len(np.unique(data)) if data.dtype != object else len(set(data))
        case "sum":
            return _scaled(output, _sum(data))
    if not size:
        return None
    match output.function:
        case "age":
            return int(data[-1])
        case "avg":
            return _sum(data) / 10.0**output.scale / size
        case "min":
            return _scaled(output, data.min().item())
        case "max":
            return _scaled(output, data.max().item())
        case "last":
            return _scaled(output, data[-1].item() if data.dtype != object else data[-1])
    rank = max(1, int(np.ceil(output.feature.quantile * size))) - 1
    return _scaled(output, np.partition(data, rank)[rank].item())


def _sum(data: Any) -> int:
    if int(np.abs(data).max(initial=0)) * len(data) > MOST:
        raise TooExpensive("A sum could get too large for 64 bits.", "Use fewer decimals, or a shorter window.")
    return int(data.sum())


def _scaled(output: Output, value: Any) -> Any:
    return value / 10.0**output.scale if output.kind == "decimal" else value
