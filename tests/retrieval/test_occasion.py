"""What a question is asked for is no part of what it asks."""

from __future__ import annotations

import pytest

from retrieval.occasion import without_occasion


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("For the auditors: how many invoices are unpaid?", ": how many invoices are unpaid?"),
        ("for the timetable review - how many classes on Mondays", "- how many classes on Mondays"),
        ("ten best customers, for the christmas mailing", "ten best customers,"),
        ("a count for each please (cash, card), for the marketing meeting.", "a count for each please (cash, card), ."),
        ("Total sales please for the board", "Total sales please"),
        ("bookings per channel, we want to see whether the app is catching on", "bookings per channel,"),
    ],
)
def test_the_occasion_is_blanked(question: str, left: str) -> None:
    found = without_occasion(question, lambda word: False)
    assert " ".join(found.split()) == left
    assert len(found) == len(question)


@pytest.mark.parametrize(
    "question",
    [
        "How much did we pay for the website?",
        "tickets for the conference",
        "For the review of 2024, how many books",
        "for the board",
        "For board meetings, how many people came?",
        "For each meeting, how many people came?",
        "For the March report, how many tickets per city?",
        "List our suppliers, I want to know where they are based",
        "Tickets in 2024. I want to see if it grew. Only count those from Leeds.",
        "In Leeds, we want to know where the boats are",
        "We want to see whether boats were sold",
    ],
)
def test_what_is_asked_about_stays(question: str) -> None:
    assert without_occasion(question, lambda word: False) == question


def test_a_name_of_several_words_stays() -> None:
    question = "For the Leeds summer meeting, how many tickets were sold?"
    assert without_occasion(question, lambda words: words == "Leeds summer meeting") == question


def test_what_the_data_has_a_name_for_stays() -> None:
    question = "For the Brac briefing: who landed there?"
    assert without_occasion(question, lambda word: word == "Brac") == question
