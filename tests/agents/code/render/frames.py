"""Rows for the small catalogues of the grammar's tests, and what programs over them give."""

from __future__ import annotations

import math
import random
import sys
import types
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from agents import rowsets
from agents.paths import identifier, written
from data.catalog import Catalog, Column
from data.engines.duckdb import FAULTY

ROWS = 40
Rows = list[list[Any]]


def filled(catalog: Catalog, seed: int = 11) -> duckdb.DuckDBPyConnection:
    """A database with some rows in each table; one value in eight is missing, and keys are few, so that rows meet."""
    rng, connection = random.Random(seed), duckdb.connect(config={"disabled_optimizers": FAULTY})
    for source in catalog.sources:
        connection.execute(f"CREATE SCHEMA {identifier(source.name)}")
    for table in catalog.tables:
        columns = ", ".join(f"{identifier(c.name)} {c.type}" for c in table.columns)
        connection.execute(f"CREATE TABLE {written(table)} ({columns})")
        for number in range(ROWS):
            values = [number if c.name == table.key else _value(c, rng) for c in table.columns]
            marks = ", ".join("?" * len(values))
            connection.execute(f"INSERT INTO {written(table)} VALUES ({marks})", values)
    return connection


def _value(column: Column, rng: random.Random) -> Any:
    kind = column.type.upper()
    if rng.random() < 1 / 8 or kind in ("INTERVAL", "VARCHAR[]"):
        return None
    moment = datetime(2025, 1, 1) + timedelta(minutes=rng.randrange(150_000))
    if kind.startswith("TIMESTAMP"):
        return moment
    if kind == "DATE":
        return date(moment.year, moment.month, moment.day)
    if kind == "BOOLEAN":
        return rng.random() < 0.5
    if kind.startswith("VARCHAR"):
        return rng.choice(("late", "lost", "Blue Air", "Rome", "Oslo", "Zorblax two", "on time", "ZORBLAX"))
    if kind.startswith("DECIMAL"):
        return Decimal(rng.randrange(-5_000, 90_000)) / 100
    return rng.randrange(0, 12) if not kind.startswith(("DOUBLE", "REAL")) else rng.randrange(0, 400) / 4


def expected(connection: duckdb.DuckDBPyConnection, sql: str) -> Rows:
    """What the query gives."""
    return _rows(connection.execute(sql).to_arrow_table())


def ran(code: str, tables: Callable[[str], pa.Table], monkeypatch: Any, **given: Any) -> Rows:
    """What a program binds to `result`, over tables by their names."""
    import polars

    lakehouse = types.ModuleType("lakehouse")
    lakehouse.table = tables  # type: ignore[attr-defined]
    lakehouse.polars = lambda name: polars.from_arrow(tables(name))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "lakehouse", lakehouse)
    names: dict[str, Any] = dict(given)
    exec(compile(code, "program.py", "exec"), names)
    return _rows(_arrow(names["result"]))


def alike(wanted: Rows, got: Rows, *, ordered: bool) -> bool:
    """Whether two results are the same. A division by zero gives nothing, or no number."""
    left, right = rowsets.table(_finite(wanted)), rowsets.table(_finite(got))
    return rowsets.same(left, right, ordered=ordered)


def _arrow(result: Any) -> pa.Table:
    if hasattr(result, "toArrow"):
        return result.toArrow()
    return result.to_arrow() if hasattr(result, "to_arrow") else pa.Table.from_pandas(result, preserve_index=False)


def _rows(table: pa.Table) -> Rows:
    return [list(row) for row in zip(*(column.to_pylist() for column in table.columns), strict=True)]


def _finite(rows: Sequence[Sequence[Any]]) -> Rows:
    return [[None if isinstance(v, float) and not math.isfinite(v) else v for v in row] for row in rows]
