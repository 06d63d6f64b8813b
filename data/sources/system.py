"""The lakehouse's own tables: the audit trail, what it shows of usage and lineage, and how fresh the stores
are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from data.catalog import SourceConfig, Table
from data.errors import DataError
from data.sources import open_source
from data.sources.base import Found, Source, State, literal
from data.sources.delta import latest_version
from data.system import CALLED, COLUMNS, SIGNED, SystemConfig

KEPT = 64
"""States of the stores that are remembered between planning a query and reading its tables."""

EMPTY = """
SELECT NULL::BIGINT AS seq, NULL::VARCHAR AS hash, NULL::VARCHAR AS id, NULL::VARCHAR AS "at",
NULL::VARCHAR AS principal, NULL::VARCHAR AS kind, NULL::VARCHAR AS question, NULL::VARCHAR AS asked,
NULL::VARCHAR AS ran, NULL::VARCHAR AS versions, NULL::BIGINT AS "rows", NULL::BIGINT AS bytes, NULL::DOUBLE AS ms,
NULL::VARCHAR AS outcome, NULL::VARCHAR AS message, NULL::VARCHAR AS engine, NULL::VARCHAR AS request,
NULL::VARCHAR AS lineage WHERE false
"""
"""The trail's columns without a row: it may be empty, and its oldest files lack some columns."""

READ = "UNION ALL BY NAME SELECT * EXCLUDE (record) FROM read_parquet([{files}], union_by_name = true)"

AUDIT = """
SELECT seq, id, CAST("at" AS TIMESTAMP) AS "at", principal, coalesce(kind, 'query') AS kind, question, asked, ran,
versions, rows, coalesce(bytes, 0) AS bytes, ms, outcome, message, coalesce(engine, '') AS engine,
coalesce(request, '') AS request, coalesce(lineage, '{{}}') AS lineage, hash FROM ({trail})
"""
USAGE = """
SELECT coalesce(q.principal, m.principal) AS principal, coalesce(q.day, m.day) AS day,
coalesce(queries, 0) AS queries, coalesce(refused, 0) AS refused, coalesce(rows, 0) AS rows,
coalesce(bytes, 0) AS bytes, coalesce(seconds, 0) AS seconds, coalesce(model_requests, 0) AS model_requests,
coalesce(input_tokens, 0) AS input_tokens, coalesce(output_tokens, 0) AS output_tokens,
coalesce(model_seconds, 0) AS model_seconds, coalesce(cost, 0) AS cost
FROM (
    SELECT principal, CAST("at" AS DATE) AS day, count(*) AS queries,
    count(*) FILTER (outcome IN ('forbidden', 'too_expensive')) AS refused,
    CAST(sum(rows) AS BIGINT) AS rows, CAST(sum(bytes) AS BIGINT) AS bytes, sum(ms) / 1000 AS seconds
    FROM ({audit}) WHERE kind = 'query' GROUP BY ALL
) AS q FULL JOIN (
    SELECT principal, CAST("at" AS DATE) AS day, count(*) AS model_requests,
    CAST(sum(input_tokens) AS BIGINT) AS input_tokens, CAST(sum(output_tokens) AS BIGINT) AS output_tokens,
    sum(seconds) AS model_seconds, sum(cost) AS cost
    FROM ({models}) GROUP BY ALL
) AS m ON q.principal = m.principal AND q.day = m.day
"""
LINEAGE = r"""
SELECT audit_id, "at", principal, nullif(output.key, '') AS output_column,
regexp_replace(origin, '\.[^.]*$', '') AS source_table, regexp_extract(origin, '[^.]*$') AS source_column
FROM (
    SELECT audit_id, "at", principal, output, unnest(output.value) AS origin FROM (
        SELECT id AS audit_id, "at", principal,
        unnest(map_entries(CAST(CAST(lineage AS JSON) AS MAP(VARCHAR, VARCHAR[])))) AS output FROM ({audit})
    )
)
"""
FRESHNESS = """
SELECT source, table_name, version, changed_at, epoch(now()) - epoch(changed_at) AS age_seconds, reason
FROM (VALUES {rows}) AS fresh(source, table_name, version, changed_at, reason)
"""
KEPT_ROWS = """
SELECT * REPLACE (CAST("{moment}" AS TIMESTAMP) AS "{moment}") FROM read_parquet([{files}], union_by_name = true)
"""
NOTHING = "(NULL::VARCHAR, NULL::VARCHAR, NULL::VARCHAR, NULL::TIMESTAMP, NULL::VARCHAR)"

UNTIMED = "Its store does not tell when it changed."


@dataclass(frozen=True)
class Fresh:
    """The state of one table's store, or the reason for which it is not known."""

    table: Table
    version: str | None
    changed_at: datetime | None
    reason: str | None

    @property
    def sql(self) -> str:
        at = None if self.changed_at is None else self.changed_at.astimezone(UTC).replace(tzinfo=None).isoformat()
        texts = (self.table.source, self.table.full_name, self.version, at, self.reason)
        cells = ["NULL" if text is None else literal(text) for text in texts]
        return f"({', '.join(f'{c}::{k}' for c, k in zip(cells, KINDS, strict=True))})"


KINDS = ("VARCHAR", "VARCHAR", "VARCHAR", "TIMESTAMP", "VARCHAR")


class SystemSource(Source):
    """The built-in source. Its tables have the newest records: the trail is flushed before it is read."""

    def __init__(self, config: SourceConfig, home: Path) -> None:
        super().__init__(config, home)
        self._snapshots: dict[str, tuple[Fresh, ...]] = {}

    def attach(self) -> None:
        """There is nothing to attach, also before the first record."""

    def relation(self, table: Table, version: str) -> str:
        return f"({self._sql[table.name](version)})"

    def state(self, table: Table) -> State:
        if table.name == "freshness":
            return self._freshness()
        if table.name == "forms":
            return self._kept(SIGNED)
        if table.name == "model_usage":
            return self._called()
        from data.audit import Audit

        audit = Audit(self.path)
        audit.close()
        version = audit.archive.version
        state = State("empty", None) if version is None else State(str(version), audit.archive.changed_at(version))
        return _both(state, self._called()) if table.name == "usage" else state

    def tables(self) -> Sequence[Found]:
        return [Found(table.name, table.columns, table.key) for table in self.config.tables]

    @cached_property
    def _sql(self) -> dict[str, Callable[[str], str]]:
        return {
            "audit": self._audit,
            "usage": self._usage,
            "model_usage": lambda version: self._rows("model_usage", CALLED, "at", version),
            "lineage": lambda version: LINEAGE.format(audit=self._audit(version)),
            "freshness": self._fresh_rows,
            "forms": lambda version: self._rows("forms", SIGNED, "signed_at", version),
        }

    def _audit(self, version: str) -> str:
        from data.audit.archive import Archive

        files = [] if version == "empty" else Archive(self.path / "audit").files(int(version))
        read = READ.format(files=", ".join(literal(file) for file in files)) if files else ""
        return AUDIT.format(trail=f"{EMPTY} {read}")

    def _usage(self, version: str) -> str:
        audit, _, models = version.partition("+")
        called = self._rows("model_usage", CALLED, "at", models)
        return USAGE.format(audit=self._audit(audit), models=called)

    def _called(self) -> State:
        from data.usage import Usage

        usage = Usage(self.home)
        usage.close()
        return self._kept(CALLED)

    def _kept(self, place: str) -> State:
        """The state of one of the home's own Delta tables."""
        version = latest_version(self.home / place / "_delta_log")
        if version is None:
            return State("empty", None)
        commit = self.home / place / "_delta_log" / f"{version:020}.json"
        return State(str(version), datetime.fromtimestamp(commit.stat().st_mtime, UTC))

    def _rows(self, name: str, place: str, moment: str, version: str) -> str:
        """The rows of one of the home's own Delta tables."""
        if version == "empty":
            columns = ", ".join(f'NULL::{kind} AS "{column}"' for column, (kind, _) in COLUMNS[name].items())
            return f"SELECT {columns} WHERE false"
        from deltalake import DeltaTable

        files = DeltaTable(str(self.home / place), version=int(version)).file_uris()
        return KEPT_ROWS.format(files=", ".join(literal(file) for file in files), moment=moment)

    def _fresh_rows(self, version: str) -> str:
        rows = ", ".join(fresh.sql for fresh in self._snapshots.get(version) or self._look())
        return FRESHNESS.format(rows=rows or NOTHING)

    def _freshness(self) -> State:
        now = self._look()
        version = hashlib.sha256(repr(now).encode()).hexdigest()[:12]
        self._snapshots.pop(version, None)
        self._snapshots[version] = now
        for old in list(self._snapshots)[:-KEPT]:
            self._snapshots.pop(old, None)
        return State(version, datetime.now(UTC))

    def _look(self) -> tuple[Fresh, ...]:
        return tuple(fresh for config in self._others for fresh in _looked(config, self.home))

    @property
    def _others(self) -> tuple[SourceConfig, ...]:
        return self.config.others if isinstance(self.config, SystemConfig) else ()


def _both(one: State, other: State) -> State:
    """The state of a table that is made of two stores."""
    moments = [state.freshness for state in (one, other) if state.freshness]
    return State(f"{one.version}+{other.version}", max(moments, default=None))


def _looked(config: SourceConfig, home: Path) -> Iterator[Fresh]:
    gone = ""
    for table in config.tables:
        # A server that did not answer for one table is not waited for again for the next.
        fresh = Fresh(table, None, None, gone) if gone else _state(config, home, table)
        if fresh.version is None and "://" in config.location:
            gone = fresh.reason or ""
        yield fresh


def _state(config: SourceConfig, home: Path, table: Table) -> Fresh:
    try:
        state = open_source(config, home).state(table)
    except DataError as error:
        return Fresh(table, None, None, error.message)
    except Exception as error:  # noqa: BLE001 - a store may fail in any way, and the others are still to be told
        return Fresh(table, None, None, f"Its store failed: {type(error).__name__}.")
    return Fresh(table, state.version, state.freshness, None if state.freshness else UNTIMED)
