"""Seconds per question beside a peer: what is measured, and when SQL counts as right."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents import bench
from agents.evaluation.gold import golds
from agents.evaluation.question import Line, Question
from data.errors import Invalid


def line(**fields):
    return Line(Path("q.jsonl"), 1, Question(question="?", **fields))


def test_speed_is_measured_over_questions_that_have_an_answer(gateway, owner, findings, tmp_path):
    with pytest.raises(Invalid, match="no questions that can be answered"):
        bench.bench((line(status=["unsure"]),), gateway, owner, findings, adapter=tmp_path, models=tmp_path)


@pytest.mark.parametrize(
    ("gold", "written", "right"),
    [
        ({"sql": "SELECT count(*) FROM tidal.plays"}, "SELECT 4 FROM tidal.plays LIMIT 1", True),
        ({"sql": "SELECT count(*) FROM tidal.plays"}, "SELECT count(*) + 1 FROM tidal.plays", False),
        ({"sql": "SELECT count(*) FROM tidal.plays"}, "SELECT nothing FROM tidal.plays", False),
        ({"answers": [[["2024-01-01"]]]}, "SELECT DATE '2024-01-01' FROM tidal.plays LIMIT 1", True),
    ],
)
def test_sql_is_right_by_its_rows(gateway, owner, gold, written, right):
    asked = line(**gold)
    assert bench._right(written, golds(asked, gateway, owner), asked, gateway, owner) is right
