"""Upkeep: files are joined and removed while writers write and readers read, and nobody notices."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError

from data import lake, onboard
from data.engines.base import Bounds
from data.errors import Unavailable
from data.federation import open_gateway
from data.gateway import Gateway
from data.sources.delta import latest_version
from data.stop import Stop
from data.streams import upkeep as module
from data.streams.merge import merge
from data.streams.stream import Stream, Upkeep
from data.streams.upkeep import LEAST, Tended, configuration, due, tend

ROWS = 7
OFTEN = Upkeep(files=4, keep=timedelta(hours=2))
APP = "lakewright/orders/orders/0"
ODD = ["a b", "100%", "%41", "é", "x/y", "#?&=", "\"'`\\", ":", "..", "_x", None, "a+b"]
STAMPS = re.compile(r'("(?:timestamp|deletionTimestamp|modificationTime|createdTime)": ?)(\d+)')


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "d/t"


def append(path: Path, commit: int) -> None:
    """One commit of ROWS rows, with the number of commits as the application's version."""
    path.mkdir(parents=True, exist_ok=True)
    rows = pa.table({"commit": [commit] * ROWS, "n": list(range(ROWS))})
    properties = CommitProperties(app_transactions=[Transaction(APP, commit + 1)])
    write_deltalake(
        str(path), rows, mode="append", configuration=dict(configuration(OFTEN)), commit_properties=properties
    )


def filled(path: Path, commits: int) -> Path:
    for commit in range(commits):
        append(path, commit)
    return path


def aged(path: Path, hours: int) -> None:
    """Let the table and its files be older than they are."""
    shift = hours * 3_600_000
    for commit in (path / "_delta_log").glob("*.json"):
        commit.write_text(STAMPS.sub(lambda found: f"{found[1]}{int(found[2]) - shift}", commit.read_text()))
    for file in path.rglob("*"):
        aged_file(file, hours)


def aged_file(file: Path, hours: int) -> None:
    os.utime(file, (time.time() - hours * 3600,) * 2)


def orphan(path: Path, hours: int) -> Path:
    """What a writer leaves that was killed before its commit."""
    file = path / f"part-killed-{time.monotonic_ns()}.parquet"
    pq.write_table(pa.table({"commit": [0], "n": [0]}), file)
    aged_file(file, hours)
    return file


def counted(path: Path, version: int | None = None) -> int:
    return int(DeltaTable(str(path), version=version).to_pyarrow_table().num_rows)


@contextmanager
def reading(path: Path) -> Iterator[Gateway]:
    home = path.parents[1]
    onboard.add(home, "d", "delta", str(path.parent))
    gateway = open_gateway(home, threads=1)
    yield gateway
    gateway.close()


def asked(gateway: Gateway) -> int:
    result = gateway.query(gateway.policy.principal("owner"), "SELECT count(*) AS n FROM d.t")
    return int(result.table["n"][0].as_py())


def test_small_files_are_joined_when_there_are_too_many(table: Path) -> None:
    assert not due(table, OFTEN)
    filled(table, 4)
    assert not due(table, OFTEN)
    append(table, 4)
    assert due(table, OFTEN)
    before = lake.read(table).sort_by([("commit", "ascending"), ("n", "ascending")])
    assert tend(table, OFTEN) == Tended(5, 0)
    assert lake.read(table).sort_by([("commit", "ascending"), ("n", "ascending")]).equals(before)
    assert not due(table, OFTEN)
    (file,) = pa.table(DeltaTable(str(table)).get_add_actions(flatten=True))["path"].to_pylist()
    assert pq.ParquetFile(table / file).metadata.row_group(0).column(0).compression == "ZSTD"


def test_a_file_in_each_partition_is_not_too_many(table: Path) -> None:
    rows = pa.table({"p": list(range(9)), "n": [0] * 9})
    write_deltalake(str(table), rows, partition_by=["p"])
    assert not due(table, OFTEN)
    write_deltalake(str(table), rows, mode="append")
    assert due(table, OFTEN)
    assert tend(table, OFTEN).joined == 18
    assert not due(table, OFTEN)


def test_files_grow_in_two_steps(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TARGETS", (24_000, 10_000_000))
    rewritten = 0
    for _ in range(80):
        write_deltalake(str(table), pa.table({"noise": [os.urandom(2_000)]}), mode="append")
        if due(table, OFTEN):
            before = sizes(table)
            tend(table, OFTEN)
            rewritten += sum(rows for file, rows in sizes(table).items() if file not in before)
    assert counted(table) == 80
    assert len(sizes(table)) <= 3 * OFTEN.files
    assert rewritten < 4 * 80


def test_an_old_log_is_cut_off_without_a_commit(table: Path) -> None:
    filled(table, 3)
    DeltaTable(str(table)).create_checkpoint()
    aged(table, 24)
    assert tend(table, OFTEN) == Tended(0, 0)
    assert latest_version(table / "_delta_log") == 2
    assert not (table / "_delta_log" / f"{1:020}.json").exists()
    assert counted(table) == 3 * ROWS


def sizes(path: Path) -> dict[str, int]:
    """The rows of each file."""
    files = pa.table(DeltaTable(str(path)).get_add_actions(flatten=True))
    return dict(zip(files["path"].to_pylist(), files["num_records"].to_pylist(), strict=True))


def test_files_stay_for_the_readers_of_young_versions(table: Path) -> None:
    filled(table, 5)
    aged(table, 10)  # written long ago, but the versions with these files were the newest until now
    young, old = orphan(table, 0), orphan(table, 3)
    assert tend(table, OFTEN) == Tended(5, 1)
    assert [counted(table, version) for version in range(5)] == [ROWS * n for n in range(1, 6)]
    assert (young.exists(), old.exists()) == (True, False)
    aged(table, 1)
    assert tend(table, OFTEN).removed == 0
    aged(table, 2)
    assert tend(table, OFTEN).removed == 6
    assert counted(table) == 5 * ROWS
    assert len(list(table.glob("*.parquet"))) == 1


def test_nobody_can_keep_files_for_less_than_queries_take(table: Path) -> None:
    never = Upkeep(files=4, keep=timedelta(0))
    filled(table, 5)
    assert tend(table, never) == Tended(5, 0)
    assert counted(table, 4) == 5 * ROWS
    aged(table, int(LEAST / timedelta(hours=1)) + 1)
    assert tend(table, never).removed == 5


def test_the_log_knows_removed_files_for_as_long_as_they_are_kept(table: Path) -> None:
    filled(table, 5)
    assert tend(table, OFTEN).joined == 5
    aged(table, 3)
    long = Upkeep(files=4, keep=timedelta(days=30))
    assert tend(table, long).removed == 0
    assert DeltaTable(str(table)).metadata().configuration == configuration(long)
    version = latest_version(table / "_delta_log")
    assert tend(table, long).removed == 0
    assert latest_version(table / "_delta_log") == version
    aged(table, 24 * 25)
    DeltaTable(str(table)).create_checkpoint()
    assert tend(table, long).removed == 0
    assert counted(table, 4) == 5 * ROWS


def test_partitions_of_any_name_stay(table: Path) -> None:
    for turn in range(3):
        rows = pa.table({"_p": ODD, "n": [turn] * len(ODD)})
        write_deltalake(str(table), rows, mode="append", partition_by=["_p"])
    assert tend(table, OFTEN).joined == 3 * len(ODD)
    aged(table, 24 * 20)
    assert tend(table, Upkeep(files=4)).removed == 3 * len(ODD)
    rows = lake.read(table)
    assert sorted(map(str, rows["_p"].to_pylist())) == sorted(map(str, ODD * 3))


def test_offsets_outlive_the_log(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COMMITS", 3)
    filled(table, 6)
    other = CommitProperties(app_transactions=[Transaction("another", 99)])
    write_deltalake(str(table), pa.table({"commit": [6], "n": [0]}), mode="append", commit_properties=other)
    for _ in range(3):
        tend(table, OFTEN)
        aged(table, 24 * 400)
        filled(table, 6)
    tend(table, OFTEN)
    assert not (table / "_delta_log" / f"{0:020}.json").exists()
    assert DeltaTable(str(table)).transaction_version(APP) == 6
    assert DeltaTable(str(table)).transaction_version("another") == 99
    assert counted(table) == 4 * 6 * ROWS + 1


def test_upkeep_does_not_make_rows_look_newer(table: Path) -> None:
    filled(table, 5)
    aged(table, 10)
    with reading(table) as gateway:
        (found,) = [each for each in gateway.catalog.tables if each.full_name == "d.t"]
        source = gateway._door().engines["duckdb"].sources["d"]
        before = source.state(found)
        orphan(table, 3)
        assert tend(table, OFTEN) == Tended(5, 1)
        after = source.state(found)
    assert after.version != before.version
    assert after.freshness == before.freshness


def test_a_query_under_way_reads_on_what_it_began_with(table: Path) -> None:
    filled(table, 5)
    aged(table, 10)
    with reading(table) as gateway:
        engine = gateway._door().engines["duckdb"]
        plan = engine.plan([each for each in gateway.catalog.tables if each.full_name == "d.t"])
        append(table, 5)
        orphan(table, 3)
        assert tend(table, OFTEN) == Tended(6, 1)
        ((_, scan),) = plan.scans.items()
        place = ".".join(f'"{part}"' for part in scan.place)
        rows = engine.run(plan, f"SELECT count(*) AS n FROM {place}", {}, Bounds(10, 1_000_000, Stop().within(60)))
        assert rows.table["n"].to_pylist() == [5 * ROWS]
        assert asked(gateway) == 6 * ROWS


@pytest.mark.parametrize("partitions", [[], ["commit"]], ids=["plain", "partitioned"])
def test_a_query_whose_files_have_gone_says_so(table: Path, partitions: list[str]) -> None:
    write_deltalake(str(table), pa.table({"commit": [1, 2], "n": [1, 2]}), partition_by=partitions)
    with reading(table) as gateway:
        assert asked(gateway) == 2
        for file in table.rglob("*.parquet"):
            file.unlink()
        with pytest.raises(Unavailable, match="have been removed") as caught:
            gateway.query(gateway.policy.principal("owner"), "SELECT sum(n) FROM d.t")
        assert str(table) not in str(caught.value)


class Crew:
    """Threads that work until the main one is done; what they raise is raised again."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.errors: list[BaseException] = []
        self.threads: list[threading.Thread] = []

    def start(self, work: Callable[[], None]) -> None:
        self.threads.append(threading.Thread(target=self._repeat, args=(work,)))
        self.threads[-1].start()

    def _repeat(self, work: Callable[[], None]) -> None:
        try:
            while not self.done.is_set():
                work()
        except BaseException as error:  # noqa: BLE001 - raised again in `end`
            self.errors.append(error)

    def end(self) -> None:
        self.done.set()
        for thread in self.threads:
            thread.join(60)
        for error in self.errors:
            raise error


@contextmanager
def crew() -> Iterator[Crew]:
    found = Crew()
    try:
        yield found
    finally:
        found.end()


def test_readers_and_writers_do_not_notice(table: Path) -> None:
    filled(table, 1)
    seen: list[list[int]] = [[], []]
    tended: list[Tended] = []

    def keep_up() -> None:
        orphan(table, 3)
        tended.append(tend(table, OFTEN))

    with reading(table) as gateway, crew() as others:
        for counts in seen:
            others.start(lambda counts=counts: counts.append(asked(gateway)))  # type: ignore[misc]
        others.start(keep_up)
        commit = 1
        while commit < 60 or (commit < 600 and (sum(each.joined for each in tended) < 40 or min(map(len, seen)) < 20)):
            append(table, commit)
            commit += 1
    assert min(map(len, seen)) > 1
    for counts in seen:
        assert counts == sorted(counts)
        assert {count % ROWS for count in counts} == {0}
    assert counted(table) == commit * ROWS
    assert DeltaTable(str(table)).transaction_version(APP) == commit
    assert sum(each.removed for each in tended) > 0


def test_merges_and_upkeep_get_along(table: Path) -> None:
    stream = Stream("s", "s", "json", None, "d.t", "upsert", ("id",))
    tended: list[Tended] = []

    def changes(turn: int) -> pa.Table:
        # Most turns add a key, which makes one more small file; some change all keys, which replaces files.
        ids = list(range(turn + 1)) if turn % 8 == 7 else [turn]
        none = pa.nulls(len(ids), pa.int64())
        return pa.table({"id": ids, "_order": none, "_offset": [turn] * len(ids), "_deleted": [False] * len(ids)})

    def keep_up() -> None:
        orphan(table, 3)
        tended.append(tend(table, Upkeep(files=2, keep=timedelta(hours=2))))

    write_deltalake(str(table), changes(0).drop_columns("_deleted").slice(1))
    turn = 0
    with crew() as others:
        others.start(keep_up)
        while turn < 400 and (turn < 24 or sum(each.joined for each in tended) < 10):
            properties = CommitProperties(app_transactions=[Transaction(APP, turn + 1)])
            with suppress(CommitFailedError):
                merge(DeltaTable(str(table)), changes(turn), stream, properties, table.parent / "tombstones")
                turn += 1
    found = dict(zip(*(lake.read(table)[name].to_pylist() for name in ("id", "_offset")), strict=True))
    last = turn - 1 - turn % 8  # the last turn that changed all keys
    assert found == {key: max(key, last) for key in range(turn)}
    assert lake.read(table).num_rows == turn
    assert sum(each.joined for each in tended) > 0
    assert DeltaTable(str(table)).transaction_version(APP) == turn
