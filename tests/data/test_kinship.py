"""Links that no store declares: found in many ways of naming, and never where numbers merely overlap."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from data import onboard, sample
from data.kinship import Link
from tests.data.naming_styles import Style, styles

RECALL = 0.95
"""The least share of the links that are meant which must be found over all ways of naming. None may be false."""


def _found(folder: Path, style: Style) -> set[str]:
    added = onboard.add(folder / style.name, style.name, "sqlite", str(style.write(folder)))
    return {f"{link.table}.{link.column} > {link.to_table}.{link.to_column}" for link in added.survey.links}


def test_nearly_all_links_are_found_and_no_others(tmp_path: Path) -> None:
    found = {style.name: _found(tmp_path, style) for style in styles()}
    false = {link for style in styles() for link in found[style.name] - style.links}
    meant = sum(len(style.links) for style in styles())
    right = sum(len(found[style.name] & style.links) for style in styles())
    assert false == set()
    assert meant > 35
    assert right / meant >= RECALL


def _store(folder: Path, script: str) -> onboard.Added:
    connection = sqlite3.connect(folder / "store.sqlite")
    connection.executescript(script)
    connection.close()
    return onboard.add(folder / "home", "store", "sqlite", str(folder / "store.sqlite"))


SERIES = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"


@pytest.mark.parametrize(
    "column",
    [
        "total_depots", "depots", "depot_count", "no_of_depots", "unit_depot_price", "position", "level", "priority",
        "version_no", "seq_no", "line_no", "rank", "score", "quantity", "max_depots", "open_depots", "upper", "lead",
        "reports", "main", "approved", "head", "chair", "truck_no", "year_no", "parent_count",
    ],
)  # fmt: skip
def test_numbers_that_are_in_every_key_point_at_none(tmp_path: Path, column: str) -> None:
    series = SERIES.format(rows=90)
    added = _store(
        tmp_path,
        f"""
        CREATE TABLE depots (id INT, manager_name TEXT); CREATE TABLE employees (id INT, grade TEXT);
        CREATE TABLE trips (id INT, "{column}" INT);
        INSERT INTO depots {series} SELECT i, 'x' FROM n; INSERT INTO employees {series} SELECT i, 'a' FROM n;
        INSERT INTO trips {series} SELECT i, 1 + i % 20 FROM n;
        """,
    )
    assert added.survey.links == ()


@pytest.mark.parametrize(
    ("column", "goal"),
    [
        ("depot_id", "depots"), ("depotId", "depots"), ("DEPOT_NO", "depots"), ("depot", "depots"),
        ("DepotFK", "depots"),
        ("id_depot", "depots"), ("home_depot_id", "depots"), ("depot_id_from", "depots"), ("dpt_depot_id", "depots"),
        ("refd_by_emp_id", "employees"), ("manager_id", "employees"), ("mgr_no", "employees"),
        ("reports_to", "employees"), ("approved_by", "employees"),
        ("served_by", "employees"), ("sold_by", "employees"), ("AdvisorID", "employees"),
        ("driver", "employees"), ("parent_id", "trips"), ("prev_trip_id", "trips"), ("previousTripId", "trips"),
        ("Depot Number", "depots"), ("depotid", "depots"), ("orig-depot-id", "depots"), ("empno", "employees"),
    ],
)  # fmt: skip
def test_names_that_point_at_a_key(tmp_path: Path, column: str, goal: str) -> None:
    series = SERIES.format(rows=90)
    added = _store(
        tmp_path,
        f"""
        CREATE TABLE depots (id INT, town TEXT); CREATE TABLE employees (id INT, grade TEXT);
        CREATE TABLE trips (id INT, "{column}" INT);
        INSERT INTO depots {series} SELECT i, 'x' FROM n; INSERT INTO employees {series} SELECT i, 'a' FROM n;
        INSERT INTO trips {series} SELECT i, 1 + i % 20 FROM n;
        """,
    )
    assert [(link.table, link.column, link.to_table) for link in added.survey.links] == [("trips", column, goal)]


def test_a_name_alone_is_not_enough(tmp_path: Path) -> None:
    series = SERIES.format(rows=90)
    added = _store(
        tmp_path,
        f"""
        CREATE TABLE depots (id INT); CREATE TABLE trips (id INT, depot_id INT, home_depot_id TEXT);
        INSERT INTO depots {series} SELECT i FROM n;
        INSERT INTO trips {series} SELECT i, 80 + i % 20, 1 + i % 20 FROM n;
        """,
    )
    assert added.survey.links == ()


def test_rare_values_are_enough_without_a_name(tmp_path: Path) -> None:
    series = SERIES.format(rows=60)
    added = _store(
        tmp_path,
        f"""
        CREATE TABLE assets (code INT, town TEXT); CREATE TABLE works (id INT, thing INT);
        INSERT INTO assets {series} SELECT 100000 + i * i * 7919, 'x' FROM n;
        INSERT INTO works {series} SELECT i, 100000 + (1 + i % 30) * (1 + i % 30) * 7919 FROM n;
        """,
    )
    assert [(link.column, link.to_table, link.to_column) for link in added.survey.links] == [
        ("thing", "assets", "code")
    ]


def test_dense_numbers_stay_apart_when_only_some_rows_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample.Sample.__init__, "__kwdefaults__", {"rows": 100, "seconds": 5.0})
    series = SERIES.format(rows=20_000)
    added = _store(
        tmp_path,
        f"""
        CREATE TABLE depots (id INT, town TEXT); CREATE TABLE trips (id INT, depot_id INT, load INT);
        INSERT INTO depots {series} SELECT i, 'x' FROM n;
        INSERT INTO trips {series} SELECT i, 1 + (i * 7) % 20000, 1 + (i * 13) % 9000 FROM n;
        """,
    )
    assert [(link.column, link.to_table) for link in added.survey.links] == [("depot_id", "depots")]


def test_what_the_store_declares_is_kept_and_pairs_of_columns_are_not_taken_apart(tmp_path: Path) -> None:
    added = _store(
        tmp_path,
        """
        CREATE TABLE depots (id INTEGER PRIMARY KEY, zone INT, bay INT, UNIQUE (zone, bay));
        CREATE TABLE trips (
            id INTEGER PRIMARY KEY, start INT REFERENCES depots (id), z INT, b INT,
            FOREIGN KEY (z, b) REFERENCES depots (zone, bay)
        );
        INSERT INTO depots VALUES (1, 1, 1), (2, 1, 2); INSERT INTO trips VALUES (1, 2, 1, 2), (2, 1, 1, 1);
        """,
    )
    assert added.survey.links == (Link("trips", "start", "depots", "id"),)


def test_surer_links_score_higher(tmp_path: Path) -> None:
    series = SERIES.format(rows=90)
    added = _store(
        tmp_path,
        f"""
        CREATE TABLE employees (id INT, grade TEXT); CREATE TABLE trips (id INT, employee_id INT, manager_id INT);
        INSERT INTO employees {series} SELECT i, 'a' FROM n;
        INSERT INTO trips {series} SELECT i, 1 + i % 20, 1 + i % 30 FROM n;
        """,
    )
    scores = {link.column: link.score for link in added.survey.links}
    assert 1 >= scores["employee_id"] > scores["manager_id"] >= 0.7
