"""Spark by Spark Connect: the same governed queries on a cluster, over Delta and Parquet files."""

from __future__ import annotations

import hashlib
import secrets
import threading
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlglot import exp

from data.catalog import Catalog, Table
from data.engines.base import UNREAD, Access, Bounds, Engine, Failure, Plan, Rows, Scan
from data.engines.translation import PREFIX, kind, spark
from data.errors import DataError, Unavailable
from data.sources import open_source
from data.sources.base import Source

GONE = ("UNAVAILABLE", "failed to connect", "Connection refused", "is not running", "RETRIES_EXCEEDED", "Socket closed")
"""What the client says when the server, or the session that it kept for us, is no more."""

KINDS = ("delta", "parquet")


class Spark(Engine):
    """A Spark Connect server that sees the home's files. Many threads may use one engine at once."""

    name = "spark"
    dialect = "spark"

    def __init__(self, catalog: Catalog, home: Path, address: str) -> None:
        """Nothing is connected before the first query."""
        self.address = address
        self.sources: dict[str, Source] = {config.name: open_source(config, home) for config in catalog.sources}
        self._kinds = {config.name: config.kind for config in catalog.sources}
        # Nobody can guess the name of a view, so that no CTE takes its place.
        self._secret = secrets.token_hex(16)
        self._session: Any = None
        self._views: dict[tuple[Table, str], str] = {}
        self._lock = threading.RLock()

    def plan(self, tables: Iterable[Table]) -> Plan:
        wanted = {table.full_name: table for table in tables}
        return Plan({name.lower(): self._scan(table) for name, table in wanted.items()})

    def run(self, plan: Plan, sql: str, params: Mapping[str, object], bounds: Bounds) -> Rows:
        try:
            session = self._connected()
        except DataError as error:
            raise Failure("store", error.message) from None
        tag = secrets.token_hex(8)
        with bounds.stop.watching(lambda: _interrupt(session, tag)):
            session.addTag(tag)
            try:
                return _taken(session, session.sql(sql, args=dict(params) or None), bounds)
            except Exception as error:  # noqa: BLE001 - the client raises errors of its own, of gRPC and of Arrow
                raise self._failure(error, bounds) from None
            finally:
                session.removeTag(tag)

    def explain(self, plan: Plan, sql: str, params: Mapping[str, object]) -> tuple[Access, ...]:
        """Spark's plans have no form that all servers share: what is told is the tables and their columns."""
        return tuple(
            Access(scan.table.full_name, "SPARK", tuple(column.name for column in scan.table.columns), (), (), "")
            for scan in plan.scans.values()
        )

    def version(self, table: Table) -> str:
        return self.sources[table.source].state(table).version

    def size(self, scan: Scan) -> int | None:
        return self.sources[scan.table.source].size(scan.table, scan.state.version)

    def fault(self, source: str, said: str) -> DataError | None:
        return self.refused() if any(word in said for word in (*GONE, "Spark does not answer")) else None

    def refused(self) -> DataError:
        """The error for a server that does not answer."""
        return Unavailable(
            f"Spark does not answer at {self.address}.",
            "Start the server, correct the setting `spark`, or use `--engine duckdb`.",
        )

    def text(self, tree: exp.Query) -> str:
        return spark(tree)

    def close(self) -> None:
        with self._lock:
            self._session = None
            self._views.clear()

    def _scan(self, table: Table) -> Scan:
        if self._kinds[table.source] not in KINDS:
            message = f"Spark can't reach '{table.full_name}': it is a table of {self._kinds[table.source]}."
            raise Unavailable(message, "Use `--engine duckdb`.", source=table.source)
        state = self.sources[table.source].state(table)
        with self._lock:
            session = self._connected()
            key = (table, state.version)
            try:
                if key not in self._views:
                    self._views[key] = self._view(session, table, state.version)
            except DataError:
                raise
            except Exception as error:  # noqa: BLE001 - as above
                raise self._unreached(table, error) from None
            return Scan(table, state, (self._views[key],))

    def _view(self, session: Any, table: Table, version: str) -> str:
        folder = self.sources[table.source].path
        if self._kinds[table.source] == "delta":
            frame = session.read.format("delta").option("versionAsOf", version).load(str(folder / table.name))
        else:
            single = folder / f"{table.name}.parquet"
            files = [single] if single.is_file() else sorted((folder / table.name).rglob("*.parquet"))
            frame = session.read.parquet(*map(str, files))
        stored = {name.lower(): name for name in frame.columns}
        columns = [_column(frame, table, column.name, column.type, stored) for column in table.columns]
        digest = hashlib.sha256(f"{self._secret}{table.full_name}@{version}".encode()).hexdigest()
        name = f"{PREFIX}{digest[:32]}"
        frame.select(*columns).createOrReplaceTempView(name)
        return name

    def _connected(self) -> Any:
        with self._lock:
            if self._session is None:
                try:
                    self._session = _opened(self.address)
                except ImportError:
                    raise Unavailable(
                        "Spark's client is not installed.", "Run `pip install lakewright[spark]`."
                    ) from None
                except Exception:  # noqa: BLE001 - as above
                    raise self.refused() from None
            return self._session

    def _unreached(self, table: Table, error: Exception) -> DataError:
        if any(word in str(error) for word in GONE):
            self.close()
            return self.refused()
        return Unavailable(f"Spark can't read '{table.full_name}'.", "Let it see the files, or use `--engine duckdb`.")

    def _failure(self, error: Exception, bounds: Bounds) -> Failure:
        text = str(error)
        if bounds.stop.reason:
            return Failure("stopped", text, type(error).__name__)
        if any(word in text for word in GONE):
            self.close()
            return Failure("store", text, type(error).__name__)
        # What Spark says has names, paths and values of its own in it: none of it goes to the caller.
        return Failure("query", "Spark can't run it; try `--engine duckdb`", type(error).__name__)


def _opened(address: str) -> Any:
    with warnings.catch_warnings():
        # The client warns of a pandas that is newer than it knows; no pandas is used here.
        warnings.simplefilter("ignore")
        from pyspark.sql.connect.client.retries import DefaultPolicy
        from pyspark.sql.connect.session import SparkSession

        session = SparkSession.builder.remote(address).create()
    session.client.set_retry_policies([DefaultPolicy(max_retries=2, initial_backoff=50, max_backoff=200)])
    # With ANSI on, a condition of the caller that fails on a hidden row would tell about it.
    session.conf.set("spark.sql.ansi.enabled", "false")
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


def _interrupt(session: Any, tag: str) -> None:
    try:
        session.interruptTag(tag)
    except Exception:  # noqa: BLE001 - the query has ended, or its server has gone
        return


def _column(frame: Any, table: Table, name: str, declared: str, stored: Mapping[str, str]) -> Any:
    wanted = kind(declared)
    if name.lower() not in stored:
        remedy = "Ask the owner of the catalogue to run `lakewright catalog check`."
        raise Unavailable(f"'{table.full_name}' has other columns in its store than in the catalogue.", remedy)
    if wanted is None:
        message = f"Spark has no type for the column '{name}' of '{table.full_name}', which is {declared}."
        raise Unavailable(message, "Use `--engine duckdb`.")
    found = stored[name.lower()].replace("`", "``")
    return frame[f"`{found}`"].cast(wanted.lower()).alias(name)


def _taken(session: Any, frame: Any, bounds: Bounds) -> Rows:
    """What fits in the bounds; the rest is left on the server."""
    import pyarrow as pa

    parts, rows, size = [], 0, 0
    for part in session.client.to_table_as_iterator(frame._plan.to_proto(session.client), frame._plan.observations):
        if isinstance(part, pa.Table):
            parts.append(part)
            rows, size = rows + part.num_rows, size + part.nbytes
            if rows > bounds.rows or size > bounds.bytes:
                break
    table = pa.concat_tables(parts) if parts else frame.limit(0).toArrow()
    fits = rows if size <= bounds.bytes else max(1, rows * bounds.bytes // size)
    kept = min(fits, bounds.rows)
    return Rows(table.slice(0, kept), kept < rows, UNREAD)
