"""Delta tables: at the version that is asked for, whichever way their files are read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import CommitProperties, DeltaTable, write_deltalake

from data import lake, onboard
from data.catalog import Column, SourceConfig, Table
from data.engines import database
from data.federation import open_gateway
from data.gateway import Gateway
from data.sources.delta import DeltaSource
from data.sources.snapshot import MOST, plain_files

ROWS = pa.table({"id": [1, 2, 3], "kind": ["a", "b", "a"]})


def read(home: Path, table: str = "t") -> dict[str, list[object]]:
    onboard.add(home, "d", "delta", str(home / "d"))
    gateway = open_gateway(home, threads=1)
    result = gateway.query(gateway.policy.principal("owner"), f"SELECT * FROM d.{table} ORDER BY ALL")
    gateway.close()
    found: dict[str, list[object]] = result.table.to_pydict()
    return found


def version(folder: Path) -> int:
    found = lake.version(folder)
    assert found is not None
    return found


def test_plain_files_are_read_as_they_are(tmp_path: Path) -> None:
    lake.append(tmp_path / "d/t", ROWS)
    lake.append(tmp_path / "d/t", ROWS)
    assert len(plain_files(tmp_path / "d/t", 1) or ()) == 2
    assert len(plain_files(tmp_path / "d/t", 0) or ()) == 1
    assert read(tmp_path)["id"] == [1, 1, 2, 2, 3, 3]


def test_deleted_rows_stay_deleted(tmp_path: Path) -> None:
    lake.append(tmp_path / "d/t", ROWS)
    DeltaTable(tmp_path / "d/t").delete("id = 2")
    assert read(tmp_path)["id"] == [1, 3]


@pytest.mark.parametrize("kind", ["partitioned", "evolved", "many"])
def test_whatever_is_more_than_its_files_is_left_to_the_reader_of_delta(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "d/t"
    folder.mkdir(parents=True)
    match kind:
        case "partitioned":
            write_deltalake(str(folder), ROWS, partition_by=["kind"])
        case "evolved":
            lake.append(folder, ROWS.select(["id"]))
            write_deltalake(str(folder), ROWS, mode="append", schema_mode="merge")
        case "many":
            for number in range(MOST + 1):
                lake.append(folder, ROWS.slice(number % 3, 1))
    assert plain_files(folder, version(folder)) is None
    found = read(tmp_path)
    assert set(found) == {"id", "kind"}
    if kind == "partitioned":
        assert found == {"id": [1, 2, 3], "kind": ["a", "b", "a"]}
    if kind == "evolved":
        assert found["kind"].count(None) == 3
        assert len(found["id"]) == 6
    if kind == "many":
        assert len(found["id"]) == MOST + 1


def test_files_outside_the_table_are_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "d/t"
    lake.append(folder, ROWS)
    (only,) = plain_files(folder, 0) or ()
    outside = tmp_path / "outside.parquet"
    only.rename(outside)
    only.symlink_to(outside)
    plain_files.cache_clear()
    assert plain_files(folder, 0) is None


def test_a_table_that_is_written_all_the_time_leaves_no_heap_of_views(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "VERSIONS", 3)
    lake.append(tmp_path / "d/t", ROWS)
    onboard.add(tmp_path, "d", "delta", str(tmp_path / "d"))
    gateway = open_gateway(tmp_path, threads=1)
    for number in range(8):
        assert count(gateway) == 3 * (number + 1)
        lake.append(tmp_path / "d/t", ROWS)
    held = gateway._door().engines["duckdb"]._current  # type: ignore[attr-defined]
    assert len(held._views) == 3
    gateway.close()


def count(gateway: Gateway) -> int:
    result = gateway.query(gateway.policy.principal("owner"), "SELECT count(*) AS n FROM d.t")
    return int(result.table["n"][0].as_py())


def test_a_commit_says_up_to_when_a_stream_has_come(tmp_path: Path) -> None:
    source, table = streamed(tmp_path, "2026-11-24T10:00:03+01:00")
    assert source.state(table).watermark == datetime(2026, 11, 24, 9, 0, 3, tzinfo=UTC)


@pytest.mark.parametrize("text", ["soon", "", "0001-01-01T00:00:00+14:00"])
def test_a_watermark_that_is_no_time_is_none(tmp_path: Path, text: str) -> None:
    source, table = streamed(tmp_path, text)
    assert (source.state(table).watermark, source.state(table).version) == (None, "1")


def test_upkeep_makes_no_table_fresher(tmp_path: Path) -> None:
    source, table = streamed(tmp_path, "2026-11-24T10:00:03Z")
    before = source.state(table)
    DeltaTable(tmp_path / "lake" / "plays").optimize.compact()
    after = source.state(table)
    assert (before.version, after.version) == ("1", "2")
    assert (after.freshness, after.watermark) == (before.freshness, before.watermark)
    assert after.freshness is not None


def streamed(home: Path, watermark: str) -> tuple[DeltaSource, Table]:
    """A Delta table of two commits, the second with a watermark."""
    rows, folder = pa.table({"play_id": [1]}), home / "lake" / "plays"
    write_deltalake(folder, rows)
    properties = CommitProperties(custom_metadata={"lakewright.watermark": watermark})
    write_deltalake(folder, rows, mode="append", commit_properties=properties)
    table = Table(source="s", name="plays", columns=(Column("play_id", "BIGINT"),))
    return DeltaSource(SourceConfig("s", "delta", "lake", tables=(table,)), home), table
