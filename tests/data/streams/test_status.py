"""What is said of a stream is what is so: lag, rate, freshness, dead letters, with a broker and without."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from data.streams import commits
from data.streams.commits import Commit, Commits
from data.streams.edges import Edge, edges
from data.streams.landing import Landing, Span
from data.streams.letters import listed, outstanding
from data.streams.status import Landed, Status, rate
from data.streams.stream import Broker
from data.streams.target import EVENTS, NEWEST
from tests.data.streams.simple import Lake

Produce = Callable[..., None]
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def look(lake: Lake) -> Status:
    edge = edges(lake.broker, [lake.stream.topic])[lake.stream.topic]
    return Landed(lake.stream, lake.table).look(edge, outstanding(lake.home).get("events", 0), datetime.now(UTC))


def event(number: int, at: str = "2026-03-01T11:00:00") -> bytes:
    return json.dumps({"id": number, "at": at, "note": "n"}).encode()


def test_before_the_first_event_all_is_lag(lake: Lake, produce: Produce) -> None:
    produce(lake.stream.topic, [event(n) for n in range(7)], partition=1)
    status = look(lake)
    assert (status.lag, status.version, status.files, status.last_commit) == (7, None, 0, None)
    assert [(p.partition, p.next, p.end, p.lag) for p in status.partitions] == [
        (0, None, 0, 0), (1, None, 7, 7), (2, None, 0, 0),
    ]  # fmt: skip


def test_what_has_landed_is_no_lag(lake: Lake, produce: Produce) -> None:
    produce(lake.stream.topic, [event(1), event(2, "2026-03-01T11:30:00"), b"{", b"[]"])
    lake.stream = replace(lake.stream, watermark=timedelta(minutes=5))
    lake.land()
    produce(lake.stream.topic, [event(n) for n in range(5)], partition=2)
    status = look(lake)
    assert (status.lag, status.dead_letters) == (5, 2)
    assert status.partitions[2].lag == 5
    assert status.events_per_second == round(4 / 60, 2)
    assert status.freshness == datetime(2026, 3, 1, 11, 30, tzinfo=UTC)
    assert status.watermark == datetime(2026, 3, 1, 11, 25, tzinfo=UTC)
    assert status.files == len(DeltaTable(lake.table).file_uris())
    assert status.last_commit == max(c.at for c in status.commits)
    json.dumps(status.as_json())


def test_without_a_broker_the_table_is_still_told(lake: Lake) -> None:
    lake.put([event(1)])
    lake.broker = Broker("127.0.0.1:1")
    status = look(lake)
    assert (status.lag, status.partitions) == (None, ())
    assert "broker '127.0.0.1:1' is not available" in status.reason
    assert status.last_commit is not None
    assert status.events_per_second > 0


def test_a_missing_topic_does_not_hide_the_others(lake: Lake, broker: str) -> None:
    name = f"{lake.stream.topic}.missing"
    found = edges(Broker(broker), [lake.stream.topic, name])
    assert found[lake.stream.topic].reason == ""
    assert found[lake.stream.topic].ends == {0: 0, 1: 0, 2: 0}
    assert f"no topic '{name}'" in found[name].reason


def test_the_rate_is_of_the_last_minute() -> None:
    made = [Commit(NOW - timedelta(seconds=s), events) for s, events in ((1, 30), (59, 90), (61, 6_000))]
    assert rate(made, NOW) == 2.0


def commit(landing: Landing, **metadata: str) -> None:
    landing.append(pa.table({"id": [1]}), [], metadata)


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path / "table", pa.schema([("id", pa.int64())]))


def read(landing: Landing, back: timedelta = timedelta(hours=1)) -> list[Commit]:
    log = Commits(landing.path / "_delta_log")
    return list(log.since(landing.table.version(), datetime.now(UTC) - back))


def test_only_the_commits_of_streams_count(landing: Landing) -> None:
    commit(landing, **{EVENTS: "5", NEWEST: "2026-03-01T11:00:00+00:00"})
    commit(landing)
    landing.table.optimize.compact()
    assert [(c.events, c.newest) for c in read(landing)] == [(5, datetime(2026, 3, 1, 11, tzinfo=UTC))]


@pytest.mark.parametrize("said", ["", "-1", "many", "9" * 40, "½"])
def test_a_commit_that_says_nonsense_counts_for_nothing(landing: Landing, said: str) -> None:
    commit(landing, **{EVENTS: said, NEWEST: "tomorrow"})
    assert read(landing) == []


def test_a_long_log_is_read_from_its_end_only(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(6):
        commit(landing, **{EVENTS: "1"})
    monkeypatch.setattr(commits, "MOST", 3)
    (landing.path / "_delta_log" / f"{2:020}.json").write_text("no commit at all")
    assert len(read(landing)) == 3
    assert len(read(landing, back=timedelta(0))) == 1


def test_files_that_were_cleaned_away_end_the_look(landing: Landing) -> None:
    for _ in range(4):
        commit(landing, **{EVENTS: "1"})
    (landing.path / "_delta_log" / f"{2:020}.json").unlink()
    assert len(read(landing)) == 2


def test_a_table_is_followed_as_it_grows(lake: Lake, produce: Produce) -> None:
    looked = Landed(lake.stream, lake.table)
    edge = Edge(ends={0: 9})
    assert looked.look(edge, 0, datetime.now(UTC)).partitions[0].next is None
    landing = Landing(lake.table, pa.schema([("id", pa.int64())]))
    for at in (4, 9):
        before = looked.look(edge, 0, datetime.now(UTC)).partitions[0].next
        commit_at = [Span(lake.stream.application(0), before, at)]
        landing.append(pa.table({"id": [1]}), commit_at, {EVENTS: "4"})
        assert looked.look(edge, 0, datetime.now(UTC)).partitions[0].next == at


def test_dead_letters_are_listed_newest_first(lake: Lake) -> None:
    lake.put([b"{" + b"x" * 501, b'{"id": "a"}', None])
    found = listed(lake.home, None, None, 10)
    assert [(letter.offset, letter.kind) for letter in found] == [(2, "invalid"), (1, "invalid"), (0, "undecodable")]
    assert (found[2].bytes, len(found[2].value or "")) == (502, 200)
    assert found[0].value is None
    assert [letter.offset for letter in listed(lake.home, "events", "invalid", 1)] == [2]
    assert listed(lake.home, "others", None, 10) == []


def test_where_nothing_died_nothing_is_listed(tmp_path: Path) -> None:
    assert listed(tmp_path, None, None, 10) == []
    assert outstanding(tmp_path) == {}


def test_a_hostile_name_is_only_a_name(lake: Lake) -> None:
    lake.put([b"{"])
    name: Any = "x' OR '1' = '1"
    assert listed(lake.home, name, None, 10) == []
    assert len(listed(lake.home, "events", None, 10)) == 1
