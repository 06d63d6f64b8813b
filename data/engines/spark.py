"""Spark by Spark Connect: the same governed queries on a cluster, over Delta and Parquet files."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp

from data.catalog import Catalog, Table
from data.engines.base import UNREAD, Access, Bounds, Engine, Failure, Plan, Rows, Scan
from data.engines.connect import Server, connect, gone, refused
from data.engines.scans import accesses
from data.engines.translation import PREFIX, kind, spark
from data.errors import DataError, Unavailable
from data.sources import open_source
from data.sources.spark import LIVE, SparkSource
from data.stop import Stop

KINDS = ("delta", "parquet", "spark")


class Spark(Engine):
    """A Spark Connect server that sees the home's files. Many threads may use one engine at once."""

    name = "spark"
    dialect = "spark"

    def __init__(self, catalog: Catalog, home: Path, address: str) -> None:
        """Nothing is connected before the first query."""
        self.address = address
        self.sources = {config.name: open_source(config, home) for config in catalog.sources}
        self._kinds = {config.name: config.kind for config in catalog.sources}
        # Nobody can guess the name of a view, so that no CTE takes its place.
        self._secret = secrets.token_hex(16)
        self._server: Server | None = None
        self._views: dict[tuple[Table, str], str] = {}
        self._lock = threading.RLock()

    def plan(self, tables: Iterable[Table]) -> Plan:
        wanted = {table.full_name: table for table in tables}
        self._alive()
        return Plan({name.lower(): self._scan(table) for name, table in wanted.items()})

    def run(self, plan: Plan, sql: str, params: Mapping[str, object], bounds: Bounds) -> Rows:
        try:
            session = self._connected().session
        except DataError as error:
            raise Failure("store", error.message) from None
        tag = secrets.token_hex(8)
        with bounds.stop.watching(lambda: _interrupt(session, tag)):
            session.addTag(tag)
            try:
                return _taken(session, session.sql(sql, args=dict(params) or None), bounds)
            except Exception as error:  # noqa: BLE001 - the client raises errors of its own, of gRPC and of Arrow
                raise self.failure(error, bounds.stop) from None
            finally:
                session.removeTag(tag)

    def explain(self, plan: Plan, sql: str, params: Mapping[str, object]) -> tuple[Access, ...]:
        session = self._connected().session
        try:
            frame = session.sql(sql, args=dict(params) or None)
            text = session.client.explain_string(frame._plan.to_proto(session.client), explain_mode="simple")
        except Exception as error:  # noqa: BLE001 - as above
            raise self.failure(error, Stop()) from None
        places = {scan.table.full_name: self._paths(scan.table) for scan in plan.scans.values()}
        found = tuple(accesses(text, places, [str(value) for value in params.values()]))
        told = {access.table for access in found}
        rest = (_untold(scan.table, sql) for scan in plan.scans.values() if scan.table.full_name not in told)
        return (*found, *rest)

    def failure(self, error: Exception, stop: Stop) -> Failure:
        text = str(error)
        if stop.reason:
            return Failure("stopped", text, type(error).__name__)
        if gone(text):
            return Failure("store", text, type(error).__name__)
        # What Spark says has names, paths and values of its own in it: none of it goes to the caller.
        return Failure("query", "Spark can't run it; try `--engine duckdb`", type(error).__name__)

    def fault(self, source: str, said: str) -> DataError | None:
        return refused(self.address) if gone(said) or "Spark does not answer" in said else None

    def text(self, tree: exp.Query) -> str:
        server = self._connected()
        return spark(tree, wide=server.wide, lenient=server.lenient)

    def close(self) -> None:
        with self._lock:
            if self._server is not None:
                self._server.close(there=self._server.there())
            self._forget()

    def _forget(self) -> None:
        self._server = None
        self._views.clear()

    def _alive(self) -> None:
        """Connect anew where the server was started again: its new session has none of the views."""
        with self._lock:
            if self._server is not None and not self._server.there():
                self._server.close(there=False)
                self._forget()
            self._connected()

    def _scan(self, table: Table) -> Scan:
        if self._kinds[table.source] not in KINDS:
            message = f"Spark can't reach '{table.full_name}': it is a table of {self._kinds[table.source]}."
            raise Unavailable(message, "Use `--engine duckdb`.", source=table.source)
        state = self.sources[table.source].state(table)
        with self._lock:
            session = self._connected().session
            key = (table, state.version)
            try:
                # A live table's view knows the files of the moment when it was made.
                if key not in self._views or state.version == LIVE:
                    self._views[key] = self._view(session, table, state.version)
            except DataError:
                raise
            except Exception as error:  # noqa: BLE001 - as above
                raise self._unreached(table, error) from None
            return Scan(table, state, (self._views[key],))

    def _view(self, session: Any, table: Table, version: str) -> str:
        source = self.sources[table.source]
        folder = source.path
        if isinstance(source, SparkSource):
            frame = source.read(session, self.address, table)
        elif self._kinds[table.source] == "delta":
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

    def _paths(self, table: Table) -> Sequence[str]:
        """How the paths of the table's files begin in a plan; none where only the server knows them."""
        if self._kinds[table.source] == "spark":
            return ()
        path = str(self.sources[table.source].path / table.name).lstrip("/")
        return (f"{path}/", f"{path}.parquet")

    def _connected(self) -> Server:
        with self._lock:
            if self._server is None:
                self._server = connect(self.address)
            return self._server

    def _unreached(self, table: Table, error: Exception) -> DataError:
        if gone(str(error)):
            return refused(self.address)
        return Unavailable(f"Spark can't read '{table.full_name}'.", "Let it see the files, or use `--engine duckdb`.")


def _untold(table: Table, sql: str) -> Access:
    """What is known of a table without a plan: which of its columns the query names."""
    named = {column.name.lower() for column in sqlglot.parse_one(sql, dialect="spark").find_all(exp.Column)}
    return Access(table.full_name, "SPARK", tuple(c.name for c in table.columns if c.name.lower() in named), (), (), "")


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
    if any(pa.types.is_duration(kind) or pa.types.is_interval(kind) for kind in table.schema.types):
        # The time between two days is a number in DuckDB.
        raise TypeError("an interval")
    fits = rows if size <= bounds.bytes else max(1, rows * bounds.bytes // size)
    kept = min(fits, bounds.rows)
    return Rows(table.slice(0, kept), kept < rows, UNREAD)
