"""Merging: the table has each key's newest event, however the events come."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError
from hypothesis import event, given, settings
from hypothesis import strategies as st

from data.sources.delta import latest_version
from data.streams.batch import DELETED, OFFSET, ORDER
from data.streams.merge import latest, merge
from data.streams.stream import Stream
from data.streams.tombstones import Tombstones

EXAMPLES = int(os.environ.get("LAKEWRIGHT_EXAMPLES", "40"))
KEY = ("Land id", "code")
STREAM = Stream("orders", "orders", "json", None, "lake.orders", "cdc", KEY, "at")
COLUMNS = pa.schema(
    [
        ("Land id", pa.int64()),
        ("code", pa.string()),
        ('The "value".', pa.string()),
        (ORDER, pa.int64()),
        (OFFSET, pa.int64()),
    ]
)
SCHEMA = COLUMNS.append(pa.field(DELETED, pa.bool_()))


@dataclass(frozen=True)
class Event:
    key: tuple[int, str]
    order: int | None
    offset: int
    deleted: bool = False
    value: str = ""

    @property
    def rank(self) -> tuple[bool, int, int, bool]:
        return self.order is not None, self.order or 0, self.offset, self.deleted

    @property
    def row(self) -> dict[str, Any]:
        values = (*self.key, self.value, self.order, self.offset, self.deleted)
        return dict(zip(SCHEMA.names, values, strict=True))


@dataclass
class Lake:
    """A target with its tombstones."""

    folder: Path
    stream: Stream = STREAM

    @property
    def table(self) -> DeltaTable:
        if latest_version(self.folder / "target" / "_delta_log") is None:
            partitions = list(self.stream.partition_by)
            write_deltalake(str(self.folder / "target"), COLUMNS.empty_table(), partition_by=partitions)
        return DeltaTable(str(self.folder / "target"))

    @property
    def graves(self) -> Tombstones:
        return Tombstones(self.folder / "tombstones", self.stream.key)

    def merge(self, events: Sequence[Event], end: int = 0, *, table: DeltaTable | None = None) -> None:
        properties = CommitProperties(app_transactions=[Transaction(self.stream.application(0), end)])
        merge(table or self.table, arrow(events), self.stream, properties, self.graves.path)

    def rows(self) -> dict[tuple[Any, ...], tuple[Any, ...]]:
        rows = [tuple(row.values()) for row in self.table.to_pyarrow_table().select(COLUMNS.names).to_pylist()]
        found = {row[:2]: row[2:] for row in rows}
        assert len(found) == len(rows)
        return found


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "a lake")


def arrow(events: Sequence[Event]) -> pa.Table:
    return pa.Table.from_pylist([each.row for each in events], schema=SCHEMA)


def modelled(events: Sequence[Event]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    newest: dict[tuple[int, str], Event] = {}
    for each in events:
        if each.key not in newest or each.rank > newest[each.key].rank:
            newest[each.key] = each
    return {key: (each.value, each.order, each.offset) for key, each in newest.items() if not each.deleted}


TEXTS = st.text(max_size=3) | st.sampled_from(["a", "a'b", '"', "\\", "\x00", "é", "e\u0301", "x" * 70, "\U0001f600"])
KEYS = st.tuples(st.sampled_from([-(2**63), -1, 0, 2**63 - 1]), TEXTS)
Batches = list[tuple[str, list[Event]]]


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Event], Batches]:
    """Events, and the batches in which a worker gets them: some end in a crash, some come again, all come at last."""
    keys = draw(st.lists(KEYS, min_size=1, max_size=4, unique=True))
    drawn = st.tuples(st.sampled_from(keys), st.none() | st.integers(-2, 2), st.booleans(), st.text(max_size=2))
    facts = draw(st.lists(drawn, min_size=1, max_size=24))
    events = [Event(key, order, at, deleted, value) for at, (key, order, deleted, value) in enumerate(facts)]
    spans = st.tuples(st.sampled_from(["land", "crash", "land"]), st.integers(0, len(events)), st.integers(0, 10))
    batches = [(fate, events[at : at + size]) for fate, at, size in draw(st.lists(spans, max_size=4))]
    cut = draw(st.integers(0, len(events)))
    rest = [("land", part) for part in (events[:cut], events[cut:])]
    return events, draw(st.permutations([*batches, *rest]))


@settings(max_examples=EXAMPLES, deadline=None)
@given(deliveries(), st.sampled_from([(), ("Land id",), ('The "value".',)]))
def test_the_table_is_the_newest_event_of_each_key(given: tuple[list[Event], Batches], partitions: Any) -> None:
    events, batches = given
    # A text of no characters is null as the value of a partition, and no file system takes a NUL.
    partitions = partitions if all("\x00" not in each.value and each.value for each in events) else ()
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder), Stream("s", "s", "json", None, "l.s", "cdc", KEY, "at", partition_by=partitions))
        for end, (fate, batch) in enumerate(batches):
            if fate == "crash":
                lake.graves.add(latest(arrow(batch), KEY))
            else:
                lake.merge(batch, end)
                assert lake.table.transaction_version(lake.stream.application(0)) == end
        assert lake.rows() == modelled(events)
    event(f"{len(modelled(events))} keys live")


def test_a_late_event_does_not_bring_back_a_deleted_key(lake: Lake) -> None:
    lake.merge([Event((1, "a"), 1, 1, value="old")])
    lake.merge([Event((1, "a"), 5, 2, deleted=True)])
    assert lake.rows() == {}
    lake.merge([Event((1, "a"), 4, 3, value="late")])
    assert lake.rows() == {}
    lake.merge([Event((1, "a"), 6, 4, value="new")])
    assert lake.rows() == {(1, "a"): ("new", 6, 4)}


def test_of_two_partitions_with_one_key_at_one_place_the_deletion_stands(tmp_path: Path) -> None:
    pair = [Event((1, "a"), 1, 7, value="here"), Event((1, "a"), 1, 7, deleted=True)]
    for number, (first, second) in enumerate((pair, pair[::-1])):
        lake = Lake(tmp_path / str(number))
        lake.merge([first])
        lake.merge([second])
        assert lake.rows() == {}


def test_a_merge_that_changes_nothing_commits_its_offsets(lake: Lake) -> None:
    lake.merge([Event((1, "a"), 5, 1, value="x")], 2)
    files = lake.table.file_uris()
    for end, batch in ((3, [Event((1, "a"), 4, 2)]), (4, [Event((9, "z"), 4, 3, deleted=True)]), (5, [])):
        table = lake.table
        version = table.version()
        lake.merge(batch, end, table=table)
        assert table.version() == version + 1
        assert table.transaction_version(STREAM.application(0)) == end
    assert lake.table.file_uris() == files


def test_one_merge_is_one_commit_with_rows_and_offsets(lake: Lake) -> None:
    table = lake.table
    lake.merge([Event((1, "a"), 1, 1), Event((2, "b"), 1, 2)], 3, table=table)
    assert table.version() == 1
    log = lake.folder / "target" / "_delta_log" / "00000000000000000001.json"
    actions = [next(iter(json.loads(line))) for line in log.read_text().splitlines() if line]
    assert sorted(actions) == ["add", "commitInfo", "txn"]


@pytest.mark.parametrize("second", [0, 1], ids=["the same partition", "another partition"])
@pytest.mark.parametrize("rows", [0, 1], ids=["no rows", "rows"])
def test_of_two_merges_into_one_snapshot_one_lands(lake: Lake, second: int, rows: int) -> None:
    one, other = lake.table, lake.table
    lake.merge([Event((1, "a"), 1, 1, value="one")], 2, table=one)
    properties = CommitProperties(app_transactions=[Transaction(STREAM.application(second), 2)])
    changes = arrow([Event((1, "a"), 2, 1, value="two")][:rows])
    with pytest.raises(CommitFailedError):
        merge(other, changes, STREAM, properties, lake.graves.path)
    assert lake.rows() == {(1, "a"): ("one", 1, 1)}
    merge(lake.table, changes, STREAM, properties, lake.graves.path)
    assert lake.rows() == {(1, "a"): (["one", "two"][rows], 1 + rows, 1)}


def test_a_snapshot_from_before_a_deletion_can_not_bring_its_key_back(lake: Lake) -> None:
    stale = lake.table
    lake.merge([Event((1, "a"), 9, 1, deleted=True)], 2)
    with pytest.raises(CommitFailedError):
        lake.merge([Event((1, "a"), 3, 1, value="late")], 2, table=stale)
    lake.merge([Event((1, "a"), 3, 1, value="late")], 2)
    assert lake.rows() == {}


def test_a_deletion_that_lands_after_its_tombstones_were_looked_for_ends_the_merge(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlived = Tombstones.outlived

    def then_another_worker(graves: Tombstones, changes: pa.Table) -> pa.Table:
        found = outlived(graves, changes)
        monkeypatch.undo()
        merge(lake.table, dead, STREAM, other, lake.graves.path)
        return found

    dead = arrow([Event((1, "a"), 9, 1, deleted=True)])
    other = CommitProperties(app_transactions=[Transaction(STREAM.application(1), 2)])
    monkeypatch.setattr(Tombstones, "outlived", then_another_worker)
    with pytest.raises(CommitFailedError):
        lake.merge([Event((1, "a"), 3, 1, value="late")], 2)
    lake.merge([Event((1, "a"), 3, 1, value="late")], 2)
    assert lake.rows() == {}


@pytest.mark.parametrize("apart", ["Land id", "code"])
def test_files_without_a_key_of_the_batch_are_not_read(lake: Lake, apart: str) -> None:
    keys = [(land, "x") for land in range(1, 5)] if apart == "Land id" else [(0, code) for code in "abcd"]
    for key in keys:
        lake.merge([Event(key, 1, 1)])
    files = pa.table(lake.table.get_add_actions(flatten=True))
    for path, least in zip(files["path"].to_pylist(), files[f"min.{apart}"].to_pylist(), strict=True):
        if least not in keys[2]:
            (lake.folder / "target" / path).unlink()
    lake.merge([Event(keys[2], 2, 2, value="new")])
    lake.merge([Event(keys[2], 2, 3, deleted=True)])
    assert len(lake.table.file_uris()) == 3


BOUNDS: list[pa.Array] = [
    pa.array([date(1, 1, 1), date(2024, 2, 29), date(9999, 12, 31)]),
    pa.array([-5, 0, 7], pa.int8()),
    pa.array([datetime(1960, 1, 1, 0, 0, 0, 1), datetime(2024, 1, 1), datetime(2025, 1, 1)], pa.timestamp("us")),
    pa.array([b"", b"\x00\xff", b"z"]),
    pa.array(["a" * 31, "a" * 32 + "b", "a" * 500]),
    pa.array(["x' OR 1=1 --", "'", "\x00"]),
    pa.array(["\U0010ffff" * 90, "\ud7ff", "z"]),
]


@pytest.mark.parametrize("values", BOUNDS, ids=lambda values: str(values.type))
def test_keys_of_each_type_are_found_again(lake: Lake, values: pa.Array) -> None:
    stream = Stream("s", "s", "json", None, "l.s", "upsert", ("key",))
    path = str(lake.folder / "target")
    for turn in range(3):
        order = pa.nulls(3, pa.int64())
        rows = pa.table({"key": values, "turn": [turn] * 3, ORDER: order, OFFSET: [turn] * 3})
        if turn == 0:
            for row in range(3):
                write_deltalake(path, rows.slice(row, 1), mode="append")
            continue
        dead = pa.array([False, False, turn == 2])
        merge(DeltaTable(path), rows.append_column(DELETED, dead), stream, CommitProperties(), lake.graves.path)
        assert DeltaTable(path).to_pyarrow_table()["turn"].to_pylist() == [turn] * (4 - turn)


def test_tombstones_are_forgotten_after_their_time(lake: Lake) -> None:
    now = datetime.now(UTC)
    assert lake.graves.expire(now) == 0
    lake.merge([Event((1, "a"), 5, 1, deleted=True)])
    assert lake.graves.expire(now - timedelta(hours=1)) == 0
    lake.merge([Event((1, "a"), 4, 2)])
    assert lake.rows() == {}
    assert lake.graves.expire(now + timedelta(hours=1)) == 1
    lake.merge([Event((1, "a"), 4, 2)])
    assert len(lake.rows()) == 1
