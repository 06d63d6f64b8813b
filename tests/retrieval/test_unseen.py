"""Linking over a store whose names and words nobody prepared for: a campsite."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from data.catalog import Catalog
from retrieval.hints import Hint
from retrieval.linker import Linker
from retrieval.values import ValueIndex

CAMP = """
version: 1
sources:
  - name: camp
    kind: sqlite
    location: camp.sqlite
    tables:
      - name: dim_guest
        key: guest_no
        label: guest_nm
        columns:
          - {name: guest_no, type: BIGINT}
          - {name: guest_nm, type: VARCHAR}
          - {name: gender, type: VARCHAR, labels: {"1": Female, "2": Male}}
          - {name: birth_date, type: DATE}
          - {name: host_no, type: BIGINT}
          - {name: address, type: VARCHAR}
      - name: tentPitch
        key: pitchNo
        columns:
          - {name: pitchNo, type: BIGINT}
          - {name: pitchKind, type: VARCHAR}
          - {name: hasPower, type: BOOLEAN}
          - {name: laid_yr, type: INTEGER}
          - {name: area_m2, type: DOUBLE, unit: m2}
      - name: stay
        key: stay_no
        time: arrived_on
        columns:
          - {name: stay_no, type: BIGINT}
          - {name: guest_no, type: BIGINT}
          - {name: pitchNo, type: BIGINT}
          - {name: arrived_on, type: DATE}
          - {name: leaving_reason, type: VARCHAR}
          - {name: status, type: VARCHAR}
          - {name: power_kwh, type: DOUBLE, unit: kWh}
          - {name: luggage_weight_kg, type: DOUBLE, unit: kg}
          - {name: fee_eur, type: DOUBLE, unit: EUR}
relationships:
  - {from: camp.stay.guest_no, to: camp.dim_guest.guest_no}
  - {from: camp.stay.pitchNo, to: camp.tentPitch.pitchNo}
  - {from: camp.dim_guest.host_no, to: camp.dim_guest.guest_no}
"""
VALUES = {
    "camp.dim_guest": {"gender": ["1", "2"], "address": ["Mill Lane 1", "Mill Lane 2", "Oak Road 5"]},
    "camp.tentPitch": {"pitchKind": ["caravan", "shaded corner", "estimate"]},
    "camp.stay": {"leaving_reason": ["breakdown", "weather"], "status": ["CNC", "DNE", "PND"]},
}
LABELS = {("camp.dim_guest", "gender"): {"1": "Female", "2": "Male"}}


@pytest.fixture
def camp(tmp_path: Path) -> Linker:
    path = tmp_path / "catalog.yaml"
    path.write_text(CAMP)
    nothing = lambda said: [()] * len(said)  # noqa: E731
    now = datetime(2025, 5, 20, tzinfo=UTC)
    return Linker(Catalog.load(path), ValueIndex(VALUES, LABELS), nothing, now=lambda: now)


def hint(camp: Linker, question: str, span: str) -> Hint | None:
    return next((found for found in camp.link(question).hints if found.span == span), None)


def text(camp: Linker, question: str, span: str) -> str | None:
    found = hint(camp, question, span)
    return found.text if found else None


@pytest.mark.parametrize(
    ("question", "span", "meant"),
    [
        ("How many guests?", "guests", "guests = camp.dim_guest"),
        ("free pitches", "pitches", "pitches = camp.tentPitch"),
        ("pitches with power", "power", "power = tentPitch.hasPower"),
        ("stays by reason", "reason", "reason = stay.leaving_reason"),
        ("guests by reason", "reason", None),
        ("pitches by type", "type", "type = tentPitch.pitchKind"),
        ("kinds of pitch", "kinds of pitch", "kinds of pitch = tentPitch.pitchKind"),
        ("guests born in March 2000", "born", "born = dim_guest.birth_date"),
        ("the oldest guest", "oldest", "oldest = dim_guest.birth_date"),
        ("the heaviest stay", "heaviest", "heaviest = stay.luggage_weight_kg"),
        ("stays with the date", "date", "date = stay.arrived_on"),
        ("stays with the booking date", "date", None),
        ("what a stay weighs", "weighs", "weighs = stay.luggage_weight_kg"),
        ("guests of each host", "host", "host = dim_guest.host_no"),
    ],
)
def test_names_are_known_by_parts_of_them(camp: Linker, question: str, span: str, meant: str | None) -> None:
    assert text(camp, question, span) == meant


@pytest.mark.parametrize(
    ("question", "span", "meant"),
    [
        ("how many guests are women", "women", "women = dim_guest.gender '1'"),
        ("male guests", "male", "male = dim_guest.gender '2'"),
        ("cancelled stays", "cancelled", "cancelled = stay.status 'CNC'"),
        ("stays in concert", "concert", None),
        ("shaded pitches", "shaded", "shaded = tentPitch.pitchKind 'shaded corner'"),
        ("stays ended by a breakdown", "breakdown", "breakdown = stay.leaving_reason 'breakdown'"),
        ("a breakdown of stays by status", "breakdown", None),
        ("guests who live in Mill Lane", "Mill Lane", "Mill Lane = dim_guest.address"),
    ],
)
def test_values_are_known_by_what_people_say(camp: Linker, question: str, span: str, meant: str | None) -> None:
    assert text(camp, question, span) == meant


@pytest.mark.parametrize(
    ("question", "span", "meant"),
    [
        ("kwh of stays by month", "kwh", "kwh = stay.power_kwh"),
        ("luggage weight of stays in kilograms", "kilograms", None),
        ("luggage weight of stays, kg", "kg", None),
        ("stays over 20 kg", "kg", "kg = stay.luggage_weight_kg"),
    ],
)
def test_units_tell_columns(camp: Linker, question: str, span: str, meant: str | None) -> None:
    assert text(camp, question, span) == meant


@pytest.mark.parametrize(
    ("question", "span", "meant"),
    [
        ("stays of guest 103", "103", "103 = dim_guest.guest_no or stay.guest_no or dim_guest.host_no 103"),
        ("stays of guest number 103", "103", "103 = dim_guest.guest_no or stay.guest_no or dim_guest.host_no 103"),
        ("guests with 3 stays", "3", "3 = 3"),
        ("guests over 103", "over 103", "over 103 = > 103"),
        ("pitches laid before 2014", "before 2014", "before 2014 = tentPitch.laid_yr < 2014"),
        ("pitches laid in 2014", "in 2014", "in 2014 = tentPitch.laid_yr = 2014"),
        ("pitches laid since 2014", "since 2014", "since 2014 = tentPitch.laid_yr >= 2014"),
        (
            "pitches laid between 2014 and 2016",
            "between 2014 and 2016",
            "between 2014 and 2016 = tentPitch.laid_yr between 2014 and 2016",
        ),
        ("stays in 2014", "in 2014", "in 2014 = >= 2014-01-01 < 2015-01-01"),
    ],
)
def test_numbers_of_rows_and_years_kept_as_numbers(camp: Linker, question: str, span: str, meant: str) -> None:
    assert text(camp, question, span) == meant


def test_the_day_that_it_is_said_to_be(camp: Linker) -> None:
    link = camp.link("Today is 10 January 2024. How many stays were there last month?")
    assert [found.text for found in link.hints] == ["stays = camp.stay", "last month = >= 2023-12-01 < 2024-01-01"]
    assert str(link.now.date()) == "2024-01-10"
