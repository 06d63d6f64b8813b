"""Sources are added to and removed from a catalogue that people also write by hand."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data import onboard
from data.catalog import Catalog
from data.errors import DataError, Invalid, NotFound
from data.federation import open_gateway


@pytest.fixture
def books(tmp_path: Path) -> Path:
    """A SQLite file of two linked tables, with names that need quoting."""
    path = tmp_path / "books.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(
        """
        CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT, born DATE, "net worth" DECIMAL(10, 2));
        CREATE TABLE "Book List" (
            id INTEGER PRIMARY KEY, title TEXT, author INTEGER REFERENCES authors (id), "on" TEXT
        );
        INSERT INTO authors VALUES (1, 'Ada', '1815-12-10', 1.5);
        INSERT INTO "Book List" VALUES (1, 'Notes', 1, 'x');
        """
    )
    connection.close()
    return path


def test_a_new_home_gets_a_catalogue_and_its_owner_sees_it(tmp_path: Path, books: Path) -> None:
    home = tmp_path / "home"
    added = onboard.add(home, "library", "sqlite", str(books)).config
    assert [table.name for table in added.tables] == ["Book List", "authors"]
    authors = Catalog.load(home / "catalog.yaml").table("library.authors")
    assert (authors.key, authors.label, authors.time) == ("id", "name", None)
    gateway = open_gateway(home, threads=1)
    sql = """
    SELECT b.title, a.name, a.born, "net worth", b."on"
    FROM library."Book List" b JOIN library.authors a ON a.id = b.author
    """
    result = gateway.query(gateway.policy.principal("owner"), sql)
    assert result.table.num_rows == 1
    assert [str(value) for value in result.table.to_pylist()[0].values()] == [
        "Notes",
        "Ada",
        "1815-12-10",
        "1.5",
        "x",
    ]
    gateway.close()


def test_text_and_comments_stay_and_remove_undoes_add(home: Path, books: Path) -> None:
    path = home / "catalog.yaml"
    before = path.read_text().replace("relationships:", "# how they hang together\nrelationships:")
    path.write_text(before)
    onboard.add(home, "library", "sqlite", str(books))
    text = path.read_text()
    assert "# how they hang together\nrelationships:" in text
    assert "library.Book List.author" in text
    assert Catalog.load(path).relationships[-1].to_table == "library.authors"
    onboard.remove(home, "library")
    assert path.read_text() == before


@pytest.mark.parametrize(("kind", "location"), [("delta", "lake/shop"), ("parquet", "files"), ("postgres", "postgres")])
def test_each_kind_tells_its_tables(lakehouse: Path, tmp_path: Path, kind: str, location: str) -> None:
    added = onboard.add(lakehouse, "twin", kind, location, catalog=tmp_path / "catalog.yaml").config
    source = {"delta": "shop", "parquet": "files", "postgres": "bank"}[kind]
    known = Catalog.load(lakehouse / "catalog.yaml").source(source)
    found = {table.name: {column.name: column.type for column in table.columns} for table in added.tables}
    declared = {table.name: {column.name: column.type for column in table.columns} for table in known.tables}
    assert found == declared


def test_the_last_source_can_go(tmp_path: Path, books: Path) -> None:
    home = tmp_path / "home"
    onboard.add(home, "library", "sqlite", str(books))
    onboard.remove(home, "library")
    assert Catalog.load(home / "catalog.yaml") == Catalog()
    onboard.add(home, "library", "sqlite", str(books))
    assert len(Catalog.load(home / "catalog.yaml").tables) == 2


@pytest.mark.parametrize(
    ("name", "kind", "location", "error", "quoted"),
    [
        ("shop", "sqlite", "books.sqlite", Invalid, "'shop'"),
        ("two words", "sqlite", "books.sqlite", Invalid, "'two words'"),
        ("library", "oracle", "books.sqlite", Invalid, "'oracle'"),
        ("library", "sqlite", "nowhere.sqlite", DataError, "'nowhere.sqlite'"),
        ("library", "delta", "nowhere", DataError, "'nowhere'"),
        ("library", "postgres", "postgresql://u@127.0.0.1:1/db", DataError, "127.0.0.1:1"),
        ("library", "postgres", "postgresql://u:pass@127.0.0.1:1/db", Invalid, "'${NAME}'"),
    ],
)
def test_what_can_not_be_added_leaves_the_catalogue_alone(
    home: Path, books: Path, name: str, kind: str, location: str, error: type[DataError], quoted: str
) -> None:
    before = (home / "catalog.yaml").read_text()
    with pytest.raises(error) as caught:
        onboard.add(home, name, kind, location.replace("books.sqlite", str(books)))
    assert quoted in str(caught.value)
    assert "pass" not in str(caught.value).replace("password", "")
    assert (home / "catalog.yaml").read_text() == before


def test_a_source_that_the_policy_names_stays(home: Path) -> None:
    before = (home / "catalog.yaml").read_text()
    with pytest.raises(Invalid, match=r"policy\.yaml:\d+: .*shop"):
        onboard.remove(home, "shop")
    assert (home / "catalog.yaml").read_text() == before


def test_an_unknown_source_can_not_go(home: Path) -> None:
    with pytest.raises(NotFound, match=r"'shopp'.*'shop'"):
        onboard.remove(home, "shopp")


def test_a_type_that_the_catalogue_lacks_is_read_as_text(tmp_path: Path) -> None:
    rows = pa.table({"id": [1], "at": pa.array([1_000_000_000], pa.time64("ns"))})
    pq.write_table(rows, tmp_path / "times.parquet")
    onboard.add(tmp_path / "home", "files", "parquet", str(tmp_path / "times.parquet"))
    gateway = open_gateway(tmp_path / "home", threads=1)
    result = gateway.query(gateway.policy.principal("owner"), "SELECT at FROM files.times")
    assert result.table.to_pylist() == [{"at": "00:00:01"}]
    gateway.close()


@pytest.mark.parametrize("kind", ["csv", "delta", "iceberg", "json", "mysql", "parquet", "postgres", "sqlite", "unity"])
@pytest.mark.parametrize(
    "location",
    [
        "postgresql://app:hun/ter2@127.0.0.1:1/db",
        "mysql://app:hun@ter2@127.0.0.1:1/db",
        "unity://token:hun#ter2@127.0.0.1:1/main",
        "host=127.0.0.1 password=hunter2",
        "https://127.0.0.1:1/main?token=hunter2",
    ],
)
def test_no_error_shows_a_secret_whatever_is_wrong_with_its_location(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, location: str
) -> None:
    monkeypatch.setenv("STORE", location)
    with pytest.raises(DataError) as caught:
        onboard.add(tmp_path / "home", "store", kind, "${STORE}")
    assert "hun" not in str(caught.value)
    assert "ter2" not in str(caught.value)
