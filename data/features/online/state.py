"""One entity's events that still matter: new ones are merged in, in whatever order they come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.features.events import Events, Ints, Values, ranking
from data.features.plan import Plan

NEVER = -(2**63)
"""The time of the newest event where there is none."""


@dataclass(frozen=True)
class State:
    """Events in order, from which those are gone that can't matter any more at `since` or later; `gone` is when the
    newest of these happened. `position` is the version of the history that they were read from."""

    time: Ints
    known: Ints
    values: tuple[Values, ...]
    since: int
    gone: int = NEVER
    position: int = -1

    def __len__(self) -> int:
        return len(self.time)

    @property
    def events(self) -> Events:
        return Events(np.zeros(len(self), dtype=np.int64), self.time, self.known, self.values)

    def advanced(self, plan: Plan, events: Events, now: int, position: int) -> State:
        """The state with more events of the entity, for questions about `now` and later."""
        values = tuple(_joined(*pair) for pair in zip(self.values, events.values, strict=True))
        time = np.concatenate((self.time, events.time))
        known = np.concatenate((self.known, events.known))
        order = np.lexsort((*ranking(plan, values), known, time))
        merged = State(time[order], known[order], tuple(v.take(order) for v in values), self.since, self.gone, position)
        return merged.pruned(plan, now)

    def pruned(self, plan: Plan, now: int) -> State:
        """Without the events that no question about `now` or later needs. Time does not go back."""
        now = max(now, self.since)
        first = int(np.searchsorted(self.time, now - plan.horizon, side="right"))
        # One that is not known yet may be needed to tell when the entity was last seen.
        old = self.time[:first][self.known[:first] <= now]
        gone = max(self.gone, int(old[-1]) if len(old) else NEVER)
        kept = np.arange(len(self)) >= first
        kept[:first] = self.known[:first] > now
        values = tuple(v.take(kept) for v in self.values)
        return State(self.time[kept], self.known[kept], values, now, gone, self.position)


def empty(plan: Plan, since: int) -> State:
    """An entity of which nothing is known."""
    kinds = {"float": np.float64, "text": object}
    none = np.zeros(0, dtype=np.int64)
    valid = np.zeros(0, dtype=bool)
    values = tuple(Values(np.zeros(0, dtype=kinds.get(s.kind, np.int64)), valid) for s in plan.stored)
    return State(none, none, values, since)


def _joined(one: Values, other: Values) -> Values:
    return Values(np.concatenate((one.data, other.data)), np.concatenate((one.valid, other.valid)))
