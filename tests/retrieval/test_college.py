"""Linking over a college's store: terms that are called like seasons, loans of books, countries by name."""

from __future__ import annotations

import pytest

from retrieval.linker import Linker
from retrieval.values import ValueIndex
from tests.retrieval.conftest import Over

COLLEGE = """
version: 1
sources:
  - name: college
    kind: sqlite
    location: college.sqlite
    tables:
      - name: courses
        key: id
        label: title
        columns:
          - {name: id, type: BIGINT}
          - {name: title, type: VARCHAR}
          - {name: fee_type, type: VARCHAR}
      - name: terms
        key: id
        label: name
        columns:
          - {name: id, type: BIGINT}
          - {name: name, type: VARCHAR}
          - {name: starts_on, type: DATE}
      - name: students
        key: id
        label: full_name
        columns:
          - {name: id, type: BIGINT}
          - {name: full_name, type: VARCHAR}
          - {name: home_country, type: VARCHAR}
          - {name: status, type: VARCHAR}
      - name: library_loans
        key: id
        columns:
          - {name: id, type: BIGINT}
          - {name: student_id, type: BIGINT}
          - {name: book_title, type: VARCHAR}
          - {name: returned_on, type: DATE}
      - name: fuel_uplifts
        key: id
        columns:
          - {name: id, type: BIGINT}
          - {name: supplier, type: VARCHAR}
          - {name: method, type: VARCHAR}
relationships:
  - {from: college.library_loans.student_id, to: college.students.id}
"""
VALUES = {
    "college.terms": {"name": ["Autumn 2024", "Spring 2025"]},
    "college.students": {
        "home_country": ["United Kingdom", "Germany", "Poland", "Ghana"],
        "status": ["active", "withdrawn"],
    },
    "college.fuel_uplifts": {"supplier": ["Petrol", "Shell"], "method": ["card"]},
}


@pytest.fixture(scope="module")
def linker(over: Over) -> Linker:
    return over(COLLEGE, VALUES)


@pytest.mark.parametrize(
    ("question", "span", "targets", "literals"),
    [
        ("when did Spring 2025 start?", "Spring 2025", ("college.terms.name",), ("Spring 2025",)),
        ("who came in autumn 2024", "autumn 2024", ("college.terms.name",), ("Autumn 2024",)),
        ("who came in the Autumn 2024", "Autumn 2024", ("college.terms.name",), ("Autumn 2024",)),
        ("students from the UK", "UK", ("college.students.home_country",), ("United Kingdom",)),
        ("German students", "German", ("college.students.home_country",), ("Germany",)),
        ("students who dropped out", "dropped out", ("college.students.status",), ("withdrawn",)),
        ("books on loan", "books", ("college.library_loans.book_title",), ()),
        ("loans that haven't come back", "come back", ("college.library_loans.returned_on",), ()),
        ("what we spend on fuel", "fuel", ("college.fuel_uplifts",), ()),
        ("split by how people paid", "how people paid", ("college.fuel_uplifts.method",), ()),
    ],
)
def test_what_words_mean(
    linker: Linker, question: str, span: str, targets: tuple[str, ...], literals: tuple[str, ...]
) -> None:
    found = {hint.span: hint for hint in linker.link(question).hints}
    assert span in found, found
    assert (found[span].targets, found[span].literals) == (targets, literals)


@pytest.mark.parametrize("question", ["loans in summer 2023", "loans since Spring 2024", "loans in March 2025"])
def test_a_period_that_nothing_is_called_is_a_period(linker: Linker, question: str) -> None:
    assert [hint.kind for hint in linker.link(question).hints if hint.kind == "time"] == ["time"]


@pytest.mark.parametrize("few", [["Georgia"], ["Jordan", "Chad"], ["Jordan", "Anna", "Chad", "Georgia", "Ben"]])
def test_few_texts_that_are_called_like_countries_are_none(few: list[str]) -> None:
    values = ValueIndex({"shop.people": {"name": [*few, "Ireland"] if len(few) > 2 else few}})
    assert values.find("irish") == ()
