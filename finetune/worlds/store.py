"""Worlds as SQLite files, as an application would have made them: with types, keys and links declared."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data.catalog import Table
    from finetune.worlds.assembly import World


def store(world: World, path: Path) -> Path:
    """Write the world's tables and rows into a new SQLite file at `path`."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for table in world.catalog.tables:
            columns = world.stored[table.full_name]
            connection.execute(_made(world, table))
            slots = ", ".join("?" for _ in columns)
            rows = zip(*(map(_plain, values) for values in columns.values()), strict=True)
            connection.executemany(f'INSERT INTO "{table.name}" VALUES ({slots})', rows)
    return path


def _made(world: World, table: Table) -> str:
    columns = [
        f'"{column.name}" {column.type}' + (" PRIMARY KEY" if column.name == table.key else "")
        for column in table.columns
    ]
    links = [
        f'FOREIGN KEY ("{link.column}") REFERENCES "{link.to_table.split(".")[1]}" ("{link.to_column}")'
        for link in world.catalog.relationships
        if link.table == table.full_name
    ]
    return f'CREATE TABLE "{table.name}" ({", ".join([*columns, *links])})'


def _plain(value: Any) -> Any:
    """As SQLite keeps it: no dates and no decimals."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
