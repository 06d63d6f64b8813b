"""Features of many points at once are those of the row-by-row reference, to the last bit."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import TooExpensive
from data.features import compute, flows, places
from data.features.events import Events, Points
from data.features.plan import KNOWN, TIME
from tests.data.features import naive, strategies

ASKED = st.lists(st.tuples(st.integers(0, 4), strategies.moments()), max_size=30)


def computed(rows: list[dict[str, Any]], asked: list[tuple[int, int]], plan: Any) -> list[dict[str, Any]]:
    events, codes = strategies.events(rows)
    ordered = sorted((codes.get(key, -1), at, i) for i, (key, at) in enumerate(asked))
    points = Points(*(np.array([row[i] for row in ordered], dtype=np.int64) for i in (0, 1)))
    columns = [
        [value if there else None for value, there in zip(found.data.tolist(), found.valid.tolist(), strict=True)]
        for found in compute.features(plan, events, points)
    ]
    names = [output.name for output in plan.outputs]
    by_place = {row[2]: dict(zip(names, values, strict=True)) for row, *values in zip(ordered, *columns, strict=True)}
    return [by_place[i] for i in range(len(asked))]


@given(strategies.rows(), ASKED, st.sampled_from((0.1, 0.5, 0.9, 1.0)), st.sampled_from((5, 180, 600)))
@settings(max_examples=150, deadline=None)
def test_all_functions_are_as_the_reference_has_them(
    rows: list[dict[str, Any]], asked: list[tuple[int, int]], quantile: float, ttl: int
) -> None:
    plan = strategies.plan(ttl * strategies.MINUTE, quantile)
    expected = [naive.features(plan, rows, (key,), at) for key, at in asked]
    assert computed(rows, asked, plan) == expected


@given(strategies.rows(late=False), ASKED)
@settings(max_examples=60, deadline=None)
def test_blocks_of_entities_and_pairs_give_the_same(rows: list[dict[str, Any]], asked: list[tuple[int, int]]) -> None:
    plan = strategies.plan()
    before = computed(rows, asked, plan)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(places, "LARGEST", 1)
        patch.setattr(flows, "NEAR", -1)
        assert computed(rows, asked, plan) == before
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Events, "ordered", False)
        patch.setattr("data.features.pairs.MOST", 3)
        assert computed(rows, asked, plan) == before


def test_a_sum_that_would_not_fit_is_refused_rather_than_wrong() -> None:
    plan = strategies.plan()
    rows = [{"key": 0, TIME: at, KNOWN: at, "_v0": None, "_v1": None, "_v2": None, "_v3": 2**62} for at in range(3)]
    with pytest.raises(TooExpensive, match="64 bits"):
        computed(rows, [(0, 2)], plan)
    assert computed(rows, [(0, 0)], plan)[0]["sum_3_5m"] == 2**62


def test_windows_are_open_at_their_beginning_and_the_time_to_live_ends_on_the_moment() -> None:
    blank = {"_v0": None, "_v1": None, "_v2": None, "_v3": None}
    rows = [{"key": 1, TIME: 0, KNOWN: strategies.MINUTE, **blank}]
    plan = strategies.plan(60 * strategies.MINUTE)
    moments = [0, 1, 5, 60]
    found = computed(rows, [(1, moment * strategies.MINUTE - 1) for moment in moments], plan)
    found += computed(rows, [(1, moment * strategies.MINUTE) for moment in moments], plan)
    counts = [(row["count_None_5m"], row["count_None_1h"]) for row in found]
    assert counts == [(None, None), (None, None), (1, 1), (0, 1), (None, None), (1, 1), (0, 1), (None, None)]


@pytest.mark.parametrize("late", [False, True])
def test_a_dense_grid_of_moments(late: bool) -> None:
    """Events and questions on the same few moments, so that every window begins and ends on some."""
    coin = random.Random(17)
    grid = [step * 5 * strategies.MINUTE + off for step in range(20) for off in (-1, 0, 1)]
    rows = []
    for _ in range(120):
        at = coin.choice(grid)
        wait = coin.choice((0, 5, 60, 180)) * strategies.MINUTE if late else 0
        value = coin.choice((None, 1, 2, 3))
        rows.append({"key": 0, TIME: at, KNOWN: at + wait, "_v0": value, "_v1": value, "_v2": None, "_v3": value})
    plan = strategies.plan(60 * strategies.MINUTE)
    asked = [(0, at + later * strategies.MINUTE) for at in grid for later in (0, 60, 180)]
    assert strategies.events(rows)[0].ordered is not late
    assert computed(rows, asked, plan) == [naive.features(plan, rows, (0,), at) for _, at in asked]
