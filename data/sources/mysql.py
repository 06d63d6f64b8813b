"""MySQL and MariaDB: a server's database by its URL."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from data.catalog import Column, Table
from data.errors import Unavailable
from data.sources.base import Found, Source, State, literal, quoted

PATIENCE = 3.0
"""Seconds to wait for the server: the driver has no limit of its own that can be set."""
SETTINGS = "SET GLOBAL mysql_session_time_zone = '+00:00'; SET GLOBAL mysql_aggregate_pushdown_enabled = false"
"""The driver's pushdown of aggregates fails inside the engine when the server has gone, instead of saying so."""
COLUMNS = """
SELECT table_name, column_name, data_type FROM duckdb_columns()
WHERE database_name = ? AND schema_name = ? ORDER BY table_name, column_index
"""
KEYS = """
SELECT table_name, constraint_name, column_name, referenced_table_name, referenced_column_name
FROM information_schema.key_column_usage WHERE table_schema = database()
"""


class MysqlSource(Source):
    """A MySQL database. It has no version of its own: what a query reads is what is there."""

    extensions = ("mysql_scanner",)

    def directories(self) -> Sequence[Path]:
        return ()

    def attach(self) -> str:
        self._reach()
        secret = ", ".join(f"{name} {literal(value)}" for name, value in self._login().items())
        name = quoted(self.alias)
        # The login goes in as a secret of the engine, as the text of an attachment can be read and is quoted in
        # errors. The server's TIMESTAMP is a moment: in UTC it means the same everywhere.
        return (
            f"{SETTINGS}; CREATE OR REPLACE SECRET {name} (TYPE mysql, {secret}); "
            f"ATTACH '' AS {name} (TYPE mysql, SECRET {name}, READ_ONLY)"
        )

    def relation(self, table: Table, version: str) -> str:
        return f"{quoted(self.alias)}.{quoted(table.name)}"

    def state(self, table: Table) -> State:
        return State("live", None)

    def refused(self, reason: str = "") -> Unavailable:
        """The error for a server that does not answer or let us in: it names host and port, never the
        password."""
        host, port = self._address()
        if "denied" in reason or "Unknown database" in reason:
            remedy = f"Correct user, password and database in the location of '{self.name}'."
            return self.unavailable(f"MySQL at {host}:{port} does not let us in.", remedy)
        remedy = f"Start the server, or correct the location of '{self.name}' in the catalogue."
        return self.unavailable(f"MySQL does not answer at {host}:{port}.", remedy)

    def fault(self, said: str) -> Unavailable | None:
        gone = said.startswith(("IO Error", "FATAL Error")) and "MySQL" in said
        return self.refused(said) if gone else None

    def tables(self) -> Sequence[Found]:
        from data.engines.database import unlocked

        with unlocked(self) as connection:
            columns = connection.execute(COLUMNS, [self.alias, self._login()["DATABASE"]]).fetchall()
            keys = connection.execute(f"SELECT * FROM mysql_query({literal(self.alias)}, {literal(KEYS)})").fetchall()
        return [_found(name, columns, keys) for name in dict.fromkeys(row[0] for row in columns)]

    def _address(self) -> tuple[str, int]:
        parts = self._parts()
        return parts.hostname or "localhost", parts.port or 3306

    def _login(self) -> Mapping[str, str]:
        parts = self._parts()
        host, port = self._address()
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        login = {"HOST": host, "PORT": str(port), "USER": user, "PASSWORD": password}
        return login | {"DATABASE": unquote(parts.path.strip("/"))}

    def _parts(self) -> Any:
        remedy = "Write it as 'mysql://user:${NAME}@host:port/database'."
        try:
            parts = urlsplit(self.config.location)
            good = parts.scheme in ("mysql", "mariadb") and parts.path.strip("/") and parts.port != 0
        except ValueError:
            good = False
        if not good:
            raise self.unavailable(f"'{self.place}' is no MySQL URL.", remedy)
        return parts

    def _reach(self) -> None:
        try:
            socket.create_connection(self._address(), PATIENCE).close()
        except OSError:
            raise self.refused() from None


def _found(name: str, columns: Sequence[Any], keys: Sequence[Any]) -> Found:
    mine = list(_single(row for row in keys if row[0] == name))
    return Found(
        name,
        tuple(Column(row[1], row[2]) for row in columns if row[0] == name),
        next((row[2] for row in mine if row[1] == "PRIMARY"), None),
        tuple((row[2], row[3], row[4]) for row in mine if row[3] is not None),
    )


def _single(rows: Iterator[Any]) -> Iterator[Any]:
    """The constraints of one column: one of several says nothing about each."""
    kept = list(rows)
    names = [row[1] for row in kept]
    return (row for row in kept if names.count(row[1]) == 1)
