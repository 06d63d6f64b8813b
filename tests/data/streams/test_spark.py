"""The same streams on Spark's JVM: each event lands once, whoever dies, and whoever goes on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from hypothesis import given
from hypothesis import strategies as st

from data.errors import Invalid, NotFound, Unavailable
from data.sources.delta import latest_version
from data.streams import connection, reader
from data.streams.deadletters import FOLDER, read
from data.streams.sparked import Sparked
from data.streams.stream import Broker, Stream

pytest.importorskip("pyspark", reason="pyspark is not installed")
from data.streams.spark import run_spark
from data.streams.spark_session import Cluster, failure
from data.streams.spark_source import Reading, Slice, TopicReader, bounded
from tests.data.streams.spark_life import Numbers, worker

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[3]
KILLS = int(os.environ.get("LAKEWRIGHT_KILLS", "2"))
MOMENTS = ("dead", "after", "in", "before")
jvm = pytest.mark.skipif(shutil.which("java") is None, reason="there is no java on the PATH")
Produce = Callable[..., None]


def event(number: int, key: int | None = None) -> bytes:
    return json.dumps({"id": number if key is None else key, "n": number}).encode()


def mixed(numbers: Iterable[int]) -> tuple[list[bytes], list[bytes]]:
    """Events of which every tenth is bad, and the bad ones."""
    values = [b'{"id": %d' % n if n % 10 == 3 else event(n) for n in numbers]
    return values, sorted(value for value in values if not value.endswith(b"}"))


class Lives:
    """Starts processes for one topic, and looks at what they leave in the home."""

    def __init__(self, home: Path, broker: str, topic: str, archive: Path) -> None:
        self.home, self.broker, self.topic, self.archive = home, Broker(broker), topic, archive
        self.stream = Stream("numbers", topic, "json", None, "lake.numbers")

    def start(self, *more: dict[str, Any], once: bool = True, **task: Any) -> subprocess.Popen[str]:
        streams = [{"name": "numbers", "topic": self.topic, "target": "lake.numbers"}, *more]
        said = {"streams": streams, "broker": self.broker.servers, "home": str(self.home), "once": once}
        said |= {"archive": str(self.archive), **task}
        command = [sys.executable, "-W", "ignore", "-m", "tests.data.streams.spark_life", json.dumps(said)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=-1, stderr=-1, text=True)

    def run(self, *more: dict[str, Any], **task: Any) -> tuple[int, Any]:
        """The exit code, and the totals."""
        return self.end(self.start(*more, **task))

    def end(self, life: subprocess.Popen[str]) -> tuple[int, Any]:
        with life:
            out, err = life.communicate(timeout=180)
        assert life.returncode in (0, -signal.SIGKILL), err[-2_000:]
        return life.returncode, json.loads(out) if out else None

    def work(self) -> Any:
        """The ordinary worker, in this process."""
        return worker(self.stream, self.broker, self.home)

    def landed(self, stream: str = "numbers") -> bool:
        """Whether its table has been made."""
        return latest_version(self.home / "lake" / stream / "_delta_log") is not None

    def numbers(self) -> list[int]:
        table = DeltaTable(self.home / "lake" / "numbers").to_pyarrow_table(columns=["n"])
        return sorted(table.column("n").to_pylist())

    def committed(self) -> int:
        """Up to where the stream's group is, over all partitions."""
        from confluent_kafka import TopicPartition

        consumer = reader.consumer_of(self.broker, reader.group(self.stream))
        found = consumer.committed([TopicPartition(self.topic, p) for p in range(3)], timeout=10)
        consumer.close()
        return sum(max(0, place.offset) for place in found)

    def dead(self) -> list[bytes]:
        return sorted(read(self.home / FOLDER).column("value").to_pylist())


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Spark's classes as the first life that ends in order has loaded them: every later one starts in half the time."""
    return tmp_path_factory.mktemp("archive") / "spark.jsa"


@pytest.fixture
def lives(tmp_path: Path, broker: str, topic: str, archive: Path) -> Lives:
    return Lives(tmp_path, broker, topic, archive)


@jvm
def test_a_worker_lands_what_spark_has_read(lives: Lives, produce: Produce) -> None:
    values, bad = mixed(range(300))
    produce(lives.topic, values)
    _, totals = lives.run(overtaken=True)
    assert (totals["numbers"]["events"], totals["numbers"]["failures"]) == (0, 0)
    assert lives.numbers() == [n for n in range(300) if n % 10 != 3]
    assert lives.dead() == bad


@jvm
def test_it_follows_the_topic_and_worker_and_spark_continue_each_other(
    lives: Lives, make_topic: Callable[..., str], produce: Produce
) -> None:
    latest = make_topic(2)
    newest = {"name": "latest", "topic": latest, "target": "lake.latest", "mode": "upsert", "key": ["id"]}
    values, bad = mixed(range(700))
    produce(lives.topic, values[:500])
    produce(latest, [event(n, n % 7) for n in range(300)], key=lambda value: str(json.loads(value)["id"]).encode())
    life = lives.start(newest, once=False)
    try:
        _until(lambda: lives.landed("latest") and lives.landed() and len(lives.numbers()) == 450)
        produce(lives.topic, values[500:600])
        _until(lambda: len(lives.numbers()) == 540)
        produce(lives.topic, values[600:])
        life.send_signal(signal.SIGINT)
        code, totals = lives.end(life)
    finally:
        life.kill()
    assert (code, totals["numbers"]["failures"], totals["latest"]["failures"]) == (0, 0, 0)
    assert totals["numbers"]["rows"] == len(lives.numbers()) >= 540
    assert lives.committed() == totals["numbers"]["events"]
    assert totals["latest"]["events"] == 300
    more, worse = mixed(range(700, 900))
    produce(lives.topic, more)
    assert lives.work()["events"] == 900 - totals["numbers"]["events"]
    most, worst = mixed(range(900, 1_000))
    produce(lives.topic, most)
    _, totals = lives.run(newest)
    assert (totals["numbers"]["events"], totals["latest"]["events"]) == (100, 0)
    assert lives.numbers() == [n for n in range(1_000) if n % 10 != 3]
    assert lives.dead() == sorted([*bad, *worse, *worst])
    rows = DeltaTable(lives.home / "lake" / "latest").to_pyarrow_table(columns=["id", "n"]).to_pylist()
    assert {row["id"]: row["n"] for row in rows} == {n % 7: n for n in range(300)}
    assert len(rows) == 7


def _until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not reached():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.1)


@jvm
def test_killed_at_any_moment(lives: Lives, produce: Produce) -> None:
    count = 1_000 * KILLS  # more than the two micro-batches that each life lands at most
    values, bad = mixed(range(count))
    good = [n for n in range(count) if n % 10 != 3]
    produce(lives.topic, values)
    for kill in range(KILLS):
        code, _ = lives.run(moment=MOMENTS[kill % len(MOMENTS)], nth=2)
        assert code == -signal.SIGKILL
    assert 0 < len(lives.numbers()) < len(good)
    code, totals = lives.run()
    assert code == 0
    assert totals["numbers"]["events"] > 0
    assert lives.numbers() == good
    assert lives.dead() == bad


@jvm
def test_spark_ends_while_an_event_lands(lives: Lives, produce: Produce) -> None:
    produce(lives.topic, [event(1)])
    code, said = lives.run(jvm_dies=True)
    assert (code, said["error"]) == (0, "Unavailable")
    assert "numbers" in said["message"]
    assert lives.work()["rows"] in (0, 1)  # what was being landed has landed, or not
    assert lives.numbers() == [1]


@jvm
def test_native_connectors_without_their_jars(lives: Lives, produce: Produce) -> None:
    produce(lives.topic, [event(1)])
    code, said = lives.run(connectors="native")
    assert (code, said["error"]) == (0, "Unavailable")
    assert "kafka" in said["message"].lower()
    assert lives.work()["rows"] == 1


@given(
    st.dictionaries(st.integers(0, 9), st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1),
    st.integers(1, 60),
)
def test_a_micro_batch_is_bounded(partitions: dict[int, tuple[int, int]], most: int) -> None:
    at = {p: start for p, (start, _) in partitions.items()}
    ends = {p: start + count for p, (start, count) in partitions.items()}
    reach = bounded(at, ends, most)
    assert all(at[p] <= reach[p] <= ends[p] for p in partitions)
    behind = sum(count for _, count in partitions.values())
    assert sum(reach[p] - at[p] for p in partitions) == min(most, behind)


def test_partitions_share_a_micro_batch() -> None:
    assert bounded({0: 0, 1: 0, 2: 5}, {0: 100, 1: 2, 2: 100}, 10) == {0: 4, 1: 2, 2: 9}


def test_what_has_landed_is_left_out() -> None:
    columns = {"partition": [1, 0, 0, 1, 2], "offset": [8, 4, 3, 7, 0], "key": [b"a", None, b"c", b"d", None]}
    rows = pa.table({**columns, "value": [b"18", b"04", b"03", None, b"20"]})
    rows = rows.cast(
        pa.schema([("partition", pa.int32()), ("offset", pa.int64()), ("key", pa.binary()), ("value", pa.binary())])
    )
    batch = Sparked(rows, {0: 4, 1: None, 2: 1})
    assert batch.values.to_pylist() == [b"04", None, b"18"]
    assert [batch.key(i) for i in range(3)] == [None, b"d", b"a"]
    assert (batch.starts(), batch.ends()) == ({0: 4, 1: 7}, {0: 5, 1: 9})
    assert len(Sparked(rows, batch.ends() | {2: 1})) == 0


def test_slices_hold_what_was_planned(lives: Lives, produce: Produce) -> None:
    for values in ([event(n) for n in range(5)], [event(n) for n in range(5, 12)], [None]):
        produce(lives.topic, values, partition=1)
    reading = Reading(lives.broker, "test", connection.topic(lives.broker, lives.topic), {0: 0, 1: 2, 2: 0}, 6)
    made = TopicReader(reading)
    start = made.initialOffset()
    first = made.latestOffset()
    assert (start, first) == ({"0": 0, "1": 2, "2": 0}, {"0": 0, "1": 8, "2": 0})
    assert made.partitions(start, first) == [Slice(1, 2, 8)]
    second = made.latestOffset()
    assert second == {"0": 0, "1": 13, "2": 0}
    assert [_read(made, slice_) for slice_ in made.partitions(first, second)] == [
        [(1, n, event(n)) for n in range(8, 12)] + [(1, 12, None)]
    ]
    assert _read(made, Slice(1, 2, 8)) == [(1, n, event(n)) for n in range(2, 8)]
    assert made.partitions(second, made.latestOffset()) == []
    made.stop()


def _read(made: TopicReader, slice_: Any) -> list[tuple[int, int, bytes | None]]:
    rows = pa.Table.from_batches(made.read(slice_)).to_pylist()
    return [(row["partition"], row["offset"], row["value"]) for row in rows]


def test_a_topic_made_anew_is_not_read_on(lives: Lives, make_topic: Callable[..., str]) -> None:
    other = connection.topic(lives.broker, make_topic(1))
    mistaken = connection.Topic(lives.topic, other.id, other.partitions)
    made = TopicReader(Reading(lives.broker, "test", mistaken, {0: 0}, 10))
    with pytest.raises(Unavailable, match="made anew"):
        made.latestOffset()


def test_a_source_tells_no_secrets(lives: Lives) -> None:
    source = pytest.importorskip("data.streams.spark_source").source
    broker = Broker(lives.broker.servers, {"sasl.password": "hunter2"})
    reading = Reading(broker, "test", connection.Topic("t", "", (0,)), {0: 0}, 10)
    assert "hunter2" not in repr(reading)
    assert "hunter2" not in repr(source("events", reading)({}))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"connectors": "jdbc"}, "jdbc"),
        ({"events": 0}, "0 events"),
        ({"memory": "much"}, "much"),
        ({"settings": {"spark.master": "yarn"}}, "spark.master"),
    ],
)
def test_a_cluster_is_checked(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        Cluster(**wrong)


def test_without_java(lives: Lives, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(lives.home))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(Unavailable, match="Java"):
        _run(lives)


def test_without_pyspark(lives: Lives, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(Unavailable, match=r"pip install 'lakewright\[spark\]'"):
        _run(lives)


def _run(lives: Lives) -> None:
    run_spark(
        [lives.stream], lives.broker, lives.home, lambda _: lives.home / "t", Numbers, threading.Event(), once=True
    )


def test_an_error_of_ours_comes_through_spark() -> None:
    trace = "Job aborted.\nTraceback …\n  File …\ndata.errors.NotFound: There is no topic 'x'.\n\tat o.a.s"
    told = failure(RuntimeError(trace), "numbers")
    assert (type(told), str(told)) == (NotFound, "There is no topic 'x'.")
    other = failure(RuntimeError("\n [TASK] it broke\n\tat org.apache"), "numbers")
    assert (type(other), str(other)) == (Unavailable, "Spark can't go on with 'numbers': [TASK] it broke.")
