"""Rows into a Delta table, in one commit with the offsets that they came from.

The offsets are application transactions of the Delta protocol. A commit is refused when another one has moved the
same application since this table was read, so that a worker which lost a partition can't land its events again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.errors import Invalid, Unavailable
from data.streams import datafile
from data.streams.stream import Upkeep
from data.streams.upkeep import configuration, due, tend

if TYPE_CHECKING:
    import pyarrow as pa

USUAL = Upkeep()
LOOKED = 20
"""Commits that are looked through for what one of them says."""
ATTEMPTS = 20
"""How often a commit is tried that others keep overtaking."""
PATIENCE = 8
"""How many times as many small files there may be while events wait."""


class Overtaken(Exception):
    """Somebody else has landed these partitions' events: what was read of them is to be dropped."""


@dataclass(frozen=True)
class Span:
    """What a commit takes of one partition: the application's name, its version before, and after."""

    application: str
    before: int | None
    after: int


class Landing:
    """A Delta table that streams write to. Not for several threads."""

    def __init__(self, path: Path, schema: pa.Schema, upkeep: Upkeep = USUAL, partition_by: Sequence[str] = ()) -> None:
        """Opens the table, which is made when it is not there. Unavailable when it can't be."""
        self._table, self._upkeep = _opened(path, schema, upkeep, partition_by), upkeep
        self.path = path

    @property
    def table(self) -> Any:
        """delta-rs's table, at the version against which the next commit is checked."""
        return self._table

    @property
    def schema(self) -> pa.Schema:
        """The table's columns."""
        import pyarrow as pa

        return pa.schema(self._table.schema().to_arrow())

    def grow(self, fields: Sequence[pa.Field]) -> None:
        """Add columns, which are null in all rows so far."""
        from deltalake import Field, Schema

        added = Schema.from_arrow(_schema_of(fields)).fields
        self._table.alter.add_columns([Field(each.name, each.type, nullable=True) for each in added])

    def position(self, application: str) -> int | None:
        """The version of an application as the table is now."""
        self._table.update_incremental()
        version: int | None = self._table.transaction_version(application)
        return version

    def said(self, key: str) -> str | None:
        """What the newest commit that says anything under this key says; upkeep's commits don't."""
        commits = self._table.history(LOOKED)
        return next((str(commit[key]) for commit in commits if key in commit), None)

    def tend(self, *, behind: bool = False) -> None:
        """Join small files and remove old ones, when it is time. Where events wait, landing them goes first, until
        there are many times too many files."""
        patient = replace(self._upkeep, files=self._upkeep.files * PATIENCE) if behind else self._upkeep
        if due(self.path, patient, self._table):
            tend(self.path, self._upkeep)

    def append(self, rows: pa.Table, spans: Sequence[Span], metadata: Mapping[str, str]) -> int:
        """Add the rows and move the offsets; the new version. Overtaken, and nothing is added, when the table
        is not at the spans' beginning; Unavailable when it can't be written."""
        from deltalake import write_deltalake

        files: list[Any] = []

        def write(properties: Any) -> None:
            table = self._table
            if datafile.plain(table):
                files[:] = files or datafile.write(rows, self.path)
                table.create_write_transaction(files, "append", table.schema(), [], commit_properties=properties)
                table.update_incremental()
            else:
                small = _small()
                write_deltalake(table, rows, mode="append", writer_properties=small, commit_properties=properties)

        return self.commit(write, spans, metadata)

    def commit(self, write: Any, spans: Sequence[Span], metadata: Mapping[str, str]) -> int:
        """Run `write(properties)`, which makes one commit of this landing's table, as `append` does."""
        import pyarrow as pa
        from deltalake.exceptions import CommitFailedError, DeltaError

        properties = _properties(spans, metadata)
        for _ in range(ATTEMPTS):
            self._require(spans)
            try:
                write(properties)
                return int(self._table.version())
            except CommitFailedError:
                self._table.update_incremental()
            except (DeltaError, OSError, pa.ArrowException) as error:
                raise Unavailable(
                    f"The table '{self.path.name}' can't be written: {error}.", "Nothing is lost; it is tried again."
                ) from error
        raise Unavailable(f"The table '{self.path.name}' is written by too many at once.", "Run fewer workers.")

    def _require(self, spans: Sequence[Span]) -> None:
        for span in spans:
            if self._table.transaction_version(span.application) != span.before:
                raise Overtaken(span.application)


def _schema_of(fields: Sequence[pa.Field]) -> pa.Schema:
    import pyarrow as pa

    return pa.schema(list(fields))


def _properties(spans: Sequence[Span], metadata: Mapping[str, str]) -> Any:
    from deltalake import CommitProperties, Transaction

    moved = [Transaction(span.application, span.after) for span in spans]
    return CommitProperties(custom_metadata=dict(metadata), app_transactions=moved, max_commit_retries=15)


def _small() -> Any:
    """Fresh files live until they are joined, and are compressed then."""
    from deltalake import WriterProperties

    return WriterProperties(compression="UNCOMPRESSED")


def _opened(path: Path, schema: pa.Schema, upkeep: Upkeep, partition_by: Sequence[str]) -> Any:
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError, TableNotFoundError

    kept: Any = dict(configuration(upkeep))
    try:
        path.mkdir(parents=True, exist_ok=True)
        try:
            return DeltaTable(path)
        except TableNotFoundError:
            DeltaTable.create(path, schema, mode="ignore", partition_by=list(partition_by), configuration=kept)
            return DeltaTable(path)
    except (DeltaError, OSError) as error:
        raise Unavailable(f"The table '{path.name}' can't be opened: {error}.") from error


def aligned(rows: pa.Table, table: pa.Schema) -> pa.Table:
    """The rows with exactly the table's columns in its order; Invalid names a column that does not fit."""
    import pyarrow as pa

    columns = []
    for field in table:
        index = rows.schema.get_field_index(field.name)
        if index < 0 and not field.nullable:
            raise Invalid(
                f"The events have no '{field.name}', which the table needs.", "Add it to the stream's schema."
            )
        columns.append(pa.nulls(rows.num_rows, field.type) if index < 0 else rows.column(index).cast(field.type))
    return pa.table(columns, schema=table)
