"""The catalogue of a remote Spark: only the Spark engine reads its tables, and only that of the same server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

from data.catalog import Column, Table
from data.errors import DataError, Unavailable
from data.location import shown
from data.sources.base import Found, Source, State

LIVE = "live"
"""The version of a table whose store tells none."""
PORT = 15002
"""Spark Connect's usual port."""
DEFAULT = "default"


class SparkSource(Source):
    """A catalogue at `sc://host:port/catalog.schema;settings`. Without a schema all of the catalogue's are listed,
    without a catalogue those of the server's current one."""

    local: ClassVar[bool] = False
    default_schema = DEFAULT

    @property
    def address(self) -> str:
        """Where the server is, with the settings that its client takes."""
        place, _, settings = self.config.location.partition(";")
        parts = urlsplit(place)
        return f"{parts.scheme}://{parts.netloc}" + (f"/;{settings}" if settings else "")

    def directories(self) -> Sequence[Any]:
        return ()

    def attach(self) -> None:
        remedy = f"Use `--engine spark`, with the setting `spark` at {server(self.config.location)}."
        raise self.unavailable("Its tables are in Spark's own catalogue, which DuckDB can't read.", remedy)

    def relation(self, table: Table, version: str) -> str:
        self.attach()
        raise AssertionError

    def state(self, table: Table) -> State:
        return State(LIVE, None)

    def read(self, session: Any, address: str, table: Table) -> Any:
        """The table as a frame of the session, which is one with the server at `address`."""
        if server(address) != server(self.config.location):
            message = f"'{table.full_name}' is in the catalogue of Spark at {server(self.config.location)}"
            remedy = "Let the setting `spark` name that server."
            raise Unavailable(f"{message}, and the engine is at {server(address)}.", remedy, source=self.name)
        name = self._named(table.name)
        with suppress(Exception):  # only some servers keep a list of the table's files, and know the command
            session.catalog.refreshTable(name)
        return session.table(name)

    def tables(self) -> Sequence[Found]:
        from data.engines.connect import connect

        self._check()
        opened = connect(self.address)
        try:
            return sorted(self._found(opened.session), key=lambda table: table.name)
        except DataError:
            raise
        except Exception:  # noqa: BLE001 - the client raises errors of its own and of gRPC
            raise self.unavailable(f"Spark has no catalogue that can be listed at '{self.place}'.") from None
        finally:
            opened.close()

    def _found(self, session: Any) -> Iterator[Found]:
        catalog, schema = self._place()
        if catalog:
            session.catalog.setCurrentCatalog(catalog)
        schemas = [schema] if schema else [database.name for database in session.catalog.listDatabases()]
        for name in schemas:
            for table in session.catalog.listTables(name):
                if not table.isTemporary:
                    full = table.name if name == (schema or DEFAULT) else f"{name}.{table.name}"
                    yield Found(full, _columns(session.table(self._named(full))), description=table.description or "")

    def _named(self, name: str) -> str:
        catalog, schema = self._place()
        inner, dot, table = name.partition(".")
        parts = [catalog, inner, table] if dot and not schema else [catalog, schema or DEFAULT, name]
        return ".".join(f"`{part.replace('`', '``')}`" for part in parts if part)

    def _place(self) -> tuple[str, str]:
        path = unquote(urlsplit(self.config.location.partition(";")[0]).path.strip("/"))
        catalog, _, schema = path.partition(".")
        return catalog, schema

    def _check(self) -> None:
        try:
            good = urlsplit(self.config.location).scheme == "sc" and server(self.config.location)
        except ValueError:
            good = ""
        if not good:
            raise self.unavailable(f"'{self.place}' is no Spark.", "Write it as 'sc://host:port/catalog.schema'.")


def server(location: str) -> str:
    """The server of a location as `sc://host:port`, without all else. ValueError for a port that is no number."""
    parts = urlsplit(shown(location).partition(";")[0])
    return f"sc://{parts.hostname}:{parts.port or PORT}" if parts.hostname else ""


def _columns(frame: Any) -> tuple[Column, ...]:
    """The columns in DuckDB's types, without those of types that are not read from Spark."""
    found = ((field, _type(field.dataType.simpleString())) for field in frame.schema.fields)
    return tuple(Column(field.name, kind, field.metadata.get("comment", "")) for field, kind in found if kind)


def _type(text: str) -> str:
    name, _, rest = text.partition("(")
    plain = {
        "boolean": "BOOLEAN", "tinyint": "TINYINT", "smallint": "SMALLINT", "int": "INTEGER", "bigint": "BIGINT",
        "float": "FLOAT", "double": "DOUBLE", "string": "VARCHAR", "char": "VARCHAR", "varchar": "VARCHAR",
        "binary": "BLOB", "date": "DATE", "timestamp": "TIMESTAMP WITH TIME ZONE", "timestamp_ntz": "TIMESTAMP",
    }  # fmt: skip
    return f"DECIMAL({rest}" if name == "decimal" else plain.get(name, "")
