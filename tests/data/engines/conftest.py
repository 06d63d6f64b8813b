# ruff: noqa: E501 - one row of values a line
"""Real Spark Connect servers in processes of their own: Sail, and Spark on the JVM."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data import lake
from data.federation import open_gateway
from data.gateway import Gateway

SAIL = """
import sys
from pysail.spark import SparkConnectServer
server = SparkConnectServer("127.0.0.1", int(sys.argv[1]))
server.start(background=True)
print(server.listening_address[1], flush=True)
sys.stdin.read()
"""

CATALOG = """\
version: 1
sources:
  - name: shop
    kind: {kind}
    location: shop
    tables:
      - name: customers
        columns:
          - {{name: id, type: BIGINT}}
          - {{name: name, type: VARCHAR, tags: [pii]}}
          - {{name: email, type: VARCHAR, tags: [pii]}}
          - {{name: country, type: VARCHAR}}
          - {{name: score, type: DOUBLE}}
          - {{name: points, type: INTEGER}}
          - {{name: born, type: DATE}}
          - {{name: joined, type: TIMESTAMP}}
          - {{name: active, type: BOOLEAN}}
      - name: orders
        columns:
          - {{name: id, type: BIGINT}}
          - {{name: customer_id, type: BIGINT}}
          - {{name: amount, type: "DECIMAL(12,2)"}}
          - {{name: items, type: INTEGER}}
          - {{name: status, type: VARCHAR}}
          - {{name: note, type: VARCHAR}}
          - {{name: placed, type: DATE}}
          - {{name: paid, type: TIMESTAMP}}
          - {{name: gift, type: BOOLEAN}}
"""
POLICY = """\
version: 1
principals:
  - {name: owner, groups: [owners]}
  - {name: seller, groups: [sellers]}
  - {name: agent-ca, groups: [agents], attributes: {country: CA}}
grants:
  - {to: owners, on: "*"}
  - {to: sellers, on: shop.*}
  - {to: agents, on: shop.*}
row_filters:
  - {for: agents, on: shop.customers, where: "country = :country"}
  - for: agents
    on: shop.orders
    where: customer_id IN (SELECT id FROM shop.customers WHERE country = :country)
masks:
  - {for: sellers, tag: pii, mask: partial}
  - {for: sellers, columns: [shop.orders.note], mask: hash}
  - {for: sellers, columns: [shop.customers.score], mask: "null"}
"""

CUSTOMERS = {
    "id": [1, 2, 3, 4, 5, 6, 7],
    "name": ["Ada Lark", "Bo Finch", " Cy Wren ", "Di Swift", "", None, "Zoë Ångström"],
    "email": ["ada@example.com", "bo@example.com", "12.5", None, "e@x.org", "f@x.org", "zoë@x.org"],
    "country": ["CA", "US", "CA", "FR", "CA", None, "CA"],
    "score": [1.5, -2.25, 0.0, None, 1e3, 3.14159, 7.0],
    "points": [10, 0, None, -7, 3, 3, 12],
    "born": [dt.date(1999, 12, 31), dt.date(2000, 2, 29), None, dt.date(1970, 1, 1), dt.date(1985, 6, 15), dt.date(2024, 2, 29), dt.date(1985, 6, 16)],
    "joined": [dt.datetime(2024, 1, 1), dt.datetime(2024, 2, 29, 23, 59, 59), dt.datetime(2024, 3, 31, 12, 30, 15, 250000), None, dt.datetime(2023, 12, 31, 1), dt.datetime(2024, 3, 1, 12, 30), dt.datetime(1969, 12, 31, 23)],
    "active": [True, False, None, True, True, False, False],
}  # fmt: skip
ORDERS = {
    "id": [1, 2, 3, 4, 5, 6, 7, 8, 9],
    "customer_id": [1, 1, 2, 3, 4, 5, 7, None, 9],
    "amount": [Decimal(text) if text else None for text in ["10.00", "20.50", "5.00", "7.25", "100.00", "-3.10", "0.00", "2.50"]] + [None],
    "items": [1, 2, None, 4, 5, 0, -1, 2, 7],
    "status": ["paid", "paid", "open", "Paid", "open", None, "paid", "", "lost"],
    "note": ["a b", None, "'q' \\ %_", "", "naïve café", "1", "12.25", "x\ty", "2024-01-01"],
    "placed": [dt.date(2024, 1, day) for day in (1, 2, 31)] + [dt.date(2024, 2, 29), None] + [dt.date(2023, 12, 31)] * 4,
    "paid": [dt.datetime(2024, 1, 1, hour, 15) for hour in (0, 6, 12, 23)] + [None] * 2 + [dt.datetime(2024, 12, 30)] * 3,
    "gift": [True, False, None, True, False, False, None, True, False],
}  # fmt: skip
TYPES = {
    "id": pa.int64(), "customer_id": pa.int64(), "score": pa.float64(), "points": pa.int32(), "items": pa.int32(), "born": pa.date32(),
    "placed": pa.date32(), "joined": pa.timestamp("us"), "paid": pa.timestamp("us"), "active": pa.bool_(), "gift": pa.bool_(),
    "amount": pa.decimal128(12, 2),
}  # fmt: skip


OPENED = ("java.lang", "java.lang.invoke", "java.io", "java.net", "java.nio", "java.util", "java.util.concurrent",
          "java.util.concurrent.atomic", "jdk.internal.ref", "sun.nio.ch", "sun.nio.cs", "sun.security.action", "sun.util.calendar")  # fmt: skip
"""What Spark needs of Java's own packages, as its launcher says."""


@dataclass
class Sail:
    """A server on a port of its own, which can be stopped and started again."""

    port: int = 0
    process: subprocess.Popen[str] | None = field(default=None)

    @property
    def address(self) -> str:
        return f"sc://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-W", "ignore", "-c", SAIL, str(self.port)]
        self.process = subprocess.Popen(command, stdin=-1, stdout=-1, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def stop(self) -> None:
        if self.process is not None:
            with self.process as process:
                process.kill()


@pytest.fixture(scope="session")
def sail() -> Iterator[str]:
    """The address of a server that runs throughout."""
    pytest.importorskip("pysail", reason="Sail is not installed")
    server = Sail()
    server.start()
    yield server.address
    server.stop()


@pytest.fixture
def own_sail() -> Iterator[Sail]:
    """A server, not yet started, to be stopped and started at will."""
    pytest.importorskip("pysail", reason="Sail is not installed")
    server = Sail()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def jvm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of Spark on the JVM in local mode, from the jars of the wheel."""
    java = shutil.which("java")
    if java is None:
        pytest.skip("there is no java on the PATH")
    pyspark = pytest.importorskip("pyspark", reason="pyspark is not installed")
    jars = Path(pyspark.__file__).parent / "jars"
    if not list(jars.glob("spark-connect_*.jar")):
        pytest.skip("this pyspark has no Spark Connect server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("jvm")
    opened = [f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in OPENED]
    settings = {
        "spark.master": "local[2]", "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1", "spark.ui.enabled": "false",
        "spark.connect.grpc.binding.address": "127.0.0.1", "spark.connect.grpc.binding.port": str(port),
        "spark.sql.shuffle.partitions": "2", "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }  # fmt: skip
    submit = [
        "-cp",
        f"{jars}/*",
        "org.apache.spark.deploy.SparkSubmit",
        "--class",
        "org.apache.spark.sql.connect.service.SparkConnectServer",
    ]
    conf = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    command = [java, "-Xmx1g", "-XX:TieredStopAtLevel=1", *opened, *submit, *conf, "spark-internal"]
    environment = {
        **os.environ,
        "SPARK_HOME": str(jars.parent),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
    }
    log = folder / "log"
    with (
        log.open("wb") as out,
        subprocess.Popen(command, stdout=out, stderr=out, cwd=folder, env=environment) as server,
    ):
        try:
            _wait(port, server, log)
            yield f"sc://127.0.0.1:{port}"
        finally:
            server.kill()


def _wait(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    pytest.fail(f"Spark does not start: {log.read_text()[-500:]}")


@pytest.fixture(scope="session")
def both(lakehouse: Path, sail: str) -> Iterator[Gateway]:
    """The small lakehouse with both engines."""
    gateway = open_gateway(lakehouse, threads=1, spark=sail)
    yield gateway
    gateway.close()


def build(home: Path, kind: str) -> Path:
    """A home with two small tables that have what makes engines differ: nulls, signs, empty and foreign text."""
    (home / "shop").mkdir()
    (home / "catalog.yaml").write_text(CATALOG.format(kind=kind), encoding="utf-8")
    (home / "policy.yaml").write_text(POLICY, encoding="utf-8")
    for name, columns in {"customers": CUSTOMERS, "orders": ORDERS}.items():
        table = pa.table({name: pa.array(values, TYPES.get(name, pa.string())) for name, values in columns.items()})
        if kind == "delta":
            lake.append(home / "shop" / name, table)
        else:
            pq.write_table(table, home / "shop" / f"{name}.parquet")
    return home


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory, sail: str) -> Iterator[Gateway]:
    """Both engines over Delta tables, Spark's being Sail."""
    gateway = open_gateway(build(tmp_path_factory.mktemp("mixed"), "delta"), threads=1, spark=sail)
    yield gateway
    gateway.close()


@pytest.fixture(scope="session")
def jvm_mixed(tmp_path_factory: pytest.TempPathFactory, jvm: str) -> Iterator[Gateway]:
    """The same over Parquet files, Spark's being that of the JVM."""
    gateway = open_gateway(build(tmp_path_factory.mktemp("jvm-mixed"), "parquet"), threads=1, spark=jvm)
    yield gateway
    gateway.close()
