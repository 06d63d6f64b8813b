"""Periods in words: [since, until) in days, either end open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from retrieval.moments import moments

NOW = datetime(2025, 5, 20, 15, 30, 42, 700_000, tzinfo=UTC)  # a Tuesday


def read(question: str) -> list[tuple[str, str, str]]:
    """(text, since, until) of each period; an open end is ''."""
    return [(m.text, str(m.since or ""), str(m.until or "")) for m in moments(question, NOW)]


@pytest.mark.parametrize(
    ("question", "periods"),
    [
        ("more in 2023 than the year before", ["2023-01-01", "2022-01-01"]),
        ("March 2024 against the month before", ["2024-03-01", "2024-02-01"]),
        ("sold in 2023, the year before they closed", ["2023-01-01"]),
        ("sold the year before", []),
        ("sold last year, 2023, by month", ["2023-01-01"]),
        ("refunded last year, 2000 dollars and more", ["2024-01-01"]),
    ],
)
def test_a_period_is_told_from_another(question: str, periods: list[str]) -> None:
    assert [since for _, since, _ in read(question)] == periods


@pytest.mark.parametrize(
    ("said", "since", "until"),
    [
        ("January to June 2025", "2025-01-01", "2025-07-01"),
        ("March 2025", "2025-03-01", "2025-04-01"),
        ("MAR 2025", "2025-03-01", "2025-04-01"),
        ("Sept. 2024", "2024-09-01", "2024-10-01"),
        ("March of 2025", "2025-03-01", "2025-04-01"),
        ("march2025", "2025-03-01", "2025-04-01"),
        ("December 2025", "2025-12-01", "2026-01-01"),
        ("2025-03", "2025-03-01", "2025-04-01"),
        ("2025-03-05", "2025-03-05", "2025-03-06"),
        ("2025/3/5", "2025-03-05", "2025-03-06"),
        ("2025-01-01T00:00", "2025-01-01", "2025-01-02"),
        ("Dec 31, 2025", "2025-12-31", "2026-01-01"),
        ("1st January 2025", "2025-01-01", "2025-01-02"),
        ("29th of February 2024", "2024-02-29", "2024-03-01"),
        ("Q1 2025", "2025-01-01", "2025-04-01"),
        ("q4 of 2024", "2024-10-01", "2025-01-01"),
        ("2025-Q3", "2025-07-01", "2025-10-01"),
        ("2025Q3", "2025-07-01", "2025-10-01"),
        ("first quarter of 2025", "2025-01-01", "2025-04-01"),
        ("second half of 2024", "2024-07-01", "2025-01-01"),
        ("H1 2025", "2025-01-01", "2025-07-01"),
        ("2024", "2024-01-01", "2025-01-01"),
        ("the 1990s", "1990-01-01", "2000-01-01"),
        ("the 90s", "1990-01-01", "2000-01-01"),
        ("'80s", "1980-01-01", "1990-01-01"),
        ("last year, 2023", "2023-01-01", "2024-01-01"),
        ("last year (2023)", "2023-01-01", "2024-01-01"),
        ("last month", "2025-04-01", "2025-05-01"),
        ("this week", "2025-05-19", "2025-05-26"),
        ("last quarter", "2025-01-01", "2025-04-01"),
        ("previous year", "2024-01-01", "2025-01-01"),
        ("last 3 months", "2025-02-20", "2025-05-21"),
        ("past 10 days", "2025-05-10", "2025-05-21"),
        ("yesterday", "2025-05-19", "2025-05-20"),
    ],
)
def test_a_period_is_read(said: str, since: str, until: str) -> None:
    assert read(said) == [(said, since, until)]


@pytest.mark.parametrize(
    ("said", "since", "until"),
    [
        ("in March 2025", "2025-03-01", "2025-04-01"),
        ("since June 2024", "2024-06-01", ""),
        ("after June 2024", "2024-07-01", ""),
        ("after 31 December 2025", "2026-01-01", ""),
        ("later than 2024", "2025-01-01", ""),
        ("before 2025", "", "2025-01-01"),
        ("until March 2025", "", "2025-03-01"),
        ("through March 2025", "", "2025-04-01"),
        ("by the end of March 2025", "", "2025-04-01"),
        ("before the end of March 2025", "", "2025-04-01"),
        ("March 2025 or later", "2025-03-01", ""),
        ("between May and July 2025", "2025-05-01", "2025-08-01"),
        ("from 10 to 20 February 2025", "2025-02-10", "2025-02-21"),
        ("from the 10th to the 20th of February 2025", "2025-02-10", "2025-02-21"),
        ("between 3 March and 9 April 2025", "2025-03-03", "2025-04-10"),
        ("from 20 December until 6 January 2025", "2024-12-20", "2025-01-07"),
        ("from Feb 10 to Feb 20, 2025", "2025-02-10", "2025-02-21"),
        ("February 10 - 20, 2025", "2025-02-10", "2025-02-21"),
        ("between November and February 2025", "2024-11-01", "2025-03-01"),
        ("from May 2024 to July 2025", "2024-05-01", "2025-08-01"),
        ("between 2024-01-05 and 2024-02-01", "2024-01-05", "2024-02-02"),
        ("since 2024 until March 2025", "2024-01-01", "2025-04-01"),
        ("2024-2025", "2024-01-01", "2026-01-01"),
        ("in 2024–2025", "2024-01-01", "2026-01-01"),
        ("2024 and 2025", "2024-01-01", "2026-01-01"),
        ("March 2024 and April 2024", "2024-03-01", "2024-05-01"),
    ],
)
def test_the_words_around_a_period_bound_it(said: str, since: str, until: str) -> None:
    question = f"How many payments {said} were there?"
    assert read(question) == [(said, since, until)]
    (moment,) = moments(question, NOW)
    assert question[moment.start : moment.end] == said


@pytest.mark.parametrize(
    "question",
    ["in March 2024 and March 2025", "between March 2025 and March 2024", "in 2025 and March 2024"],
)
def test_two_periods_apart_or_the_wrong_way_round_are_not_one(question: str) -> None:
    assert len(read(question)) == 2


@pytest.mark.parametrize("said", ["31 February 2025", "February 31, 2025", "2025-02-31", "29 February 2025"])
def test_a_day_that_does_not_exist_is_its_month(said: str) -> None:
    assert read(said) == [(said, "2025-02-01", "2025-03-01")]


@pytest.mark.parametrize(
    "said",
    [
        *("over 2000", "under 2000", "at least 2024 plays", "more than 2024", "worth 2000", "exactly 2000"),
        *("2000 dollars", "2000 USD", "2000 seconds", "$2024", "2,024", "2024.5", "2024%", "20240", "12024"),
        *("between 1500 and 2000", "between 1990 and 2000 dollars", "top 2000", "over 60s", "under 30 s"),
    ],
)
def test_an_amount_is_no_period(said: str) -> None:
    assert read(f"payments {said}") == []


def test_a_count_and_a_year_stand_side_by_side() -> None:
    assert read("2000 payments over 2000") == [("2000", "2000-01-01", "2001-01-01")]
    assert read("more than 2000 payments in 2024") == [("in 2024", "2024-01-01", "2025-01-01")]
    assert read("tracks under 30s in the 2020s") == [("in the 2020s", "2020-01-01", "2030-01-01")]


@pytest.mark.parametrize(
    "noise",
    [
        *(
            "",
            "   ",
            "May",
            "may I ask",
            "in May",
            "🎸🔥",
            "３月",
            "кто заплатил",
            "pagos de marzo",
            "\x00\x1b[2J",
        ),
        *("9999-12-31", "0000-01-01", "December 9999", "last 99999999 days", "last 99999 years"),
        "past 99999999999999999999 weeks",
    ],
)
def test_what_is_no_period_is_left_alone(noise: str) -> None:
    assert read(noise) == []


@pytest.mark.parametrize("noise", ["en 2025", "2025年に", "im Jahr 2025 bezahlt", "за 2025 год", "🎉2025🎉"])
def test_a_year_is_found_in_any_language(noise: str) -> None:
    assert [(since, until) for _, since, until in read(noise)] == [("2025-01-01", "2026-01-01")]


@pytest.mark.parametrize(
    ("said", "since", "until"),
    [
        ("in the last five minutes", "15:25:42", "15:30:43"),
        ("over the past 2 hours", "13:30:42", "15:30:43"),
        ("in the last half hour", "15:00:42", "15:30:43"),
        ("in the last half an hour", "15:00:42", "15:30:43"),
        ("in the last quarter of an hour", "15:15:42", "15:30:43"),
        ("the last 90 seconds", "15:29:12", "15:30:43"),
        ("the last 60s", "15:29:42", "15:30:43"),
        ("within the last 30 min", "15:00:42", "15:30:43"),
        ("last 5m", "15:25:42", "15:30:43"),
        ("the past hour", "14:30:42", "15:30:43"),
        ("in the last minute", "15:29:42", "15:30:43"),
        ("in the last few minutes", "15:25:42", "15:30:43"),
        ("in the last couple of hours", "13:30:42", "15:30:43"),
        ("in the last twenty-five minutes", "15:05:42", "15:30:43"),
        ("this hour", "15:00:00", "16:00:00"),
        ("in the current minute", "15:30:00", "15:31:00"),
        ("in the previous hour", "14:00:00", "15:00:00"),
        ("just now", "15:29:42", "15:30:43"),
        ("since 10 minutes ago", "15:20:42", ""),
        ("since half an hour ago", "15:00:42", ""),
        ("until 10 minutes ago", "", "15:20:42"),
        ("more than 2 hours ago", "", "13:30:42"),
        ("less than an hour ago", "14:30:42", ""),
        ("between 10 and 5 minutes ago", "15:20:42", "15:25:42"),
        ("between one hour ago and 30 minutes ago", "14:30:42", "15:00:42"),
        ("10 minutes ago", "15:20:42", "15:21:42"),
    ],
)
def test_a_period_of_minutes_is_counted_from_now(said: str, since: str, until: str) -> None:
    ends = tuple(f"2025-05-20 {end}" if end else "" for end in (since, until))
    assert read(f"How many payments {said}?") == [(said, *ends)]


@pytest.mark.parametrize(
    ("said", "since", "until"),
    [
        ("today so far", "2025-05-20", "2025-05-21"),
        ("so far today", "2025-05-20", "2025-05-21"),
        ("since midnight", "2025-05-20", ""),
        ("3 days ago", "2025-05-17", "2025-05-18"),
        ("since two weeks ago", "2025-05-06", ""),
        ("more than 3 days ago", "", "2025-05-17"),
        ("in the past week", "2025-05-13", "2025-05-21"),
        ("in the last day", "2025-05-19", "2025-05-21"),
        ("over the last seven days", "2025-05-13", "2025-05-21"),
    ],
)
def test_days_that_are_counted_from_now_stay_days(said: str, since: str, until: str) -> None:
    assert read(f"How many payments {said}?") == [(said, since, until)]


@pytest.mark.parametrize(
    "said",
    [
        *("longer than 5 minutes", "of 2 hours", "within 5 minutes of signing up", "took an hour", "in five minutes"),
        *("in the last five minutes of each call", "the last hour of the day", "at midnight", "hours later", "now"),
        *("last 99999999999999 hours", "99999999999999 minutes ago", "the last payment", "every 5 minutes"),
    ],
)
def test_a_duration_is_no_period(said: str) -> None:
    assert read(f"payments {said}") == []


def test_what_is_counted_from_now_is_told_in_utc() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=-9)))
    assert moments("in the last hour, or today", there) == moments("in the last hour, or today", NOW)


@pytest.mark.parametrize("said", ["last 2000 minutes", "last 2020 seconds"])
def test_minutes_are_no_year(said: str) -> None:
    ((_, since, until),) = read(said)
    assert until == "2025-05-20 15:30:43"
    assert since < until
