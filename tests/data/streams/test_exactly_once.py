"""Every event lands once: under SIGKILL at any moment, with bad events, and while workers come and go.

The sizes are small by default. LAKEWRIGHT_EVENTS=1000000 LAKEWRIGHT_KILLS=30 makes the long run of docs/streams.md.
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from deltalake import DeltaTable

from data.streams.deadletters import FOLDER, DeadLetters, read
from data.streams.lander import Lander
from data.streams.landing import Span
from data.streams.stream import Broker, Stream
from data.streams.target import Target
from tests.data.streams.lives import MOMENTS, start
from tests.data.streams.simple import APPENDED, Messages, Simple

EVENTS = int(os.environ.get("LAKEWRIGHT_EVENTS", "30000"))
KILLS = int(os.environ.get("LAKEWRIGHT_KILLS", "5"))
SWAPS = int(os.environ.get("LAKEWRIGHT_SWAPS", "4"))
SCHEMA = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "at": {"type": "string", "format": "date-time"},
        "amount": {"type": "number", "minimum": 0},
        "note": {"type": ["string", "null"]},
    },
    "required": ["id", "at", "amount"],
}
Streams = tuple[Stream, Broker]


def event(number: int) -> bytes:
    return json.dumps({"id": number, "at": "2026-01-01T00:00:00Z", "amount": number / 8, "note": "x" * 60}).encode()


@pytest.fixture
def streams(topic: str, broker: str, tmp_path: Path) -> Streams:
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps(SCHEMA))
    # The group learns sooner that a member has died.
    return Stream("events", topic, "json", schema, "lake.events", time="at"), Broker(
        broker, {"session.timeout.ms": "1000", "heartbeat.interval.ms": "200"}
    )


def landed(home: Path) -> list[int]:
    table = DeltaTable(home / "lake" / "events").to_pyarrow_table(columns=["id"])
    return sorted(table.column("id").to_pylist())


def dead_letters(home: Path) -> list[tuple[bytes, str]]:
    found = read(home / FOLDER).select(["value", "kind"]).to_pylist()
    return sorted((row["value"], row["kind"]) for row in found)


def finish(streams: Streams, home: Path) -> None:
    last = start(streams, home)
    last.join(300)
    assert last.exitcode == 0


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_killed_at_any_moment(streams: Streams, tmp_path: Path, produce: Callable[..., None]) -> None:
    bad = [b'{"id": %d' % n for n in range(EVENTS // 100)]
    events = [*(event(n) for n in range(EVENTS)), *bad]
    random.Random(5).shuffle(events)
    for first in range(0, len(events), 20_000):
        produce(streams[0].topic, events[first : first + 20_000])
    for kill in range(KILLS):
        life = start(streams, tmp_path, moment=MOMENTS[kill % len(MOMENTS)], seed=kill)
        life.join(120)
        assert life.exitcode in (-signal.SIGKILL, 0)
    finish(streams, tmp_path)
    assert landed(tmp_path) == list(range(EVENTS))
    assert dead_letters(tmp_path) == sorted((value, "undecodable") for value in bad)


def test_workers_come_and_go(streams: Streams, tmp_path: Path, produce: Callable[..., None]) -> None:
    rng, sent = random.Random(3), 0
    workers = [start(streams, tmp_path, once=False)]
    for _ in range(SWAPS):
        produce(streams[0].topic, [event(n) for n in range(sent, sent + 2_000)])
        sent += 2_000
        workers.append(start(streams, tmp_path, once=False))
        time.sleep(rng.uniform(1.5, 2.5))  # the group gives both their partitions meanwhile
        leaving = workers.pop(rng.randrange(len(workers)))
        leaving.kill() if rng.random() < 0.3 else leaving.terminate()
        leaving.join(60)
        time.sleep(1.5)
    for worker in workers:
        worker.terminate()
        worker.join(60)
        assert worker.exitcode == 0
    finish(streams, tmp_path)
    assert landed(tmp_path) == list(range(sent))


def test_a_worker_that_lost_its_partitions_lands_nothing(
    streams: Streams, tmp_path: Path, produce: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    produce(streams[0].topic, [event(n) for n in range(5_000)])
    slow = start(streams, tmp_path, moment="", once=False)
    time.sleep(0.7)
    os.kill(int(slow.pid or 0), signal.SIGSTOP)
    finish(streams, tmp_path)
    os.kill(int(slow.pid or 0), signal.SIGCONT)
    produce(streams[0].topic, [event(n) for n in range(5_000, 6_000)])
    time.sleep(1.5)
    slow.terminate()
    slow.join(60)
    finish(streams, tmp_path)
    assert landed(tmp_path) == list(range(6_000))


def test_dead_letters_further_on_than_the_rows_end_no_landing(tmp_path: Path) -> None:
    stream, bad = Stream("events", "topic", "json", None, "lake.events", time="at"), {2, 9}
    values = [b"{" if n in bad else b'{"id": %d, "note": "x"}' % n for n in range(12)]
    dead = DeadLetters(tmp_path, stream.name, stream.topic, "")
    whole = Messages(values, 0, 0)
    dead.append(whole, Simple().decode(whole).rejects, [Span(stream.application(0), None, 12)])  # and then it died
    target = Target(stream, tmp_path, tmp_path / "lake" / "events", APPENDED)
    lander = Lander(target, dead, Simple(), stream.application)
    lander.locate([0])
    for first in range(0, 12, 4):  # in smaller batches than before, each of which has a letter of its own
        batch = Messages([b"[", *values[first + 1 : first + 4]], 0, first)
        work = lander.decode(lander.work(batch))
        assert work is not None
        assert lander.land(work) is not None
    assert landed(tmp_path) == [1, 3, 5, 6, 7, 10, 11]
    assert [kind for _, kind in dead_letters(tmp_path)] == ["undecodable"] * 5
