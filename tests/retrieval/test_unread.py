"""Words that say who asks, or why, are no words that the data should have told something of."""

from __future__ import annotations

import pytest

from retrieval.unread import preface, unread


@pytest.mark.parametrize(
    ("before", "request_"),
    [
        ("Hi, our accountant is asking ", "how many people are in the club right now"),
        ("Someone at the counter wants ", "the 2022 Dry Riesling, what does it go for?"),
        ("Chasing money today. ", "How many unpaid orders does each distributor have with us?"),
        ("for the traceability audit: ", "codes of the tanks that held fruit picked in 2023"),
        ("The boss would like to know ", "which depots are full"),
        ("", "how many customers want a refund"),
        ("", "customers who want a refund"),
        ("", "I'd like the number of orders in May"),
        ("", "average salary. per depot please"),
        ("", "Which of our cranes broke down? And who repaired them all in the end?"),
        ("", ""),
    ],
)
def test_a_request_begins_behind_who_asks_and_why(before: str, request_: str) -> None:
    question = before + request_
    assert question[: preface(question)] == before


def test_only_the_request_tells_what_is_missing() -> None:
    said = unread("Our accountant is asking how many tractors we own", (), (), lambda _: 0.5)
    assert [word.text for word in said if word.thing] == ["tractors"]
    assert said[0].asked
