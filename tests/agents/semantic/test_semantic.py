"""What the model reads of a stranger's catalogue: names in plain words, types of what is meant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.ask.prompts import system
from agents.semantic import Semantic
from agents.semantic.names import table_names
from data.catalog import Catalog, Column, Relationship, SourceConfig, Table
from data.naming import Lexicon
from retrieval import Context
from retrieval.hints import Hint
from retrieval.retriever import cut

PATIENT = Table(
    "hospital",
    "PT",
    columns=(
        Column("PT_NO", "BIGINT"),
        Column("SRNM", "VARCHAR"),
        Column("DOB", "BIGINT", format="%Y%m%d"),
        Column("SX_CD", "VARCHAR"),
        Column("Größe (cm)", "BIGINT", unit="cm"),
        Column("INSRD_FLG", "VARCHAR", format="J/N"),
    ),
    key="PT_NO",
    label="SRNM",
)
STAY = Table(
    "hospital",
    "tbl_stay",
    columns=(
        Column("ADM_NO", "BIGINT"),
        Column("PT_NO", "BIGINT"),
        Column("admittedOn", "VARCHAR", format="%d.%m.%Y"),
        Column("end", "TIMESTAMP"),
        Column("CHG_AMT_C", "BIGINT", unit="cents"),
        Column("Unit Price ($)", "DECIMAL(9,2)"),
    ),
    key="ADM_NO",
    time="admittedOn",
)
CATALOG = Catalog(
    (SourceConfig("hospital", "sqlite", "", tables=(PATIENT, STAY)),),
    (Relationship("hospital.tbl_stay", "PT_NO", "hospital.PT", "PT_NO"),),
)
VALUES = {
    "hospital.PT": {"SRNM": [f"Name {i}" for i in range(9)], "SX_CD": ["M", "F", "it's"], "INSRD_FLG": ["J", "N"]}
}
PROMPT = """\
hospital.patient(patient_no key, surname, date_of_birth date, sex_code 'F' 'M' 'it''s', size_cm cm, insured bool)
hospital.stay(admission_no key, patient_no -> patient, admitted_on date, stay_end time, charge_amount cents, \
unit_price number)"""


@pytest.fixture
def semantic() -> Semantic:
    return Semantic.of(CATALOG)


def _cuts(catalog: Catalog) -> Iterator[Catalog]:
    names = [table.full_name for table in catalog.tables]
    yield catalog
    yield from (cut(catalog, names[at : at + size]) for size in (1, 3, 6) for at in range(0, len(names), 2))


def test_a_catalogue_in_plain_words_is_its_own(demo_home: Path) -> None:
    for part in _cuts(Catalog.load(demo_home / "catalog.yaml")):
        assert Semantic.of(part).catalog == part
    assert Semantic.of(part).stored("FROM x SELECT  1;") == "FROM x SELECT  1;"


def test_the_model_reads_plain_words_and_what_is_meant(semantic: Semantic) -> None:
    assert system(semantic.catalog, semantic.values(VALUES)).split("\n", 1)[1] == PROMPT


def test_roles_and_links_have_the_new_names(semantic: Semantic) -> None:
    patient, stay = semantic.catalog.tables
    assert (patient.key, patient.label, stay.time) == ("patient_no", "surname", "admitted_on")
    assert semantic.catalog.relationships == (
        Relationship("hospital.stay", "patient_no", "hospital.patient", "patient_no"),
    )


def test_hints_lead_to_the_semantic_columns_and_marks_are_no_texts(semantic: Semantic) -> None:
    hints = (
        Hint("patients", "table", ("hospital.PT",)),
        Hint("women", "value", ("hospital.PT.SX_CD",), ("F",)),
        Hint("yes", "value", ("hospital.PT.INSRD_FLG",), ("J",)),
        Hint("price", "column", ("hospital.tbl_stay.Unit Price ($)",)),
        Hint("2024", "time", (), ("2024-01-01", "2025-01-01")),
    )
    told = semantic.context(Context("?", CATALOG, hints, values=VALUES))
    assert [hint.text for hint in told.hints] == [
        "patients = hospital.patient",
        "women = patient.sex_code 'F'",
        "price = stay.unit_price",
        "2024 = >= 2024-01-01 < 2025-01-01",
    ]
    assert told.catalog is semantic.catalog
    assert "insured" not in told.values["hospital.patient"]


@pytest.mark.parametrize(
    ("asked", "stored"),
    [
        ("date_of_birth < '1980-01-01'", "DOB < 19800101"),
        ("date_of_birth BETWEEN '1980-01-01' AND '1980-12-31'", "DOB BETWEEN 19800101 AND 19801231"),
        ("date_of_birth IN ('1980-01-01')", "DOB IN (19800101)"),
        ("date_of_birth IS NULL", "DOB IS NULL"),
        ("insured", "INSRD_FLG = 'J'"),
        ("NOT insured", "INSRD_FLG = 'N'"),
        ("size_cm > 180", '"Größe (cm)" > 180'),
    ],
)
def test_conditions_are_written_as_the_store_keeps_values(semantic: Semantic, asked: str, stored: str) -> None:
    sql = semantic.stored(f"FROM hospital.patient SELECT count(*) WHERE {asked}")
    assert sql == f"SELECT count(*) FROM hospital.PT WHERE {stored}"


def test_days_that_are_not_in_their_order_are_read_first(semantic: Semantic) -> None:
    sql = semantic.stored("FROM hospital.stay SELECT count(*) WHERE admitted_on >= '2024-01-01'")
    assert "try_strptime(admittedOn, '%d.%m.%Y')" in sql
    equal = semantic.stored("FROM hospital.stay SELECT count(*) WHERE admitted_on = '2024-02-01'")
    assert equal.endswith("admittedOn = '01.02.2024'")


def test_what_is_only_shown_stays_as_it_is_stored(semantic: Semantic) -> None:
    shown = semantic.stored("FROM hospital.patient SELECT surname, date_of_birth, insured ORDER BY date_of_birth")
    assert shown == "SELECT SRNM, DOB, INSRD_FLG FROM hospital.PT ORDER BY DOB"
    chosen = semantic.stored("FROM hospital.patient SELECT insured, max(date_of_birth) GROUP BY insured")
    assert chosen == "SELECT INSRD_FLG, max(DOB) FROM hospital.PT GROUP BY INSRD_FLG"


def test_rows_that_are_read_have_semantic_names_and_values(semantic: Semantic) -> None:
    sql = semantic.read("FROM hospital.patient SELECT surname, insured")
    assert sql == "SELECT SRNM AS surname, INSRD_FLG = 'J' AS insured FROM hospital.PT"


def test_the_last_of_days_that_are_not_in_their_order_is_the_last_day_as_it_is_stored(semantic: Semantic) -> None:
    sql = semantic.stored("FROM hospital.stay SELECT max(admitted_on)")
    assert sql.startswith("SELECT arg_max(admittedOn, CAST(try_strptime(admittedOn, ")


def test_groups_are_told_by_name_where_their_order_is_computed(semantic: Semantic) -> None:
    sql = semantic.stored("FROM hospital.patient SELECT insured, count(*) GROUP BY ALL ORDER BY insured")
    assert sql.endswith("GROUP BY INSRD_FLG ORDER BY INSRD_FLG = 'J'")


@pytest.mark.parametrize("said", ["", "unsure", "SELECT FROM WHERE", "SELECT 1; SELECT 2", "DROP TABLE x"])
def test_what_is_no_query_stays(semantic: Semantic, said: str) -> None:
    assert semantic.stored(said) == said


def test_names_that_nobody_may_see_stay_unknown(semantic: Semantic) -> None:
    sql = "FROM hospital.secret SELECT secret.surname"
    assert semantic.stored(sql) == "SELECT secret.surname FROM hospital.secret"


@pytest.mark.parametrize(
    ("stored", "called"),
    [
        (("order", "group", "end", "a"), ("t_order", "t_group", "t_end", "a")),
        (("PT_NO", "pt no", "PtNo"), ("patient_no", "t_patient_no", "patient_no_2")),
        (("fee_amt", "fee_amount"), ("t_fee_amount", "fee_amount")),
        (("", "$", "名"), ("column_1", "column_2", "column_3")),
        (("2024 Sales", "isActive", "paid_ct"), ("sales_2024", "is_active", "paid_ct")),
    ],
)
def test_every_column_gets_a_name_of_its_own(stored: tuple[str, ...], called: tuple[str, ...]) -> None:
    table = Table("s", "t", columns=tuple(Column(name, "VARCHAR") for name in stored))
    semantic = Semantic.of(Catalog((SourceConfig("s", "sqlite", "", tables=(table,)),)))
    assert tuple(column.name for column in semantic.catalog.tables[0].columns) == called


@pytest.mark.parametrize(
    ("stored", "called"),
    [
        (("meter", "meter_reading"), ["meter", "reading"]),
        (("driver", "vehicle", "driver_vehicle"), ["driver", "vehicle", "driver_vehicle"]),
        (("order", "orders_old"), ["orders", "orders_old"]),
        (("bill", "bill_no"), ["bill", "bill_no"]),
    ],
)
def test_no_table_begins_with_another(stored: tuple[str, ...], called: list[str]) -> None:
    """A model that writes from left to right has chosen the shorter before it comes to where they differ."""
    tables = tuple(Table("main", name, columns=(Column("id", "BIGINT"),)) for name in stored)
    assert table_names(Lexicon(tables), tables) == called


def test_codes_of_a_legend_are_shown_as_its_labels() -> None:
    labels = (("G", "Gravel"), ("P", "Paved"))
    surface = Column("SRF_CD", "VARCHAR", labels=labels, legend="L_CODE")
    table = Table("roads", "SEG", columns=(Column("SEG_ID", "BIGINT"), surface), key="SEG_ID")
    semantic = Semantic.of(Catalog((SourceConfig("roads", "sqlite", "roads.db", tables=(table,)),)))
    case = "CASE SRF_CD WHEN 'G' THEN 'Gravel' WHEN 'P' THEN 'Paved' ELSE SRF_CD END"
    found = semantic.stored("FROM roads.segment SELECT srf, count(*) WHERE srf = 'Gravel' GROUP BY srf")
    assert found == f"SELECT {case} AS srf, count(*) FROM roads.SEG WHERE SRF_CD = 'G' GROUP BY SRF_CD"
    counted = semantic.stored("FROM roads.segment SELECT count(DISTINCT srf)")
    assert counted == "SELECT count(DISTINCT SRF_CD) FROM roads.SEG"


def test_codes_that_are_numbers_are_compared_as_such() -> None:
    status = Column("JOB_STS", "BIGINT", labels=(("1", "booked"), ("2", "completed")), legend="CODES")
    table = Table("moves", "JOB", columns=(Column("JOB_NO", "BIGINT"), status), key="JOB_NO")
    semantic = Semantic.of(Catalog((SourceConfig("moves", "sqlite", "moves.db", tables=(table,)),)))
    (named,) = (c.name for c in semantic.catalog.tables[0].columns if c.type == "VARCHAR")
    found = semantic.stored(f"FROM moves.job SELECT count(*) WHERE {named} = 'completed'")
    assert found == "SELECT count(*) FROM moves.JOB WHERE JOB_STS = 2"
    shown = semantic.stored(f"FROM moves.job SELECT {named}")
    case = "CASE JOB_STS WHEN 1 THEN 'booked' WHEN 2 THEN 'completed' ELSE CAST(JOB_STS AS TEXT) END"
    assert shown == f"SELECT {case} AS {named} FROM moves.JOB"
