"""What a learning's minutes are spent on."""

from __future__ import annotations

import pytest

from finetune.learn.budget import TRIED, Budget


@pytest.mark.parametrize("speed", [0.4, 8.0, 100.0])
def test_learning_leaves_time_to_ask_and_to_try_other_worlds(speed: float) -> None:
    budget = Budget(25)
    count = budget.examples(speed, 10**6, 1)
    assert count / speed + TRIED / speed + budget.asking <= 25 * 60


def test_a_slow_machine_still_learns_the_least() -> None:
    assert Budget(1).examples(0.01, 3_000, 24) == 24
