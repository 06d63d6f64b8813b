"""Which of several tables of one name a question about the last minutes means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from retrieval.freshest import fresh
from retrieval.hints import Hint
from retrieval.moments import moments

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
SALES = Hint("sales", "table", ("a.sales", "b.sales"))


def kept(hint: Hint, question: str, **minutes: int | None) -> tuple[str, ...]:
    """The targets that are left, where the tables of `a` and `b` changed so many minutes ago."""
    changed = {f"{name}.sales": None if m is None else NOW - timedelta(minutes=m) for name, m in minutes.items()}
    return fresh(hint, moments(question, NOW), NOW, changed.get).targets


@pytest.mark.parametrize(
    ("a", "b", "targets"),
    [
        (600, 1, ("b.sales",)),
        (1, 600, ("a.sales",)),
        (600, 700, ("a.sales",)),
        (None, 1, ("b.sales",)),
        (None, 600, ("a.sales",)),
        (None, None, ("a.sales", "b.sales")),
    ],
)
def test_the_fresher_table_is_kept(a: int | None, b: int | None, targets: tuple[str, ...]) -> None:
    assert kept(SALES, "sales in the last five minutes", a=a, b=b) == targets


@pytest.mark.parametrize("question", ["sales", "sales today", "sales in 2025", "sales in the last 30 hours"])
def test_other_questions_mean_all_of_them(question: str) -> None:
    assert kept(SALES, question, a=600, b=1) == SALES.targets


@pytest.mark.parametrize(
    "hint", [Hint("sales", "table", ("a.sales",)), Hint("x", "column", ("a.sales.x", "b.sales.x"))]
)
def test_other_hints_stay_as_they_are(hint: Hint) -> None:
    assert kept(hint, "sales in the last five minutes", a=600, b=1) == hint.targets
