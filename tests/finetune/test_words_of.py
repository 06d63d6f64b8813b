"""Words that a catalogue gives by itself."""

from __future__ import annotations

import pytest

from data.catalog import Catalog, Column, Relationship, SourceConfig, Table
from finetune.words_of import singular, words_of

STAFF = Table(
    "shop",
    "employees",
    synonyms=("workers",),
    columns=(
        Column("employee_id", "INTEGER"),
        Column("full_name", "VARCHAR"),
        Column("gross_salary", "DECIMAL(10,2)", unit="EUR", synonyms=("what they earn",)),
        Column("hired_on", "DATE"),
        Column("is_remote", "BOOLEAN"),
        Column("manager_id", "INTEGER"),
        Column("store_id", "INTEGER"),
    ),
    key="employee_id",
    label="full_name",
    time="hired_on",
)
STORES = Table("shop", "tbl_stores", columns=(Column("store_id", "INTEGER"), Column("city", "VARCHAR")), key="store_id")
CATALOG = Catalog(
    (SourceConfig("shop", "sqlite", "shop.db", tables=(STAFF, STORES)),),
    (
        Relationship("shop.employees", "store_id", "shop.tbl_stores", "store_id"),
        Relationship("shop.employees", "manager_id", "shop.employees", "employee_id"),
    ),
)


@pytest.mark.parametrize(
    ("many", "one"),
    [("order lines", "order line"), ("countries", "country"), ("boxes", "box"), ("staff", "staff"), ("bus", "bus")],
)
def test_singular(many: str, one: str) -> None:
    assert singular(many) == one


def test_tables_are_called_by_their_names_and_synonyms_in_both_numbers() -> None:
    assert words_of(CATALOG)["shop.employees"]["nouns"] == ["employees|employee", "workers|worker"]
    assert words_of(CATALOG)["shop.tbl_stores"]["nouns"] == ["stores|store"]


def test_columns_are_called_by_names_synonyms_and_what_people_say() -> None:
    said = words_of(CATALOG)["shop.employees"]["columns"]["gross_salary"]
    assert said[:2] == ["gross salary", "what they earn"]
    assert "gross pay" in said


def test_units_people_flags_and_links_have_their_words() -> None:
    entry = words_of(CATALOG)["shop.employees"]
    assert "most expensive" in entry["superlatives"]["gross_salary"]["max"]
    assert entry["person"]
    assert entry["flags"]["is_remote"][0][0] == "remote"
    assert entry["agents"]["manager_id"] == ["managers|manager"]
    assert entry["owns"]["shop.employees.manager"][0] == "with manager {}"
    assert "of {}" in entry["owns"]["shop.tbl_stores"]
