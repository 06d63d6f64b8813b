"""Drafts for a source that describes nothing: made once, kept where a person has been."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import yaml

from data import drift, onboard
from data.catalog import Catalog, Table
from data.errors import Invalid, NotFound
from data.legend import explained
from tests.data.naming_styles import Style, styles


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    """A home with the clinic in its catalogue."""
    onboard.add(tmp_path / "home", "clinic", "sqlite", str(styles()[0].write(tmp_path)))
    return tmp_path / "home"


def _table(home: Path, name: str) -> Table:
    return Catalog.load(home / "catalog.yaml").table(f"clinic.{name}")


def test_columns_are_called_what_people_call_them(clinic: Path) -> None:
    visits = _table(clinic, "VST")
    charge, day = visits.column("CHG_AMT_C"), visits.column("VST_DT")
    assert visits.synonyms == ("visit",)
    assert visits.description == "Visit, each with its patient, staff and admission type."
    assert (charge.unit, charge.description, charge.draft) == ("cents", "Charge amount, in cents", True)
    assert "charge amount" in charge.synonyms
    assert (day.type, day.format, day.synonyms) == ("BIGINT", "%Y%m%d", ("visit date",))
    assert "written yyyymmdd" in day.description
    assert visits.column("ATT_STF_NO").synonyms == ("attending staff number", "attending staff")


def test_codes_come_with_their_labels_and_flags_with_their_meaning(clinic: Path) -> None:
    kind = _table(clinic, "VST").column("ADM_TYP_CD")
    assert kind.description == "Admission type code: E Emergency, P Planned, U Urgent"
    assert _table(clinic, "PT").column("NTR_FLG").description == "Ntr: Y or N for yes or no"


def test_numbers_are_days_where_a_source_has_no_others_or_they_are_called_so(tmp_path: Path) -> None:
    store = tmp_path / "fleet.sqlite"
    with sqlite3.connect(store) as connection:
        for name in ("jobs", "parts"):
            connection.execute(f"CREATE TABLE {name} (no INTEGER, opd INTEGER, price INTEGER, weight_kg INTEGER)")
            rows = [(i, 19_000 + i * 7, 200 * i, 12_000 + i) for i in range(30)]
            connection.executemany(f"INSERT INTO {name} VALUES (?, ?, ?, ?)", rows)
    connection.close()
    onboard.add(tmp_path / "home", "fleet", "sqlite", str(store))
    jobs = Catalog.load(tmp_path / "home/catalog.yaml").table("fleet.jobs")
    assert [jobs.column(name).format for name in ("no", "opd", "price", "weight_kg")] == [None, "%days", None, None]


def test_whole_numbers_that_can_only_be_years_are_told_so(tmp_path: Path) -> None:
    store = tmp_path / "cellar.sqlite"
    with sqlite3.connect(store) as connection:
        connection.execute(
            "CREATE TABLE wine (no INTEGER PRIMARY KEY, vintage INTEGER, cases INTEGER, shelf_no INTEGER)"
        )
        rows = [(i, 2015 + i % 9, 1_500 + 40 * i, 1_990 + i % 20) for i in range(60)]
        connection.executemany("INSERT INTO wine VALUES (?, ?, ?, ?)", rows)
    connection.close()
    onboard.add(tmp_path / "home", "cellar", "sqlite", str(store))
    wine = Catalog.load(tmp_path / "home/catalog.yaml").table("cellar.wine")
    assert [wine.column(name).unit for name in ("no", "vintage", "cases", "shelf_no")] == [None, "year", None, None]


@pytest.mark.parametrize(
    ("description", "labels"),
    [
        ("P private, G commercial", {"P": "private", "G": "commercial"}),
        ("1 = paid; 2 = open", {"1": "paid", "2": "open"}),
        ("Days allowed for payment; empty means 30", {}),
    ],
)
def test_a_description_can_list_what_codes_mean(description: str, labels: dict[str, str]) -> None:
    assert explained(description) == labels


def test_no_draft_has_a_personal_value(clinic: Path) -> None:
    text = (clinic / "catalog.yaml").read_text()
    owners = _table(clinic, "OWNR")
    assert {column.name for column in owners.columns if "pii" in column.tags} == {"NM", "EML"}
    assert not any(secret in text for secret in ("example.com", "Owner 1", "Vet 1", "Pet 1"))


@pytest.mark.parametrize("style", styles(), ids=lambda style: style.name)
def test_drafting_again_changes_nothing(tmp_path: Path, style: Style) -> None:
    onboard.add(tmp_path / "home", "x", "sqlite", str(style.write(tmp_path)))
    before = (tmp_path / "home/catalog.yaml").read_text()
    onboard.redraft(tmp_path / "home", "x")
    assert (tmp_path / "home/catalog.yaml").read_text() == before


def test_what_a_person_has_written_or_taken_away_stays(clinic: Path) -> None:
    path = clinic / "catalog.yaml"
    lines = path.read_text().splitlines()
    edited = [
        line.replace('"Charge amount, in cents"', "What the owner owes").replace(", draft: true", "")
        if "CHG_AMT_C" in line
        else line.split(", description")[0] + ", synonyms: []}  # never mind"
        if "ASST_STF_NO, type" in line
        else line
        for line in lines
        if "from: clinic.VST.ASST_STF_NO" not in line
    ]
    assert edited != lines
    path.write_text("\n".join(edited) + "\n")
    onboard.redraft(clinic, "clinic")
    assert path.read_text() == "\n".join(edited) + "\n"
    assert _table(clinic, "VST").column("CHG_AMT_C").description == "What the owner owes"


BARE = """\
# ours
version: 1
sources:
  - name: clinic
    kind: sqlite
    location: {location}
    tables:
      - name: VST  # the visits
        key: VST_NO
        columns:
          - {{name: VST_NO, type: BIGINT}}  # counted
          - {{ name: CHG_AMT_C, type: BIGINT, tags: [money], }}
          - name: VST_DT
            type: BIGINT
            # said by the vet
            description: Day of the visit
          - name: ADM_TYP_CD
            type: VARCHAR
      # the last one
      - {{name: SPC, columns: [{{name: SPC_CD, type: VARCHAR}}, {{name: SPC_DESC, type: VARCHAR}}]}}
"""


def test_a_catalogue_written_by_hand_is_filled_in_where_it_says_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    path = home / "catalog.yaml"
    text = BARE.format(location=styles()[0].write(tmp_path))
    path.write_text(text)
    onboard.redraft(home, "clinic")
    after, visits = path.read_text(), _table(home, "VST")
    lines = iter(after.splitlines())
    assert all(line in lines for line in text.splitlines() if "{" not in line)
    assert (visits.column("CHG_AMT_C").unit, visits.column("CHG_AMT_C").tags) == ("cents", {"money"})
    assert visits.column("VST_DT").description == "Day of the visit"
    assert visits.column("VST_DT").synonyms == ()
    assert visits.column("ADM_TYP_CD").synonyms == ("admission type code",)
    assert {column.name for column in visits.columns} > {"ATT_STF_NO", "PT_NO"}
    assert _table(home, "SPC").synonyms == ("species", "space")
    assert _table(home, "STAFF").key == "STF_NO"
    links = {(link.table, link.column) for link in Catalog.load(path).relationships}
    assert ("clinic.VST", "ATT_STF_NO") in links
    onboard.redraft(home, "clinic")
    assert path.read_text() == after


def test_new_tables_and_columns_of_the_store_are_appended(clinic: Path, tmp_path: Path) -> None:
    before = Catalog.load(clinic / "catalog.yaml")
    with sqlite3.connect(tmp_path / "clinic.sqlite") as connection:
        connection.execute("ALTER TABLE VST ADD COLUMN PMT_TYP TEXT")
        connection.execute("CREATE TABLE INV (INV_NO INT, VST_NO INT)")
        connection.executemany("INSERT INTO INV VALUES (?, ?)", [(i, i) for i in range(1, 40)])
    connection.close()
    onboard.redraft(clinic, "clinic")
    after = Catalog.load(clinic / "catalog.yaml")
    assert _table(clinic, "VST").column("PMT_TYP").synonyms == ("payment type",)
    assert [table.name for table in after.tables] == [*(table.name for table in before.tables), "INV"]
    new = set(after.relationships) - set(before.relationships)
    assert {(link.table, link.column, link.to_table) for link in new} == {("clinic.INV", "VST_NO", "clinic.VST")}


def test_drafts_are_told_until_someone_has_read_them(clinic: Path) -> None:
    told = [one.message for one in drift.check(clinic, Catalog.load(clinic / "catalog.yaml"))]
    assert "The table 'clinic.VST' is described by a draft only." in told
    assert not [one for one in drift.check(clinic, Catalog.load(clinic / "catalog.yaml")) if one.broken]


def test_what_can_not_be_drafted_is_said(clinic: Path) -> None:
    with pytest.raises(NotFound, match="'klinic'"):
        onboard.redraft(clinic, "klinic")
    path = clinic / "catalog.yaml"
    path.write_text(path.read_text().replace('format: "%Y%m%d"', "format: yyyymmdd"))
    with pytest.raises(Invalid, match=r"catalog\.yaml:\d+: .*'yyyymmdd': no format of dates"):
        Catalog.load(path)


def test_names_without_a_word_are_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "odd.sqlite") as connection:
        connection.execute('CREATE TABLE "$" ("?" TEXT, "%" INT, "12" INT, "价格" TEXT)')
        connection.execute('CREATE TABLE codes ("id" TEXT, "#" INT)')
        connection.executemany("INSERT INTO codes VALUES (?, ?)", [(f"{i * 7919 % 997:03}X", i) for i in range(20)])
        rows = [(f"{i % 9 * 7919 % 997:03}X", i, i, "x") for i in range(60)]
        connection.executemany('INSERT INTO "$" VALUES (?, ?, ?, ?)', rows)
    connection.close()
    added = onboard.add(tmp_path / "home", "odd", "sqlite", str(tmp_path / "odd.sqlite"))
    table = next(table for table in added.config.tables if table.name == "$")
    assert [column.synonyms for column in table.columns] == [(), (), (), ()]
    onboard.redraft(tmp_path / "home", "odd")


def test_every_word_of_a_draft_is_read_back(clinic: Path) -> None:
    loaded = yaml.safe_load((clinic / "catalog.yaml").read_text())
    columns = [column for table in loaded["sources"][0]["tables"] for column in table["columns"]]
    assert all(isinstance(said, str) for column in columns for said in column.get("synonyms", []))
