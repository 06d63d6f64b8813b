from __future__ import annotations

from datetime import date

import pytest

from agents.ask.chart import chart

DAYS = [date(2024, 1, 1), date(2024, 1, 2)]


@pytest.mark.parametrize(
    ("columns", "rows", "kind", "x", "y"),
    [
        (["day", "n"], [[DAYS[0], 1], [DAYS[1], 2]], "line", "day", "n"),
        (["n", "city"], [[1, "Rome"], [2, "Oslo"]], "bar", "city", "n"),
        (["year(created_at)", "n"], [[2024, 1], [2025, 2]], "line", "year(created_at)", "n"),
        (["user_id", "n"], [[7, 1], [8, 2]], "bar", "user_id", "n"),
        (["city", "n"], [[None, 1], ["Oslo", 2]], "bar", "city", "n"),
    ],
)
def test_shapes_with_a_picture(columns, rows, kind, x, y):
    spec = chart(columns, rows)
    assert spec is not None
    assert (spec["kind"], spec["x"], spec["y"]) == (kind, x, y)


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        ([], []),
        (["n"], [[1], [2]]),
        (["city", "n"], [["Rome", 1]]),
        (["city", "name"], [["Rome", "a"], ["Oslo", "b"]]),
        (["city", "n"], [["Rome", 1], ["Rome", 2]]),
        (["n", "n"], [["Rome", 1], ["Oslo", 2]]),
        (["city", "n"], [[f"c{n}", n] for n in range(51)]),
        (["city", "n"], [["Rome", None], ["Oslo", None]]),
    ],
)
def test_shapes_without(columns, rows):
    assert chart(columns, rows) is None
