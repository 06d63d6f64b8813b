"""CSV and JSON files: types are seen once and hold, and no error shows a line that the caller may not see."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from data import onboard
from data.catalog import Catalog
from data.errors import DataError, Unavailable
from data.federation import open_gateway

CSV = "Id,zip,day,paid\n1,00123,2024-01-02,true\n2,04560,2024-01-03,false\n"
JSON = '{"id": 1, "at": "2024-01-02T00:00:00", "tags": ["a"], "in": {"x": 1}}\n{"id": 2}\n'


def rows(home: Path, sql: str) -> list[dict[str, Any]]:
    gateway = open_gateway(home, threads=1)
    try:
        found: list[dict[str, Any]] = gateway.query(gateway.policy.principal("owner"), sql).table.to_pylist()
        return found
    finally:
        gateway.close()


def types(home: Path, table: str) -> dict[str, str]:
    return {column.name: column.type for column in Catalog.load(home / "catalog.yaml").table(table).columns}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    files = tmp_path / "files"
    (files / "many").mkdir(parents=True)
    (files / "one.csv").write_text(CSV)
    (files / "many" / "a.csv").write_text("id\n1\n")
    (files / "many" / "b.csv").write_text("id\n2\n3\n")
    (files / "events.ndjson").write_text(JSON)
    (files / "list.json").write_text('[{"id": 1}, {"id": 2}]')
    return tmp_path


def test_csv_files_and_folders_are_tables(home: Path) -> None:
    added = onboard.add(home, "files", "csv", str(home / "files")).config
    assert [table.name for table in added.tables] == ["many", "one"]
    assert types(home, "files.one") == {"Id": "BIGINT", "zip": "VARCHAR", "day": "DATE", "paid": "BOOLEAN"}
    assert rows(home, "SELECT * FROM files.one WHERE id = 1") == [
        {"Id": 1, "zip": "00123", "day": dt.date(2024, 1, 2), "paid": True}
    ]
    assert rows(home, "SELECT sum(id) AS n FROM files.many") == [{"n": 6}]


def test_json_lines_and_lists_are_tables(home: Path) -> None:
    added = onboard.add(home, "files", "json", str(home / "files")).config
    assert [table.name for table in added.tables] == ["events", "list"]
    assert types(home, "files.events") == {
        "id": "BIGINT",
        "at": "TIMESTAMP",
        "tags": "VARCHAR[]",
        "in": "STRUCT(x BIGINT)",
    }
    assert rows(home, 'SELECT id, at, tags, "in" FROM files.events ORDER BY id') == [
        {"id": 1, "at": dt.datetime(2024, 1, 2), "tags": ["a"], "in": {"x": 1}},
        {"id": 2, "at": None, "tags": None, "in": None},
    ]


@pytest.mark.parametrize(("kind", "name"), [("csv", "one.csv"), ("json", "list.json")])
def test_a_single_file_is_a_table(home: Path, kind: str, name: str) -> None:
    added = onboard.add(home, "file", kind, str(home / "files" / name)).config
    assert [table.name for table in added.tables] == [name.split(".")[0]]
    assert rows(home, f"SELECT count(*) AS n FROM file.{added.tables[0].name}") == [{"n": 2}]


def test_declared_types_hold_when_the_file_changes(home: Path) -> None:
    onboard.add(home, "file", "csv", str(home / "files" / "one.csv"))
    (home / "files" / "one.csv").write_text(CSV.replace("1,00123", "1,123").replace("2,04560", "2,456"))
    assert rows(home, "SELECT zip FROM file.one ORDER BY id") == [{"zip": "123"}, {"zip": "456"}]


def test_the_version_changes_with_the_file(home: Path) -> None:
    onboard.add(home, "file", "csv", str(home / "files" / "one.csv"))
    gateway = open_gateway(home, threads=1)
    owner = gateway.policy.principal("owner")
    first = gateway.query(owner, "SELECT count(*) FROM file.one")
    (home / "files" / "one.csv").write_text(CSV + "3,99999,2024-01-04,true\n")
    second = gateway.query(owner, "SELECT count(*) FROM file.one")
    gateway.close()
    assert first.sources[0].version != second.sources[0].version
    assert [result.table.column(0).to_pylist() for result in (first, second)] == [[2], [3]]


@pytest.mark.parametrize(
    ("kind", "name", "text"),
    [
        ("csv", "one.csv", CSV + "topsecret,hidden,2024-01-04,true\n"),
        ("csv", "one.csv", CSV + "3,hidden,topsecret,true,4,5,6\n"),
        ("csv", "one.csv", CSV.replace("Id", "topsecret")),
        ("json", "list.json", '[{"id": "topsecret"}]'),
        ("json", "list.json", '[{"id": 1, "topsecret'),
    ],
)
def test_a_line_that_does_not_fit_is_never_quoted(home: Path, kind: str, name: str, text: str) -> None:
    onboard.add(home, "file", kind, str(home / "files" / name))
    (home / "files" / name).write_text(text)
    with pytest.raises(Unavailable) as caught:
        rows(home, f"SELECT * FROM file.{name.split('.')[0]}")
    assert "topsecret" not in str(caught.value)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("kind", ["csv", "json", "parquet", "iceberg"])
def test_a_place_that_is_empty_has_no_tables(home: Path, kind: str) -> None:
    (home / "none").mkdir()
    with pytest.raises(DataError, match="none"):
        onboard.add(home, "file", kind, str(home / "none"))
    with pytest.raises(Unavailable, match="'/nowhere/at/all'"):
        onboard.add(home, "file", kind, "/nowhere/at/all")
