"""Streams on Spark in a process of its own, which may end by SIGKILL at a chosen moment: `python -m … '{JSON}'`."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from pyspark import SparkContext

from data.errors import DataError
from data.streams.batch import DELETED, ORDER, Batch, Decoded, Reject
from data.streams.deadletters import DeadLetters
from data.streams.decode import Decoder
from data.streams.interrupt import interruption
from data.streams.lander import Lander
from data.streams.spark import run_spark
from data.streams.spark_session import Cluster
from data.streams.stream import Broker, Stream
from data.streams.target import Target
from data.streams.worker import Worker

OPTIONS = "-XX:TieredStopAtLevel=1 -Xlog:disable"


class Numbers(Decoder):
    """Events `{"id": 1, "n": 2}`; all else is rejected. `n` is the order of an upsert stream."""

    def __init__(self, stream: Stream) -> None:
        fields = [("id", pa.int64()), ("n", pa.int64())]
        technical = [] if stream.mode == "append" else [(DELETED, pa.bool_()), (ORDER, pa.int64())]
        self.schema = pa.schema([*fields, *technical])

    def decode(self, batch: Batch) -> Decoded:
        rows, rejects, indices = [], [], []
        for index, value in enumerate(batch.values.to_pylist()):
            try:
                said = json.loads(value)
                rows.append({"id": said["id"], "n": said["n"], DELETED: False, ORDER: said["n"]})
                indices.append(index)
            except (ValueError, TypeError, KeyError) as error:
                rejects.append(Reject(index, "undecodable", type(error).__name__))
        table = pa.Table.from_pylist(rows, self.schema)
        return Decoded(table, rejects, np.array(indices, np.int64))


def spark(
    streams: Sequence[Stream], broker: Broker, home: Path, stop: threading.Event, *, once: bool, cluster: Cluster
) -> Any:
    crew = run_spark(streams, broker, home, folder(home), Numbers, stop, once=once, cluster=cluster)
    return {one.stream.name: asdict(one.totals) for one in crew.workers}


def worker(stream: Stream, broker: Broker, home: Path) -> Any:
    made = Worker(stream, broker, home, folder(home)(stream), Numbers(stream), linger=0.05)
    return asdict(made.run(threading.Event(), once=True))


def folder(home: Path) -> Callable[[Stream], Path]:
    return lambda stream: home / "lake" / stream.name


def arm(moment: str, nth: int) -> None:
    """Die at the nth batch: once its dead letters are written, or before, in or after the commit of its rows."""
    owner, name = (DeadLetters, "append") if moment == "dead" else (Target, "land")
    original, left = getattr(owner, name), [nth]

    def call(*arguments: Any) -> Any:
        left[0] -= 1
        if left[0] > 0:
            return original(*arguments)
        if moment == "before":
            die()
        if moment == "in":
            threading.Timer(0.005, die).start()
        done = original(*arguments)
        die()
        return done

    setattr(owner, name, call)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def overtake(act: Callable[[], object]) -> None:
    """Do something between the reading of the first batch and its landing."""
    original, waiting = Lander.land, [act]

    def land(self: Lander, work: Any) -> Any:
        while waiting:
            waiting.pop()()
        return original(self, work)

    Lander.land = land  # type: ignore[method-assign]


def cluster_of(archive: Path, connectors: Literal["python", "native"]) -> Cluster:
    """Small, with the classes in `archive` where it has been made."""
    said = f"{OPTIONS} -XX:{'SharedArchiveFile' if archive.exists() else 'ArchiveClassesAtExit'}={archive}"
    return Cluster("local[2]", connectors=connectors, events=400, settings={"spark.driver.extraJavaOptions": said})


def leave() -> None:
    """End the JVM and wait until it has written what it archives."""
    if SparkContext._gateway is not None:
        java = SparkContext._gateway.proc
        java.stdin.close()
        java.wait(120)


def main(task: dict[str, Any]) -> None:
    streams = [Stream(key=tuple(one.pop("key", ())), format="json", schema=None, **one) for one in task["streams"]]
    broker, home = Broker(task["broker"]), Path(task["home"])
    if task.get("moment"):
        arm(task["moment"], task["nth"])
    if task.get("overtaken"):
        overtake(lambda: worker(streams[0], broker, home))
    if task.get("jvm_dies"):
        overtake(lambda: SparkContext._gateway.proc.kill())
    cluster = cluster_of(Path(task["archive"]), task.get("connectors", "python"))
    with interruption() as stop:
        try:
            said = spark(streams, broker, home, stop, once=task["once"], cluster=cluster)
        except DataError as error:
            said = {"error": type(error).__name__, "message": error.message}
    print(json.dumps(said), flush=True)
    leave()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
