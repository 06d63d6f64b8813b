"""Marks for yes and no are told from small numbers and from other pairs."""

from __future__ import annotations

import pytest

from data.catalog import Column
from data.flags import flag
from data.naming import words


@pytest.mark.parametrize(
    ("name", "type", "marks", "format"),
    [
        ("active", "BIGINT", ("0", "1"), "1/0"),
        ("isGreen", "INTEGER", ("0", "1"), "1/0"),
        ("rush", "BIGINT", ("-1", "0"), "-1/0"),
        ("paid_flg", "VARCHAR", ("N", "Y"), "Y/N"),
        ("aktiv", "VARCHAR", ("j", "n"), "j/n"),
        ("num_rooms", "BIGINT", ("0", "1"), None),
        ("doses", "BIGINT", ("0", "1"), None),
        ("branch_no", "BIGINT", ("0", "1"), None),
        ("sex", "VARCHAR", ("F", "M"), None),
        ("share", "DOUBLE", ("0", "1"), None),
        ("rating", "BIGINT", ("1", "2"), None),
    ],
)
def test_a_pair_of_marks_is_a_flag_or_not(name: str, type: str, marks: tuple[str, str], format: str | None) -> None:
    assert flag(Column(name, type), words(name), marks, 500) == format


def test_a_number_of_few_rows_is_a_flag_only_if_it_is_called_one() -> None:
    marks = ("0", "1")
    assert flag(Column("open", "BIGINT"), ["open"], marks, 5) is None
    assert flag(Column("is_open", "BIGINT"), ["is", "open"], marks, 5) == "1/0"
