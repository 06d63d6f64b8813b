"""Spark on the JVM in this process's care: opened with what streams need, and what it says when something fails."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import data
from data import errors
from data.errors import DataError, Invalid, Unavailable

SAID = re.compile(r"^data\.errors\.(\w+): (.+)$", re.MULTILINE)
"""How an error of ours ends the traceback that Spark tells of one of its Python processes."""
OWN = frozenset({"spark.master", "spark.driver.memory", "spark.app.name"})


@dataclass(frozen=True)
class Cluster:
    """Where and how Spark runs a home's streams."""

    master: str = "local[*]"
    memory: str = "1g"
    """Of the driver, where decoding and landing take place."""
    connectors: Literal["python", "native"] = "python"
    """`native`: Spark's Kafka source and its Delta sink, whose jars `settings` has to name."""
    events: int = 100_000
    """A micro-batch has at most so many."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Of Spark, and with the native connectors also of Kafka's Java client (`kafka.…`)."""

    def __post_init__(self) -> None:
        """Invalid for what Spark would refuse later, in words of its own."""
        if self.connectors not in ("python", "native"):
            raise Invalid(f"There are no connectors '{self.connectors}'.", "Use python or native.")
        if self.events < 1:
            raise Invalid(f"A micro-batch can't have {self.events} events.", "Give a number from 1 on.")
        if not re.fullmatch(r"\d+[kmgt]", self.memory):
            raise Invalid(f"'{self.memory}' is no amount of memory.", "Write for instance 512m or 4g.")
        for name in OWN & self.settings.keys():
            raise Invalid(f"'{name}' has a setting of its own.", "Remove it from Spark's settings.")


MARKS = ("SPARK_CONNECT_MODE_ENABLED", "SPARK_REMOTE", "SPARK_LOCAL_REMOTE", "SPARK_API_MODE")


@contextmanager
def session(cluster: Cluster) -> Iterator[Any]:
    """A session, stopped at the end. Unavailable without pyspark, without Java, or when Spark does not start."""
    builder = _builder(cluster)
    with _classic():
        opened = _started(builder, cluster)
        try:
            yield opened
        finally:
            _stop(opened)


def _started(builder: Any, cluster: Cluster) -> Any:
    with _environment(_local(cluster)), _signals():
        try:
            return builder.getOrCreate()
        except Exception as error:  # noqa: BLE001 - of py4j, of pyspark or of the JVM
            raise Unavailable(f"Spark does not start: {told(error)}", "See to its settings.") from None


@contextmanager
def _classic() -> Iterator[None]:
    """A session of Spark Connect leaves marks in the environment, by which pyspark would make only such ones."""
    before = {name: os.environ.pop(name) for name in MARKS if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(before)


def failure(error: BaseException, stream: str) -> DataError:
    """What Spark said of a query that failed, as an error of ours: one of its Python processes may have raised it."""
    found = SAID.findall(str(error))
    if found:
        kind, message = found[-1]
        made = getattr(errors, kind, Unavailable)
        if isinstance(made, type) and issubclass(made, DataError):
            return made(message)
    return Unavailable(f"Spark can't go on with '{stream}': {told(error)}")


def of_spark(error: BaseException) -> bool:
    """Whether Spark said it, or its JVM has gone."""
    return type(error).__module__.split(".")[0] in ("py4j", "pyspark") or isinstance(error, ConnectionError)


def told(error: BaseException) -> str:
    """The first line of what was said, without the stack."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{lines[0][:300]}." if lines else f"{type(error).__name__}."


def _stop(opened: Any) -> None:
    try:
        opened.stop()
    except Exception as error:
        if not of_spark(error):
            raise


def _builder(cluster: Cluster) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of a pandas that is newer than it knows
            from pyspark.sql import SparkSession
    except ImportError:
        raise Unavailable("Spark is not installed.", "Run `pip install 'lakewright[spark]'`.") from None
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        raise Unavailable("Spark needs Java, and there is none.", "Install Java 17 or 21, or set JAVA_HOME.")
    builder = SparkSession.builder.appName("lakewright streams").master(cluster.master)
    for name, value in {**_usual(cluster), **cluster.settings}.items():
        if not name.startswith("kafka."):
            builder = builder.config(name, value)
    return builder


def _usual(cluster: Cluster) -> Mapping[str, str]:
    here = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"} if _local(cluster) else {}
    return {
        **here,
        "spark.driver.memory": cluster.memory,
        "spark.ui.enabled": "false",
        "spark.log.level": "OFF",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.streaming.forceDeleteTempCheckpointLocation": "true",
    }


def _local(cluster: Cluster) -> bool:
    return cluster.master.startswith("local")


@contextmanager
def _signals() -> Iterator[None]:
    """Spark puts a handler of its own for Ctrl-C in place, which would cancel what is being landed."""
    before = signal.getsignal(signal.SIGINT)
    yield
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, before)


@contextmanager
def _environment(local: bool) -> Iterator[None]:
    """What the JVM inherits: its Python processes are to be this Python, and find these packages."""
    places = [str(Path(data.__path__[0]).parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    wanted = {"PYSPARK_PYTHON": sys.executable, "PYTHONPATH": os.pathsep.join(places)}
    wanted |= {"SPARK_LOCAL_IP": "127.0.0.1"} if local else {}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
