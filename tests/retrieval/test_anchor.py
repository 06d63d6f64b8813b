"""The day that a question says it is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from retrieval.anchor import anchored
from retrieval.moments import moments

NOW = datetime(2025, 5, 20, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("question", "day", "left"),
    [
        ("Today is 4 March 2024. Who came?", "2024-03-04", "Who came?"),
        ("Today's date is 2024-03-04: who came?", "2024-03-04", "who came?"),
        ("Assume it is 4 March 2024, who came?", "2024-03-04", "who came?"),
        ("Who came, given that today is March 4, 2024?", "2024-03-04", "Who came,"),
        ("(today = 2024-03-04) Who came?", "2024-03-04", "Who came?"),
        ("It is now March 2024. Who came?", "2024-03-01", "Who came?"),
        ("It's 4 March 2024. Who came?", "2024-03-04", "Who came?"),
    ],
)
def test_a_question_says_which_day_it_is(question: str, day: str, left: str) -> None:
    found = anchored(question, NOW)
    assert str(found.now.date()) == day
    assert found.question.strip(" (") == left
    assert len(found.question) == len(question)


@pytest.mark.parametrize(
    "question",
    [
        "Who came on 4 March 2024?",
        "Who came until today, 4 March 2024?",
        "Who came today?",
        "Who came before it was 2024?",
        "As the year 2024 is over, who came?",
        "How many came since today is 2024?",
    ],
)
def test_other_days_are_no_anchor(question: str) -> None:
    assert anchored(question, NOW).question == question
    assert anchored(question, NOW).now == NOW


def test_periods_are_counted_from_it() -> None:
    found = anchored("Today is 10 January 2024. Who came last month?", NOW)
    (period,) = moments(found.question, found.now)
    assert (str(period.since), str(period.until)) == ("2023-12-01", "2024-01-01")
