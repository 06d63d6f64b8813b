"""One table of all codes: what it says of a column's values is set down with the column."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from data import onboard
from data.catalog import Catalog
from data.errors import Invalid

CODES = [
    ("STS", "O", "Open"),
    ("STS", "C", "Closed"),
    ("PRIO", "H", "High"),
    ("PRIO", "L", "Low"),
    ("TWICE", "A", "Same"),
    ("TWICE", "B", "Same"),
]


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    store = tmp_path / "desk.sqlite"
    with sqlite3.connect(store) as connection:
        connection.execute("CREATE TABLE LKP (CD_TYP TEXT, CD_VAL TEXT, TXT TEXT)")
        connection.executemany("INSERT INTO LKP VALUES (?, ?, ?)", CODES)
        connection.execute(
            "CREATE TABLE TCKT (TCKT_NO INTEGER, STS_CD TEXT, PRIO_CD TEXT, TWICE_CD TEXT, OWN_STS TEXT)"
        )
        rows = [(i, "OC"[i % 2], "HLX"[i % 3], "AB"[i % 2], "PQ"[i % 2]) for i in range(30)]
        connection.executemany("INSERT INTO TCKT VALUES (?, ?, ?, ?, ?)", rows)
    connection.close()
    onboard.add(tmp_path / "home", "desk", "sqlite", str(store))
    return Catalog.load(tmp_path / "home" / "catalog.yaml")


def test_codes_get_the_labels_of_the_kind_that_they_are_called_after(catalog: Catalog) -> None:
    column = catalog.table("desk.TCKT").column("STS_CD")
    assert column.labels == (("C", "Closed"), ("O", "Open"))
    assert column.description == "Status code: C Closed, O Open"
    assert column.legend == "LKP"


@pytest.mark.parametrize("name", ["PRIO_CD", "TWICE_CD", "OWN_STS"])
def test_values_without_a_label_of_their_own_stay_as_they_are(catalog: Catalog, name: str) -> None:
    assert catalog.table("desk.TCKT").column(name).labels == ()


def test_a_table_of_codes_is_known_by_kinds_that_are_names_of_columns(tmp_path: Path) -> None:
    store = tmp_path / "fleet.sqlite"
    with sqlite3.connect(store) as connection:
        connection.execute("CREATE TABLE CDT (T TEXT, G TEXT, C TEXT)")
        rows = [("In service", "STS", "S"), ("Stored", "STS", "P"), ("Owned", "LSD", "O"), ("Leased", "LSD", "F")]
        connection.executemany("INSERT INTO CDT VALUES (?, ?, ?)", rows)
        connection.execute("CREATE TABLE ACF (TNO INTEGER, STS TEXT, LSD TEXT)")
        connection.executemany("INSERT INTO ACF VALUES (?, ?, ?)", [(i, "SP"[i % 2], "OFX"[i % 3]) for i in range(30)])
    connection.close()
    onboard.add(tmp_path / "home", "fleet", "sqlite", str(store))
    table = Catalog.load(tmp_path / "home" / "catalog.yaml").table("fleet.ACF")
    assert table.column("STS").labels == (("P", "Stored"), ("S", "In service"))
    assert table.column("LSD").labels == ()


def test_a_kind_is_called_by_the_beginnings_of_its_table_and_its_column(tmp_path: Path) -> None:
    store = tmp_path / "works.sqlite"
    with sqlite3.connect(store) as connection:
        connection.execute("CREATE TABLE L_CODE (CD_TYP TEXT, CD TEXT, DESCR TEXT)")
        rows = [("WOST", "C", "Completed"), ("WOST", "N", "New"), ("RPTST", "C", "Closed"), ("RPTST", "N", "Noted")]
        connection.executemany("INSERT INTO L_CODE VALUES (?, ?, ?)", rows)
        for table in ("WO", "CIT_RPT"):
            connection.execute(f"CREATE TABLE {table} (NR INTEGER, STAT_CD TEXT)")
            connection.executemany(f"INSERT INTO {table} VALUES (?, ?)", [(i, "CN"[i % 2]) for i in range(30)])
    connection.close()
    onboard.add(tmp_path / "home", "works", "sqlite", str(store))
    catalog = Catalog.load(tmp_path / "home" / "catalog.yaml")
    assert catalog.table("works.WO").column("STAT_CD").labels == (("C", "Completed"), ("N", "New"))
    assert catalog.table("works.CIT_RPT").column("STAT_CD").labels == (("C", "Closed"), ("N", "Noted"))


def test_a_label_stands_for_one_code(tmp_path: Path) -> None:
    path = tmp_path / "catalog.yaml"
    path.write_text(
        "version: 1\nsources:\n  - name: s\n    kind: sqlite\n    location: x\n    tables:\n      - name: t\n"
        "        columns:\n          - {name: a, type: VARCHAR, labels: {A: Same, B: Same}}\n"
    )
    with pytest.raises(Invalid, match="the label 'Same' stands for two codes"):
        Catalog.load(path)


def test_codes_may_be_numbers_and_the_nearest_kind_explains_them(tmp_path: Path) -> None:
    store = tmp_path / "moves.sqlite"
    with sqlite3.connect(store) as connection:
        connection.execute("CREATE TABLE code_list (cod_group TEXT, cod_no SMALLINT, cod_text TEXT)")
        rows = [("quote_status", 1, "open"), ("quote_status", 2, "accepted"), ("job_status", 1, "booked")]
        connection.executemany("INSERT INTO code_list VALUES (?, ?, ?)", [*rows, ("job_status", 2, "completed")])
        for table in ("job", "quote"):
            connection.execute(f"CREATE TABLE {table} ({table}_no INTEGER, {table}_status SMALLINT, men SMALLINT)")
            rows = [(i, 1 + i % 2, 1 + i % 3) for i in range(30)]
            connection.executemany(f"INSERT INTO {table} VALUES (?, ?, ?)", rows)
    connection.close()
    onboard.add(tmp_path / "home", "moves", "sqlite", str(store))
    catalog = Catalog.load(tmp_path / "home" / "catalog.yaml")
    job, quote = catalog.table("moves.job"), catalog.table("moves.quote")
    assert job.column("job_status").labels == (("1", "booked"), ("2", "completed"))
    assert quote.column("quote_status").labels == (("1", "open"), ("2", "accepted"))
    assert job.column("job_status").legend == "code_list"
    assert job.column("men").labels == ()


@pytest.mark.parametrize(
    ("codes", "column", "labelled"),
    [
        (["1", "2"], "job_status", True),
        (["01", "02"], "job_status", False),
        (["1", "²"], "job_status", False),
        (["1", "9"], "job_status", False),
        (["1", "2"], "job_men", False),
    ],
)
def test_numbers_are_codes_only_where_all_are_written_so(
    tmp_path: Path, codes: list[str], column: str, labelled: bool
) -> None:
    store = tmp_path / "moves.sqlite"
    with sqlite3.connect(store) as connection:
        connection.execute(
            "CREATE TABLE code_list (id INTEGER PRIMARY KEY, cod_group TEXT, cod_no TEXT, cod_text TEXT)"
        )
        rows = [(9 - i, "job_status", code, f"state {code}") for i, code in enumerate(codes)]
        connection.executemany("INSERT INTO code_list VALUES (?, ?, ?, ?)", [*rows, (1, "other", "1", "one")])
        connection.execute(f"CREATE TABLE job (job_no INTEGER, {column} SMALLINT)")
        connection.executemany("INSERT INTO job VALUES (?, ?)", [(i, 1 + i % 2) for i in range(30)])
    connection.close()
    onboard.add(tmp_path / "home", "moves", "sqlite", str(store))
    table = Catalog.load(tmp_path / "home" / "catalog.yaml").table("moves.job")
    assert bool(table.column(column).labels) is labelled
