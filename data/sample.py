"""A look into stores before anybody may query them: samples in a locked database, each statement bounded in time."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.catalog import Table
from data.engines.database import SCHEMA, Database
from data.errors import DataError, Unavailable
from data.sources.base import Source, quoted

if TYPE_CHECKING:
    import duckdb

ROWS = 20_000
"""How many rows of a table are looked at."""
SECONDS = 5.0
"""How long one statement may take."""
SETTINGS = {"memory_limit": "1GB"}


class Sample:
    """Some sources, and rows of their tables. Only who administers the home may look."""

    def __init__(self, sources: Iterable[Source], *, rows: int = ROWS, seconds: float = SECONDS) -> None:
        self.sources = {source.name: source for source in sources}
        folders: Iterable[Path] = [folder for source in self.sources.values() for folder in source.directories()]
        self._database = Database.of(self.sources.values(), folders, SETTINGS)
        self._rows = rows
        self._seconds = seconds
        self._taken: dict[str, str] = {}

    def place(self, table: Table) -> str:
        """What stands after FROM for the whole table. Unavailable when it can't be read."""
        import duckdb

        source = self.sources[table.source]
        try:
            view = self._database.view(table, source.state(table).version)
        except duckdb.Error as error:
            raise source.refused(str(error)) from None
        return f"{quoted(SCHEMA)}.{quoted(view)}"

    def of(self, table: Table) -> str | None:
        """What stands after FROM for the sampled rows; None where they could not be had in time."""
        if table.full_name not in self._taken:
            name = quoted(f"sample {len(self._taken)}")
            at = self.place(table)
            sampled = f"SELECT * FROM {at} USING SAMPLE reservoir({self._rows} ROWS) REPEATABLE (7)"
            first = f"SELECT * FROM {at} LIMIT {self._rows}"
            made = next((q for q in (sampled, first) if self.ask(f"CREATE TEMP TABLE {name} AS {q}") is not None), None)
            self._taken[table.full_name] = name if made else ""
        return self._taken[table.full_name] or None

    def ask(self, sql: str, params: Sequence[object] = ()) -> list[Any] | None:
        """The rows of a statement, or None when it took too long. Unavailable, without a value of a row, when it
        fails."""
        import duckdb

        connection: duckdb.DuckDBPyConnection = self._database.connection
        watch = threading.Timer(self._seconds, connection.interrupt)
        watch.start()
        try:
            return list(connection.execute(sql, list(params) or None).fetchall())
        except duckdb.InterruptException:
            return None
        except duckdb.Error as error:
            faults = (source.fault(str(error)) for source in self.sources.values())
            unknown = Unavailable(
                "Its rows can't be read in the declared types.", "Correct the types in the catalogue."
            )
            raise next((fault for fault in faults if fault), unknown) from None
        finally:
            watch.cancel()

    def close(self) -> None:
        """Let go of the stores."""
        self._database.connection.close()


def reachable(sources: Iterable[Source]) -> list[Source]:
    """Those of the sources that answer."""
    kept = []
    for source in sources:
        with suppress(DataError):
            source.attach()
            kept.append(source)
    return kept
