"""Landing beside bare reading: the same topic, on the same broker, in turns.

The peer is confluent-kafka's consumer as fast as it goes: `consume` in batches, and every message thrown away. Ours
lands every event once in a Delta table. Both are timed from their first message to the last one: until it is read,
and until it is committed.
"""

from __future__ import annotations

import json
import random
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from data.apart import apart
from data.streams.brokers import local_broker
from data.streams.connection import QUIET
from data.streams.stream import Broker, Stream

TOPIC, PARTITIONS, DISTINCT = "bench.payments", 4, 50_000
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "payment_id": {"type": "string"},
        "created_at": {"type": "string", "format": "date-time"},
        "merchant_id": {"type": "integer"},
        "card": {"type": "string"},
        "amount": {"type": "number"},
        "currency": {"type": "string"},
        "status": {"type": "string"},
        "note": {"type": "string"},
    },
    "required": ["payment_id", "created_at", "merchant_id", "card", "amount", "currency", "status"],
}


PEER = {
    "group.id": "bare",
    "enable.auto.commit": False,
    # Or it rests for a second now and then, when it has fetched much in advance.
    "fetch.queue.backoff.ms": 10,
}


@dataclass(frozen=True)
class Comparison:
    """`ours` and `peer` are events a second (medians), `ratio` ours to the peer's; `poll` is the peer's loop over
    `poll` instead of `consume`. Memory is the worker process's peak; latencies are from publishing to a committed
    row, in seconds."""

    events: int
    bytes: float
    ours: float
    peer: float
    poll: float
    ratio: float
    rounds: tuple[tuple[float, float], ...]
    memory_mb: float
    latency_rate: float
    latency_p50: float
    latency_p95: float


def compare(events: int, rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Fill a topic and read it `rounds` times with each; then the latency at 2,000 events a second."""
    with local_broker() as broker, tempfile.TemporaryDirectory() as folder:
        say(f"publishing {events:,} events")
        size = _fill(broker.address, events)
        pairs = []
        for number in range(rounds):
            peer, _ = apart(_peer, broker.address, events, "consume")
            ours, memory = apart(_ours, broker.address, events, Path(folder) / str(number))
            say(f"round {number + 1}: {ours:,.0f} events a second, the bare consumer {peer:,.0f}")
            pairs.append((ours, peer, memory))
        poll, _ = apart(_peer, broker.address, events, "poll")
        rate, seconds = 2_000, 10
        say(f"publishing {rate:,} events a second for {seconds} s")
        waited = _latency(broker.address, Path(folder) / "latency", rate, seconds)
    ours, peer = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
    cuts = quantiles(waited, n=20)
    return asdict(
        Comparison(
            events, round(size, 1), round(ours), round(peer), round(poll),
            round(median(pair[0] / pair[1] for pair in pairs), 3),
            tuple((round(one), round(other)) for one, other, _ in pairs),
            max(pair[2] for pair in pairs), rate, round(median(waited), 3), round(cuts[18], 3),
        )
    )  # fmt: skip


def _event(rng: random.Random, at: datetime) -> bytes:
    return json.dumps({
        "payment_id": f"{rng.getrandbits(128):032x}", "created_at": at.isoformat(timespec="milliseconds"),
        "merchant_id": rng.randrange(5_000), "card": f"{rng.getrandbits(128):032x}",
        "amount": rng.randrange(100, 100_000) / 100, "currency": rng.choice(("EUR", "USD", "GBP")),
        "status": rng.choice(("captured", "failed", "pending")), "note": f"{rng.getrandbits(256):064x}",
    }).encode()  # fmt: skip


def _fill(address: str, events: int) -> float:
    """Publish the events; their mean size in bytes."""
    from confluent_kafka import Producer
    from confluent_kafka.admin import AdminClient, NewTopic

    admin = AdminClient({"bootstrap.servers": address, **QUIET})
    for topic in (TOPIC, f"{TOPIC}.live"):
        admin.create_topics([NewTopic(topic, PARTITIONS, 1)])[topic].result(10)
    rng, start = random.Random(7), datetime(2026, 1, 1, tzinfo=UTC)
    made = [_event(rng, start + timedelta(seconds=n)) for n in range(min(events, DISTINCT))]
    producer = Producer({"bootstrap.servers": address, "linger.ms": 20, **QUIET})
    for number in range(events):
        _send(producer, TOPIC, made[number % len(made)], number % PARTITIONS)
    producer.flush()
    return sum(map(len, made)) / len(made)


def _send(producer: Any, topic: str, value: bytes, partition: int) -> None:
    while True:
        try:
            producer.produce(topic, value, partition=partition)
            return
        except BufferError:
            producer.poll(0.1)


def _peer(address: str, events: int, way: str) -> float:
    from confluent_kafka import Consumer, TopicPartition

    consumer = Consumer({**PEER, "bootstrap.servers": address, **QUIET})
    consumer.assign([TopicPartition(TOPIC, p, 0) for p in range(PARTITIONS)])
    consumer.poll(30)
    count, started = 1, time.perf_counter()
    while count < events:
        batch = min(10_000, events - count)  # more than there are would be waited for
        count += len(consumer.consume(batch, 1.0)) if way == "consume" else consumer.poll(1.0) is not None
    seconds = time.perf_counter() - started
    consumer.close()
    return events / seconds


def _ours(address: str, events: int, home: Path) -> float:
    from data.streams.crew import Crew
    from data.streams.reader import Reader

    first: list[float] = []

    def noting(reader: Reader, linger: float) -> Any:
        if not first and reader.assigned:
            first.append(time.time())
        return read(reader, linger)

    read, Reader.read = Reader.read, noting  # type: ignore[method-assign,assignment]
    crew = Crew([_worker(address, home, TOPIC)])
    crew.run(threading.Event(), once=True, tick=lambda: None, every=1)
    seconds, rows = _landed(home / "lake" / "payments") - first[0], crew.totals()["tables"][0]["rows"]
    assert rows == events, f"{rows} rows of {events} events"
    return events / seconds


def _landed(path: Path) -> float:
    """When the last rows were committed; files are joined after that."""
    from deltalake import DeltaTable

    commits = DeltaTable(path).history()
    return float(max(commit["timestamp"] for commit in commits if commit["operation"] == "WRITE")) / 1000


def _worker(address: str, home: Path, topic: str) -> Any:
    from data.streams.decode import decoder_of
    from data.streams.worker import Worker

    home.mkdir(parents=True)
    schema = home / "schema.json"
    schema.write_text(json.dumps(SCHEMA))
    stream, broker = Stream("payments", topic, "json", schema, "lake.payments", time="created_at"), Broker(address)
    return Worker(stream, broker, home, home / "lake" / "payments", decoder_of(stream, broker))


def _latency(address: str, home: Path, rate: int, seconds: int) -> list[float]:
    """Seconds from publishing to a committed row, seen by a reader that looks for new versions all the time."""
    from confluent_kafka import Producer

    worker, stop, waited = _worker(address, home, f"{TOPIC}.live"), threading.Event(), list[float]()
    threads = [
        threading.Thread(target=worker.run, args=(stop,)),
        threading.Thread(target=_watch, args=(home / "lake" / "payments", stop, waited)),
    ]
    for thread in threads:
        thread.start()
    producer, rng = Producer({"bootstrap.servers": address, "linger.ms": 5, **QUIET}), random.Random(1)
    _send(producer, f"{TOPIC}.live", _event(rng, datetime.now(UTC)), 0)
    while not worker.totals.rows:  # until it has joined its group
        time.sleep(0.1)
    waited.clear()
    started = time.time()
    for number in range(rate * seconds):
        _send(producer, f"{TOPIC}.live", _event(rng, datetime.now(UTC)), number % PARTITIONS)
        if number % 50 == 0:
            producer.poll(0)
            time.sleep(max(0.0, started + number / rate - time.time()))
    producer.flush()
    time.sleep(3)
    stop.set()
    for thread in threads:
        thread.join()
    assert worker.totals.rows == rate * seconds + 1
    return waited[-rate * seconds :]


def _watch(path: Path, stop: threading.Event, waited: list[float]) -> None:
    from deltalake import DeltaTable

    from data import lake

    seen = 0
    while not stop.wait(0.02):
        newest = lake.version(path) or 0
        while seen < newest:
            seen += 1
            now = datetime.now(UTC)
            waited += _added(DeltaTable(path, version=seen), path, now)


def _added(table: Any, path: Path, now: datetime) -> list[float]:
    """How long ago the events of the newest commit happened. A table that is compacted adds nothing new."""
    import pyarrow.parquet as pq

    info, log = table.history(1)[0], path / "_delta_log" / f"{table.version():020}.json"
    if info["operation"] != "WRITE":
        return []
    adds = [json.loads(line)["add"] for line in log.read_text().splitlines() if '"add":' in line[:8]]
    times = [pq.read_table(path / add["path"], columns=["created_at"]).column(0).to_pylist() for add in adds]
    return [(now - at).total_seconds() for part in times for at in part]
