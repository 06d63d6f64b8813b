"""The wallet business's PostgreSQL: a server of our own in a folder, or any server whose URL is given."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa
import pyarrow.csv

from data.catalog import Catalog, SourceConfig, Table
from data.demo.cluster import own_server
from data.demo.schema import ddl, indexes, links
from data.errors import Invalid, Unavailable
from data.sources.postgres import PostgresSource

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import TupleRow

    Server: TypeAlias = Connection[TupleRow]

FOLDER = "postgres"
MARK = "Made by lakewright init --demo, and replaced when that runs again."
"""The comment on each table of ours; a table without it is a stranger's and never touched."""
_NAMED_AS = """
SELECT relname, obj_description(oid, 'pg_class') FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm', 'p', 'f') AND relname = ANY(%s)
"""
_CHUNK = 1 << 20


def load(config: SourceConfig, staging: Path, tables: Mapping[Table, pa.Table], catalog: Catalog) -> None:
    """Load the tables: into a new cluster in the staging folder, or into the server that the location names.

    Invalid if the location is neither, or holds a stranger's table of the same name.
    Unavailable if no server answers.
    """
    store = PostgresSource(config, staging)
    if store.managed and config.location != FOLDER:
        raise Invalid(
            f"LAKEWRIGHT_CASH_URL is '{config.location}', which is no PostgreSQL URL.",
            "Write postgresql://USER@HOST/DATABASE, or unset it to have a server started for you.",
        )
    place = own_server(staging / FOLDER) if store.managed else _given(store)
    with place as url, _connect(store, url) as server:
        _fill(server, tables, catalog)


@contextmanager
def _given(store: PostgresSource) -> Iterator[str]:
    yield store.url()


@contextmanager
def _connect(store: PostgresSource, url: str) -> "Iterator[Server]":
    """One transaction: committed whole, or not at all."""
    import psycopg

    try:
        connection = psycopg.connect(url)
    except psycopg.Error:
        raise store.refused() from None
    try:
        with connection:
            yield connection
    except psycopg.Error as error:
        reason = error.diag.message_primary or type(error).__name__
        raise Unavailable(
            f"PostgreSQL did not take the demo's tables: {reason}.",
            "Give the demo a database of its own, and the right to create tables in its schema public.",
        ) from None


def _fill(server: "Server", tables: Mapping[Table, pa.Table], catalog: Catalog) -> None:
    server.execute("SET search_path TO public")
    _drop_ours(server, [table.name for table in tables])
    for table, rows in tables.items():
        server.execute(ddl(table).encode())
        server.execute(f"COMMENT ON TABLE {table.name} IS '{MARK}'".encode())
        _copy(server, table, rows)
    for table in tables:
        _tie(server, catalog, table)
    server.execute("ANALYZE")


def _drop_ours(server: "Server", names: list[str]) -> None:
    found = server.execute(_NAMED_AS, [names]).fetchall()
    for name, comment in found:
        if comment != MARK:
            raise Invalid(
                f"The PostgreSQL server already has 'public.{name}', which is not the demo's.",
                "Give the demo a database of its own in LAKEWRIGHT_CASH_URL.",
            )
    if found:
        server.execute(f"DROP TABLE {', '.join(name for name, _ in found)}".encode())


def _copy(server: "Server", table: Table, rows: pa.Table) -> None:
    text = BytesIO()
    pyarrow.csv.write_csv(rows, text, pyarrow.csv.WriteOptions(include_header=False))
    data = text.getbuffer()
    with server.cursor().copy(f"COPY {table.name} FROM STDIN (FORMAT csv)".encode()) as copy:
        for start in range(0, len(data), _CHUNK):
            copy.write(data[start : start + _CHUNK])


def _tie(server: "Server", catalog: Catalog, table: Table) -> None:
    """Foreign keys and indexes come after the rows: faster, and the order of tables does not matter."""
    for link in links(catalog, table):
        target = link.to_table.partition(".")[2]
        key = f"FOREIGN KEY ({link.column}) REFERENCES {target} ({link.to_column})"
        server.execute(f"ALTER TABLE {table.name} ADD {key}".encode())
    for statement in indexes(table, links(catalog, table)):
        server.execute(statement.encode())
