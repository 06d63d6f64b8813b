"""Decades, centuries, seasons, and bounds in other words."""

from __future__ import annotations

import pytest

from tests.retrieval.test_moments import read


@pytest.mark.parametrize(
    ("said", "since", "until"),
    [
        ("born in the sixties", "1960-01-01", "1970-01-01"),
        ("from the nineties", "1990-01-01", "2000-01-01"),
        ("the early eighties", "1980-01-01", "1984-01-01"),
        ("in the late 1970s", "1977-01-01", "1980-01-01"),
        ("in the mid-nineties", "1994-01-01", "1997-01-01"),
        ("in the 19th century", "1801-01-01", "1901-01-01"),
        ("in summer 2023", "2023-06-01", "2023-09-01"),
        ("in the winter of 2022", "2022-12-01", "2023-03-01"),
        ("autumn 2021", "2021-09-01", "2021-12-01"),
        ("before the year 2000", "", "2000-01-01"),
        ("pre-2010", "", "2010-01-01"),
        ("post-2010", "2011-01-01", ""),
        ("no later than May 2023", "", "2023-06-01"),
        ("not before 2021", "2021-01-01", ""),
        ("in or after 2021", "2021-01-01", ""),
        ("in or before 2021", "", "2022-01-01"),
        ("1 to 15 March 2024", "2024-03-01", "2024-03-16"),
    ],
)
def test_what_they_mean(said: str, since: str, until: str) -> None:
    ((_, *ends),) = read(said)
    assert ends == [since, until]


@pytest.mark.parametrize("said", ["in her thirties", "fifties", "the fall of Rome", "last summer"])
def test_what_tells_no_period(said: str) -> None:
    assert read(said) == []
