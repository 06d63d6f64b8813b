"""The state of one entity, advanced by events in any order, has the reference's values at every later moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import TooExpensive
from data.features.duration import SECOND
from data.features.events import Events
from data.features.online import packed
from data.features.online.answer import Answer, answer
from data.features.online.state import NEVER, State, empty
from data.features.plan import KNOWN, TIME, Plan
from tests.data.features import naive, strategies

Row = dict[str, Any]


def one(rows: Sequence[Row]) -> Events:
    return strategies.events([{**row, "key": 0} for row in rows])[0]


def finished(plan: Plan, found: Answer, at: int) -> dict[str, Any]:
    """Values as they are given out."""
    pairs = zip(plan.outputs, found.values, strict=True)
    return {o.name: (at - v) / SECOND if o.function == "age" and v is not None else v for o, v in pairs}


def advanced(plan: Plan, batches: Sequence[Sequence[Row]], steps: Sequence[int]) -> State:
    """Batches as they come in, each at its moment; between them the state is packed and read again."""
    state = empty(plan, NEVER)
    for number, (rows, now) in enumerate(zip(batches, steps, strict=True)):
        state = packed.read(plan, packed.state(state.advanced(plan, one(rows), now, number)))
    return state


@given(strategies.rows(), st.data())
@settings(max_examples=150, deadline=None)
def test_values_are_the_references_at_every_later_moment(rows: list[Row], data: st.DataObject) -> None:
    plan = strategies.plan(data.draw(st.sampled_from((5, 180, 600))) * strategies.MINUTE)
    shuffled = data.draw(st.permutations(rows))
    cut = data.draw(st.integers(0, len(rows)))
    first, second = sorted(data.draw(st.tuples(strategies.moments(), strategies.moments())))
    state = advanced(plan, (shuffled[:cut], shuffled[cut:]), (first, second))
    same = [{**row, "key": 0} for row in rows]
    for at in (second, *(second + later for later in data.draw(st.lists(strategies.moments(), max_size=4)))):
        found = packed.answer(packed.head(answer(plan, state, at)))
        expected = naive.features(plan, same, (0,), at)
        assert finished(plan, found, at) == expected
        known = [row for row in same if row[KNOWN] <= at]
        reasons = {"": True, "expired": bool(known), "not yet known": not known}
        assert reasons[found.reason]
        assert (found.reason == "") == any(row[TIME] > at - plan.ttl for row in known)


@given(strategies.rows(), strategies.moments(), st.floats(0, 1, exclude_max=True))
@settings(max_examples=100, deadline=None)
def test_an_answer_holds_until_its_end(rows: list[Row], at: int, share: float) -> None:
    plan = strategies.plan()
    state = empty(plan, NEVER).advanced(plan, one(rows), 0, 0)
    found = answer(plan, state, at)
    later = at + int((min(found.end, at + 400 * strategies.MINUTE) - at) * share)
    assert finished(plan, found, later) == naive.features(plan, [{**row, "key": 0} for row in rows], (0,), later)
    if found.end < at + 400 * strategies.MINUTE:
        # At its end something does change: an answer that ended too early would be computed again and again.
        assert answer(plan, state, found.end).start > at


def test_events_that_can_no_longer_matter_are_let_go() -> None:
    plan = strategies.plan()
    blank = {"_v0": None, "_v1": None, "_v2": "x", "_v3": None}
    rows = [{TIME: n * strategies.MINUTE, KNOWN: n * strategies.MINUTE, **blank} for n in range(600)]
    state = empty(plan, NEVER).advanced(plan, one(rows), 599 * strategies.MINUTE, 1)
    assert len(state) == 180
    assert state.gone == 419 * strategies.MINUTE
    gone = state.advanced(plan, one([]), 10_000 * strategies.MINUTE, 2)
    assert len(gone) == 0
    assert answer(plan, gone, gone.since).reason == "expired"


def test_a_sum_that_would_not_fit_is_refused_here_too() -> None:
    plan = strategies.plan()
    blank = {"_v0": 2**62, "_v1": None, "_v2": None, "_v3": None}
    rows = [{TIME: n, KNOWN: n, **blank} for n in range(3)]
    state = empty(plan, NEVER).advanced(plan, one(rows), 0, 1)
    with pytest.raises(TooExpensive, match="64 bits"):
        answer(plan, state, 3)
    assert np.array_equal(state.time, [0, 1, 2])
