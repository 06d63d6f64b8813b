"""The prepared events of a view as a Delta table: each commit says up to where its source was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.errors import Busy
from data.features import datafiles
from data.features.plan import KNOWN, TIME, Plan
from data.sources.delta import latest_version

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class History:
    """The table of a plan: another one whenever the definition changes what is kept."""

    plan: Plan
    folder: Path

    @classmethod
    def of(cls, plan: Plan, home: Path) -> History:
        return cls(plan, home / "lake" / "features" / "events" / f"{plan.view.name}-{plan.digest}")

    @property
    def application(self) -> str:
        return f"lakewright/features/{self.plan.view.name}"

    @property
    def version(self) -> int | None:
        """The newest version, or None before the first events."""
        return latest_version(self.folder / "_delta_log")

    def position(self) -> int | None:
        """Up to where the source was read: a version of its table, or a moment in microseconds."""
        from deltalake import DeltaTable

        if self.version is None:
            return None
        found: int | None = DeltaTable(self.folder).transaction_version(self.application)
        return found

    def write(self, reader: pa.RecordBatchReader, position: int, *, after: int | None) -> int:
        """Add the sorted events that follow the position `after`, or with None put them in the place of all, in one
        commit with the new position. Returns the table's version.

        Busy when another process was faster: events are never there twice.
        """
        from deltalake import CommitProperties, DeltaTable, Transaction
        from deltalake.exceptions import CommitFailedError

        self.folder.mkdir(parents=True, exist_ok=True)
        # The very snapshot that is committed against is the one whose position is looked at.
        table = DeltaTable(self.folder) if self.version is not None else None
        if after is not None and (table is None or table.transaction_version(self.application) != after):
            raise self._overtaken()
        numbers = [TIME, KNOWN, *(column.name for column in self.plan.stored if column.type == "BIGINT")]
        files = datafiles.write(reader, self.folder, numbers)
        properties = CommitProperties(app_transactions=[Transaction(self.application, position)])
        try:
            self._commit(table, files, reader.schema, properties, "overwrite" if after is None else "append")
        except CommitFailedError:
            raise self._overtaken() from None
        return self.version or 0

    def _commit(self, table: Any, files: Any, schema: pa.Schema, properties: Any, mode: str) -> None:
        from deltalake import Schema
        from deltalake.transaction import create_table_with_add_actions

        if table is not None:
            table.create_write_transaction(files, mode, table.schema(), [], commit_properties=properties)
            return
        said = {"name": self.plan.view.name, "description": "Prepared events of a feature view."}
        create_table_with_add_actions(
            str(self.folder), Schema.from_arrow(schema), files, **said, commit_properties=properties
        )

    def _overtaken(self) -> Busy:
        said = f"Somebody else adds events to '{self.plan.view.name}' at this moment."
        return Busy(said, "Run it again.")

    def files(self, version: int) -> Sequence[Path]:
        """The Parquet files of one version."""
        from deltalake import DeltaTable

        paths = DeltaTable(self.folder, version=version).get_add_actions(flatten=True)["path"].to_pylist()
        return [self.folder / path for path in paths]
