"""Small catalogues, with a DuckDB database that holds their tables."""

from __future__ import annotations

import duckdb

from agents.paths import identifier, written
from data.catalog import Catalog, Column, Relationship, SourceConfig, Table


def _table(full_name: str, key: str | None, label: str | None, time: str | None, columns: str) -> Table:
    """`columns` are `name TYPE` or `name TYPE unit`, one after a comma."""
    source, name = full_name.split(".", 1)
    parts = (text.split() for text in columns.split(", "))
    made = tuple(Column(name, kind, unit=unit[0] if unit else None) for name, kind, *unit in parts)
    return Table(source, name, columns=made, key=key, label=label, time=time)


def _catalog(tables: list[Table], related: list[tuple[str, str, str, str]]) -> Catalog:
    sources = dict.fromkeys(table.source for table in tables)
    made = (SourceConfig(s, "sqlite", "x", tables=tuple(t for t in tables if t.source == s)) for s in sources)
    return Catalog(tuple(made), tuple(Relationship(*link) for link in related))


AIRLINE = _catalog(
    [
        _table("air.carrier", "id", "name", None, "id BIGINT, name VARCHAR, country VARCHAR, founded DATE"),
        _table("air.airport", "id", "name", None, "id BIGINT, name VARCHAR, city VARCHAR, runways INTEGER"),
        _table(
            "air.flight",
            "id",
            "flight_no",
            "departed_at",
            "id BIGINT, flight_no VARCHAR, carrier_id BIGINT, origin_id BIGINT, destination_id BIGINT, "
            "departed_at TIMESTAMP, landed_at TIMESTAMP, fare DOUBLE USD, tax DOUBLE USD, seats INTEGER, "
            "status VARCHAR, international BOOLEAN, note VARCHAR",
        ),
        _table(
            "hr.employee",
            "id",
            "name",
            "hired_on",
            "id BIGINT, name VARCHAR, manager_id BIGINT, salary DECIMAL(12,2) USD, hired_on DATE, left_on DATE",
        ),
    ],
    [
        ("air.flight", "carrier_id", "air.carrier", "id"),
        ("air.flight", "origin_id", "air.airport", "id"),
        ("air.flight", "destination_id", "air.airport", "id"),
        ("hr.employee", "manager_id", "hr.employee", "id"),
    ],
)

AWKWARD = _catalog(
    [
        _table(
            "my-shop.order",
            "order",
            "group",
            "at",
            "order BIGINT, group VARCHAR, user BIGINT, at TIMESTAMPTZ, when DATE, from DOUBLE, to DOUBLE x, "
            "limit INTEGER, count INTEGER, sum DOUBLE, n INTEGER, p VARCHAR, select BOOLEAN, "
            "tags VARCHAR[], gap INTERVAL",
        ),
        _table("my-shop.user", "id", "name", None, 'id BIGINT, name VARCHAR, Größe DOUBLE, a"b VARCHAR, 2nd INTEGER'),
        _table("other.user", "id", "values", None, "id BIGINT, values VARCHAR, user BIGINT, no HUGEINT"),
        _table("other.all", None, None, None, "x VARCHAR"),
    ],
    [
        ("my-shop.order", "user", "my-shop.user", "id"),
        ("other.user", "user", "my-shop.user", "id"),
        ("my-shop.order", "n", "my-shop.order", "order"),
    ],
)

CHAIN = _catalog(
    [
        _table("s.a", "id", None, None, "id INTEGER, b_id INTEGER, x REAL, y REAL"),
        _table("s.b", "id", "title", "day", "id INTEGER, c_id INTEGER, title VARCHAR, day DATE"),
        _table("s.c", "id", "title", None, "id INTEGER, d_id INTEGER, title VARCHAR, flag BOOLEAN"),
        _table("s.d", "id", "title", None, "id INTEGER, title VARCHAR, made TIMESTAMP, seen TIMESTAMP"),
    ],
    [("s.a", "b_id", "s.b", "id"), ("s.b", "c_id", "s.c", "id"), ("s.c", "d_id", "s.d", "id")],
)

_NOTHING = ("VARCHAR[]", "INTERVAL")
_VALUES = {"VARCHAR": "'abc'", "BOOLEAN": "true", "DATE": "DATE '2025-03-03'"}


def database(catalog: Catalog) -> duckdb.DuckDBPyConnection:
    """Each table of a catalogue with one row."""
    connection = duckdb.connect()
    for source in catalog.sources:
        connection.execute(f"CREATE SCHEMA {identifier(source.name)}")
    for table in catalog.tables:
        columns = ", ".join(f"{identifier(c.name)} {c.type}" for c in table.columns)
        connection.execute(f"CREATE TABLE {written(table)} ({columns})")
        connection.execute(f"INSERT INTO {written(table)} SELECT {', '.join(map(_value, table.columns))}")
    return connection


def _value(column: Column) -> str:
    if column.type in _NOTHING:
        return "NULL"
    return "'2025-03-03 10:00:00'" if column.type.startswith("TIMESTAMP") else _VALUES.get(column.type, "1")
