"""The `spark` of a program: a session whose tables come over the bridge when their names are first used."""

from __future__ import annotations

import os
import re
import sys
from typing import Any

from data.sandbox.inside import lakehouse
from data.sandbox.inside.walls.plan import Plan

PART = r"(?:`[^`]+`|\w+)"
NAME = re.compile(rf"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|{PART}(?:\s*\.\s*{PART}){{1,2}}")
"""A dotted name, or a text in quotes, in which there are none."""


class Tables:
    """Which tables of the lakehouse have been brought into the session."""

    def __init__(self, session: Any, folder: str) -> None:
        self._sql = session.sql
        self._folder = folder
        self._known: dict[str, str] | None = None
        self._brought: set[str] = set()

    def bring(self, name: str) -> str | None:
        """Make the table readable under its two-part name, and give that; None where there is no such table."""
        full = self._full(name)
        if full is not None and full not in self._brought:
            self._write(full)
            self._brought.add(full)
        return full

    def named(self, text: str) -> str:
        """Bring every table that a query names, and write the names as the session knows them."""

        def known(match: re.Match[str]) -> str:
            full = self.bring(match.group())
            return match.group() if full is None else quoted(full)

        return NAME.sub(known, text)

    def _full(self, name: str) -> str | None:
        if self._known is None:
            self._known = {full.lower(): full for full in lakehouse.tables()}
        parts = [part.strip().strip("`").lower() for part in name.split(".")]
        return next((self._known[key] for key in _keys(parts) if key in self._known), None)

    def _write(self, full: str) -> None:
        import pyarrow.parquet as pq

        path = os.path.join(self._folder, f"table-{len(self._brought)}.parquet")
        pq.write_table(lakehouse.table(full), path)
        database = quoted(full).rpartition(".")[0]
        self._sql(f"CREATE DATABASE IF NOT EXISTS {database}").collect()
        self._sql(f"CREATE TABLE {quoted(full)} USING parquet LOCATION '{path}'").collect()


def _keys(parts: list[str]) -> list[str]:
    """The names that a written one may stand for: as it is, and without the catalogue or the schema."""
    whole = ".".join(parts)
    return [whole, ".".join(parts[1:]), f"{parts[0]}.{parts[-1]}"] if len(parts) == 3 else [whole]


def quoted(full: str) -> str:
    """A full name with both of its parts quoted: what follows the first dot is one name to Spark."""
    source, _, name = full.partition(".")
    return f"`{source}`.`{name.replace('.', '_')}`"


def given(plan: Plan) -> dict[str, Any]:
    """`spark`: a session whose `table`, `read.table` and `sql` bring what they name."""
    session = SESSIONS[plan.kind](plan)
    tables = Tables(session, plan.home)
    reader, sql = type(session.read), session.sql
    table = reader.table

    def by_name(name: str) -> Any:
        """The governed table of that name."""
        full = tables.bring(name)
        return table(session.read, name if full is None else quoted(full))

    def by_query(text: str, *arguments: Any, **named: Any) -> Any:
        """The rows of a query over governed tables."""
        return sql(tables.named(text), *arguments, **named)

    session.table, session.sql = by_name, by_query
    reader.table = lambda _, name: by_name(name)
    return {"spark": session}


def sail(plan: Plan) -> Any:
    """A session on a Sail server of this process."""
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    session = _builder().remote(f"sc://127.0.0.1:{server.listening_address[1]}").getOrCreate()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    session.sql("SELECT 1").toArrow()
    session._sail = server
    return session


def jvm(plan: Plan) -> Any:
    """A session on Spark's own JVM, in local mode."""
    os.environ.update(PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1", SPARK_LOCAL_DIRS=plan.home)
    os.environ["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    builder = _builder().master("local[2]")
    for name, value in {**JVM, "spark.sql.warehouse.dir": f"{plan.home}/warehouse"}.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _builder() -> Any:
    import warnings

    warnings.filterwarnings("ignore", module="pyspark")  # it warns of a pandas that is newer than it knows
    from pyspark.sql import SparkSession

    return SparkSession.builder


JVM = {
    "spark.driver.memory": "512m",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.extraJavaOptions": "-XX:-UsePerfData -XX:TieredStopAtLevel=1 -Djava.net.preferIPv4Stack=true",
    "spark.ui.enabled": "false",
    "spark.log.level": "OFF",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
SESSIONS = {"sail": sail, "jvm": jvm}
"""What opens a session, by the kind of the program."""
