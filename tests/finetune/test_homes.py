"""Grounds under other sources, and two side by side."""

from __future__ import annotations

import random

import pytest

from finetune.ground import Ground
from finetune.homes import beside, moved
from finetune.sampler import Sampler
from finetune.worlds import world


@pytest.fixture(scope="module")
def gym() -> Ground:
    return Ground.of(world("gym", 0))


def drawn(ground: Ground, count: int) -> list[str]:
    sampler = Sampler(ground.catalog, ground.values, ground.words, random.Random(1), 0.0, profile=ground.profile)
    return [found.sql for found in (sampler.draw() for _ in range(count)) if found]


@pytest.mark.parametrize("sources", [1, 2])
def test_what_is_drawn_over_a_moved_ground_can_be_executed(gym: Ground, sources: int) -> None:
    tries = (moved(gym, random.Random(seed)) for seed in range(60))
    ground = next(g for g in tries if g is not gym and len(g.catalog.sources) == sources)
    assert "gym." not in str(ground.words)
    assert set(ground.values) <= {table.full_name for table in ground.catalog.tables}
    queries = drawn(ground, 40)
    assert queries
    assert all(ground.run(sql).num_columns for sql in queries)


def test_two_grounds_answer_each_for_its_own_tables(gym: Ground) -> None:
    both = beside(gym, Ground.of(world("school", 0)))
    queries = drawn(both, 80)
    assert {source for sql in queries for source in ("gym", "school") if f"FROM {source}." in sql} == {"gym", "school"}
    assert all(both.run(sql).num_columns for sql in queries)
