"""Other words for the same kind of thing."""

from __future__ import annotations

import pytest

from data.catalog import Catalog, Column, SourceConfig, Table
from retrieval.described import phrases
from retrieval.linker import Linker
from retrieval.spans import normal
from retrieval.thesaurus import synonyms
from retrieval.values import ValueIndex


def linker() -> Linker:
    bills = Table("clinic", "bill", columns=(Column("bill_id", "BIGINT"), Column("fee", "DOUBLE")), key="bill_id")
    units = Table("clinic", "department", columns=(Column("code", "VARCHAR"), Column("opened_on", "DATE")), key="code")
    catalog = Catalog((SourceConfig("clinic", "sqlite", "clinic.db", tables=(bills, units)),), ())
    return Linker(catalog, ValueIndex({}), lambda texts: [() for _ in texts])


@pytest.mark.parametrize(
    ("question", "hints"),
    [
        ("How many invoices are there?", ["invoices = clinic.bill"]),
        ("which ward opened first", ["ward = clinic.department", "opened = department.opened_on"]),
        ("invoice with the highest charge", ["invoice = clinic.bill", "charge = bill.fee"]),
        ("bills per department", ["bills = clinic.bill", "department = clinic.department"]),
        ("what do people take?", []),
        ("departments founded last", ["departments = clinic.department", "founded = department.opened_on"]),
    ],
)
def test_who_says_another_word_means_what_is_there(question: str, hints: list[str]) -> None:
    assert [hint.text for hint in linker().link(question).hints] == hints


def test_words_are_each_others_synonyms() -> None:
    assert normal("bill") in synonyms("invoices")
    assert normal("invoice") in synonyms("Bill")
    assert synonyms("take") == ()


@pytest.mark.parametrize(
    ("description", "things", "said"),
    [
        ("Airports (stations).", True, ["airports", "stations"]),
        ("Licences of the staff by type.", True, ["licences"]),
        ("Tail number (registration)", False, ["tail number", "registration"]),
        ("Hourly rate, cents", False, ["hourly rate"]),
        ("Flight was cancelled", False, ["cancelled", "flight was cancelled"]),
        ("Fees to be billed in a year", False, []),
        ("People to talk to at a client.", True, []),
    ],
)
def test_a_description_names_what_it_describes(description: str, things: bool, said: list[str]) -> None:
    assert list(dict.fromkeys(phrases(description, things=things))) == said
