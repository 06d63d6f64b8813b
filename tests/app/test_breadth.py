"""The measurement of many tables beside a few, over four small databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import breadth
from app.settings import Settings


def test_the_right_tables_are_read_among_many(own_home: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breadth, "worlds", lambda: ("chess_club", "zoo", "gym"))
    found = breadth.measure(Settings(home=own_home, models=models), 26, 24, 0)
    assert found["tables"] >= 26
    assert found["named"]["recall"] >= 0.95
    assert found["named"]["tables_mean"] < found["tables"]
    assert 0 < found["paraphrased"]["recall"] <= 1
    assert found["seconds"] == {}


def test_the_tables_of_a_query_are_those_of_its_sub_queries_too() -> None:
    sql = "FROM zoo.keeper SELECT name WHERE id NOT IN (FROM zoo.shift SELECT keeper_id)"
    assert breadth._tables(sql) == {"zoo.keeper", "zoo.shift"}
