"""Which tables of a large catalogue are read: those of the database that a question fits."""

from __future__ import annotations

import pytest

from data.catalog import Catalog, Column, Relationship, SourceConfig, Table
from retrieval.names import Names
from retrieval.selection import Selection
from retrieval.values import ValueIndex

SCHEMAS = {
    "clinic": {"patients": "id name ward", "visits": "id patient_id cost", "wards": "id title"},
    "school": {"pupils": "id name class", "marks": "id pupil_id points", "classes": "id title"},
    "shop": {"customers": "id name city", "orders": "id customer_id total", "items": "id order_id price"},
    "gym": {"customers": "id name plan", "visits": "id customer_id minutes", "coaches": "id name"},
}
VALUES = {"clinic.wards": {"title": ["Cardiology"]}, "gym.coaches": {"name": ["Ada King"]}}
LINKS = ("clinic.visits.patient_id", "school.marks.pupil_id", "shop.orders.customer_id", "gym.visits.customer_id")


def catalog() -> Catalog:
    sources = tuple(
        SourceConfig(
            source,
            "sqlite",
            "x",
            tables=tuple(
                Table(source, name, columns=tuple(Column(c, "VARCHAR") for c in columns.split()), key="id")
                for name, columns in tables.items()
            ),
        )
        for source, tables in SCHEMAS.items()
    )
    ends = [(name.rpartition(".")[0], name.rpartition(".")[2]) for name in LINKS]
    related = [Relationship(t, c, f"{t.split('.')[0]}.{c.removesuffix('_id')}s", "id") for t, c in ends]
    return Catalog(sources, tuple(related))


def selection(known: Catalog) -> Selection:
    return Selection(known, Names(known), ValueIndex(VALUES), lambda said: [[] for _ in said])


@pytest.mark.parametrize(
    ("question", "source"),
    [
        ("How many patients are there?", "clinic"),
        ("average points per class", "school"),
        ("visits in Cardiology", "clinic"),
        ("customers that Ada King coaches", "gym"),
        ("customers by total of orders", "shop"),
        ("minutes of visits by customers", "gym"),
    ],
)
def test_the_database_that_explains_most_words_is_read_as_a_whole(question: str, source: str) -> None:
    read = selection(catalog()).tables(question, {}, 6)
    assert {f"{source}.{name}" for name in SCHEMAS[source]} <= set(read)


def test_a_word_that_fits_several_databases_reads_them_all() -> None:
    read = selection(catalog()).tables("How many customers are there?", {}, 9)
    assert {"shop.customers", "gym.customers"} <= set(read)
    assert not any(name.startswith(("clinic", "school")) for name in read)


def test_questions_of_one_database_read_the_same_tables_in_the_same_order() -> None:
    chosen = selection(catalog())
    assert chosen.tables("patients by ward", {}, 6) == chosen.tables("cost of visits of patients in wards", {}, 6)


def test_no_more_than_the_most_are_read_and_the_named_ones_first() -> None:
    read = selection(catalog()).tables("points of pupils", {}, 2)
    assert set(read) == {"school.pupils", "school.marks"}


def test_cards_decide_where_no_word_does() -> None:
    read = selection(catalog()).tables("how is everybody doing", {"school.marks": 0.5, "gym.visits": 0.1}, 6)
    assert set(read) == {f"school.{name}" for name in SCHEMAS["school"]}


def test_a_question_that_fits_nothing_reads_nothing() -> None:
    assert selection(catalog()).tables("??", {}, 6) == ()


def test_sources_that_a_relationship_connects_are_one_database() -> None:
    known = catalog()
    linked = Relationship("gym.coaches", "id", "school.pupils", "id")
    joined = Catalog(known.sources, (*known.relationships, linked))
    read = selection(joined).tables("points of pupils whose coaches are known", {}, 6)
    assert {"school.marks", "school.pupils", "gym.coaches"} <= set(read)
