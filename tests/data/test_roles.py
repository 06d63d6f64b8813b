"""Which column titles a row and which tells its time, by what they are called and what is in them."""

from __future__ import annotations

import pytest

from data.catalog import Column, Table
from data.naming import Lexicon
from data.profile import ColumnProfile, TableProfile
from data.roles import label, time

ROWS = 200


def _profile(*columns: tuple[str, str, float, int], key: str | None = None, name: str = "stay") -> TableProfile:
    """Columns as (name, type, share of nulls, different values)."""
    seen = tuple(
        ColumnProfile(Column(called, type), nulls, distinct, unique=distinct == ROWS)
        for called, type, nulls, distinct in columns
    )
    table = Table("s", name, columns=tuple(found.column for found in seen), key=key)
    return TableProfile(table, ROWS, ROWS, seen)


def _text(name: str, distinct: int = 50) -> tuple[str, str, float, int]:
    return name, "VARCHAR", 0.0, distinct


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ((_text("SRNM"), _text("FNM")), "SRNM"),
        ((_text("stay_name"), _text("last_name")), "stay_name"),
        ((_text("guest_name"),), None),
        ((_text("city_nm", ROWS), _text("code", ROWS)), "city_nm"),
        ((_text("contact_name", ROWS), _text("company_name", ROWS)), "company_name"),
        ((_text("hotel_name", ROWS), _text("street_name", ROWS)), "hotel_name"),
        ((("report_no", "VARCHAR", 0.6, 80),), None),
        ((_text("DSC", ROWS), _text("chapter")), "DSC"),
        ((_text("plate_no", ROWS), _text("colour")), "plate_no"),
        ((_text("colour", ROWS),), None),
    ],
)
def test_a_title_is_called_so_or_differs_in_every_row(
    columns: tuple[tuple[str, str, float, int], ...], found: str | None
) -> None:
    profile = _profile(*columns)
    assert label(profile, Lexicon([profile.table])) == found


@pytest.mark.parametrize(
    ("nulls", "key", "found"), [(0.3, "stay_no", None), (0.3, "id", "name"), (0.1, "stay_no", "name")]
)
def test_a_name_that_many_rows_lack_is_no_title_where_their_key_is_a_text(
    nulls: float, key: str, found: str | None
) -> None:
    columns = (("id", "BIGINT", 0.0, ROWS), ("stay_no", "VARCHAR", 0.0, ROWS), ("name", "VARCHAR", nulls, 100))
    profile = _profile(*columns, key=key)
    assert label(profile, Lexicon([profile.table])) == found


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ((("discharged_on", 0.1), ("admitted_on", 0.0)), "admitted_on"),
        ((("delivered_at", 0.0), ("booked_at", 0.0)), "booked_at"),
        ((("promised_on", 0.0), ("delivered_on", 0.3)), "promised_on"),
        ((("valid_until", 0.0),), "valid_until"),
        ((("date_of_birth", 0.0), ("deceased_on", 0.0)), None),
        ((("left_on", 0.9),), None),
    ],
)
def test_a_time_is_when_it_happened_or_began(columns: tuple[tuple[str, float], ...], found: str | None) -> None:
    profile = _profile(*((name, "DATE", nulls, 90) for name, nulls in columns))
    assert time(profile, Lexicon([profile.table])) == found
