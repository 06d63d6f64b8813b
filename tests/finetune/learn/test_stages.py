"""Marks of finished stages, and the gate's words."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.errors import Busy
from finetune.learn.budget import Budget
from finetune.learn.stages import Stages
from finetune.learn.verdict import verdict


@pytest.fixture
def stages(tmp_path: Path) -> Stages:
    made = Stages(tmp_path / "learn" / "one", ("first", "second"), Budget(1), lambda _: None)
    made.folder.mkdir(parents=True)
    return made


def test_a_stage_is_done_once(stages: Stages) -> None:
    assert stages.run("first", lambda: {"n": 1}) == {"n": 1}
    assert stages.run("first", lambda: pytest.fail("done again")) == {"n": 1}


def test_a_stage_that_fails_leaves_no_mark(stages: Stages) -> None:
    with pytest.raises(ZeroDivisionError):
        stages.run("first", lambda: {"n": 1 // 0})
    assert stages.read("first") is None


def test_a_job_goes_on_only_if_it_is_the_same_and_unfinished(stages: Stages) -> None:
    assert not stages.begin({"source": "a"})
    stages.write("first", {})
    assert stages.begin({"source": "a"})
    assert stages.read("first") == {}
    assert not stages.begin({"source": "b"})
    assert stages.read("first") is None
    stages.write("second", {})
    assert not stages.begin({"source": "b"})
    assert stages.read("second") is None


def test_one_learning_at_a_time(stages: Stages) -> None:
    other = Stages(stages.folder.parent / "two", stages.names, stages.budget, stages.say)
    with stages.alone(), pytest.raises(Busy, match="Another process is learning"), other.alone():
        pass


@pytest.mark.parametrize(
    ("before", "after", "margin", "worlds", "promoted", "why"),
    [
        (0.50, 0.60, 0.02, 0.80, True, "0.600 of 50"),
        (0.50, 0.51, 0.02, 0.80, False, "not at least 0.020 more"),
        (0.50, 0.50, 0.0, 0.80, False, "not more"),
        (0.50, 0.90, 0.02, 0.78, False, "forgot too much"),
        (0.50, 0.90, 0.02, 0.795, True, "other worlds 0.795 after 0.800"),
    ],
)
def test_the_gate(before: float, after: float, margin: float, worlds: float, promoted: bool, why: str) -> None:
    facts = {
        "general": {"right": before, "n": 50},
        "learned": {"right": after, "n": 50},
        "worlds": {"n": 160, "general": 0.8, "learned": worlds},
    }
    found = verdict(facts, margin, "questions")
    assert found.promoted is promoted
    assert why in found.why
