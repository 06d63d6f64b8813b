"""The rows of a query in a SQLite file, and other rows as SQLite would give them, so that both can be compared."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import date, time, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from sqlglot.errors import SqlglotError

from agents import rowsets, statement
from data.errors import DataError

MOST_ROWS = 100_000
PATIENCE = 10.0
"""Seconds for one query of databases this small."""
STEPS = 100_000
"""Instructions of SQLite's machine between two looks at the clock."""


class Failed(Exception):
    """A query that SQLite does not run; the message is SQLite's."""


def of(database: Path, sql: str) -> tuple[list[str], list[list[Any]]]:
    """Columns and rows of a query; nothing can be written. Failed where it is no query, or takes too long."""
    end = monotonic() + PATIENCE
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        connection.set_progress_handler(lambda: monotonic() > end, STEPS)
        try:
            cursor = connection.execute(sql)
            found = cursor.fetchmany(MOST_ROWS)
        except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
            raise Failed(str(error)) from None
        if cursor.description is None:
            raise Failed("it is no query")
        return [str(column[0]) for column in cursor.description], [list(row) for row in found]


def lenient(database: Path, sql: str) -> tuple[list[str], list[list[Any]]]:
    """As `of`; SQL that SQLite does not run is read as DuckDB's, which our adapter has learnt to write, and translated.
    Failed, with what SQLite says of the SQL as it stands."""
    try:
        return of(database, sql)
    except Failed:
        try:
            translated = statement.query(sql).sql(dialect="sqlite")
            return of(database, translated)
        except (DataError, SqlglotError, Failed):
            pass
        raise


def plain(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Rows without the types that SQLite lacks: times are text, written in one way, and truth is a number."""
    return [[_plain(value) for value in row] for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return rowsets.cell(value, as_text=True)[1] if isinstance(value, str | date | time | timedelta) else value
