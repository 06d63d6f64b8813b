"""Numbers and the comparisons that they stand in."""

from __future__ import annotations

import pytest

from retrieval.numbers import numbers


@pytest.mark.parametrize(
    ("said", "operator", "values"),
    [
        ("5", None, "5"),
        ("$1.5k", None, "1500"),
        ("1,000,000", None, "1000000"),
        ("1,00,000", None, "100000"),
        ("3.10", None, "3.1"),
        (".5", None, "0.5"),
        ("€5.50", None, "5.5"),
        ("5 million", None, "5000000"),
        ("2bn", None, "2000000000"),
        ("10%", None, "10"),
        ("-5", None, "-5"),
        ("999999999999999999999999999999", None, "999999999999999999999999999999"),
        ("٣", None, "3"),
        ("two hundred", None, "200"),
        ("twenty-five", None, "25"),
        ("a hundred and sixteen", None, "116"),
        ("two thousand and five", None, "2005"),
        ("one hundred thousand", None, "100000"),
        ("a dozen", None, "12"),
        ("over $1.5k", ">", "1500"),
        ("more than five hundred dollars", ">", "500"),
        ("over -5", ">", "-5"),
        ("over 60s", ">", "60"),
        ("at least two", ">=", "2"),
        ("greater than or equal to 5", ">=", "5"),
        ("not under 5", ">=", "5"),
        ("100 seconds or more", ">=", "100"),
        ("10+", ">=", "10"),
        ("big enough for 24", ">=", "24"),
        ("24, which ones are big enough", ">=", "24"),
        ("under 3 seconds", "<", "3"),
        ("fewer than ten", "<", "10"),
        ("no more than ten", "<=", "10"),
        ("5 or fewer", "<=", "5"),
        ("exactly 5", "=", "5"),
        ("between 5 and 10 dollars", "between", "5 10"),
        ("between $5 and $10", "between", "5 10"),
        ("between two hundred and three hundred", "between", "200 300"),
    ],
)
def test_a_number_is_read(said: str, operator: str | None, values: str) -> None:
    question = f"Show payments {said} please"
    (found,) = numbers(question, [])
    assert (found.text, found.operator, " ".join(found.values)) == (said, operator, values)
    assert question[found.start : found.end] == said


@pytest.mark.parametrize(
    ("question", "values"),
    [
        ("5, 6 and 7", ["5", "6", "7"]),
        ("under 10 or over 20", ["10", "20"]),
        ("between 1 and 2 and 3", ["1", "2", "3"]),
        ("(5 - 10)", ["5", "10"]),
    ],
)
def test_several_numbers(question: str, values: list[str]) -> None:
    found = numbers(question, [])
    assert [value for number in found for value in number.values] == values
    assert all(question[n.start : n.end] == n.text for n in found)


@pytest.mark.parametrize(
    "noise",
    ["", "a", "v2", "2x", "1e9", "1.2.3", "1,50", "1½", "²", "someone", "sixtyone", "$", "over $", "🎸"],
)
def test_what_is_no_number_is_left_alone(noise: str) -> None:
    assert numbers(noise, []) == []


def test_an_open_between_is_a_plain_number() -> None:
    (found,) = numbers("between 5", [])
    assert (found.operator, found.values) == (None, ("5",))


def test_places_of_dates_are_passed_over() -> None:
    question = "over 5 in 2024"
    assert [n.values for n in numbers(question, [(question.index("in"), len(question))])] == [("5",)]


@pytest.mark.parametrize(
    ("said", "operator", "values"),
    [
        ("longer than five minutes", ">", ("300",)),
        ("shorter then 2 minutes", "<", ("120",)),
        ("at least 1.5 hours", ">=", ("5400",)),
        ("30 seconds", None, ("30",)),
        ("between 3 and 5 minutes", "between", ("180", "300")),
        ("between 30 seconds and 2 minutes", "between", ("30", "120")),
        ("90 min or more", ">=", ("5400",)),
    ],
)
def test_durations_count_in_seconds_where_they_are_stored_so(
    said: str, operator: str | None, values: tuple[str, ...]
) -> None:
    (number,) = numbers(f"tracks {said}", [], timed=True)
    assert (number.operator, number.values) == (operator, values)
    (untimed,) = numbers("tracks of 5 minutes", [])
    assert untimed.values == ("5",)


@pytest.mark.parametrize(
    ("question", "metres", "found"),
    [
        ("who works with K-033?", False, []),
        ("order RA-00507", False, []),
        ("from 10-20", False, ["10", "20"]),
        ("who wrote The Twelve Chairs", False, []),
        ("Seven Samurai", False, []),
        ("Two boats", False, ["2"]),
        ("wider than 10 m", True, ["10"]),
        ("budget of 10 m", False, ["10000000"]),
        ("over $10 m", True, ["10000000"]),
        ("10 m euros", True, ["10000000"]),
        ("over 10m", True, ["10000000"]),
    ],
)
def test_codes_names_and_metres_are_what_they_are(question: str, metres: bool, found: list[str]) -> None:
    assert [value for number in numbers(question, [], metres=metres) for value in number.values] == found


def test_half_of_something_and_one_of_it_are_numbers() -> None:
    late, lasting = (numbers(q, [])[0] for q in ("more than half an hour late", "flights of over an hour"))
    assert [(n.operator, n.values) for n in (late, lasting)] == [(">", ("0.5",)), (">", ("1",))]


def test_a_serial_number_is_no_number() -> None:
    assert numbers("the lift K94378-258", []) == []
