"""The prepared events of a view as a Delta table: each commit says up to where its source was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.errors import Busy
from data.features.plan import KNOWN, TIME, Plan
from data.sources.delta import latest_version

if TYPE_CHECKING:
    import pyarrow as pa

ROW_GROUP = 32_768
"""Rows that are written, or left out when reading, together: delta-rs holds several groups for each column."""

FILE = 32 * 1024**2
"""Bytes of a file, which delta-rs holds in memory until it is whole."""


def writing(numbers: Sequence[str] = ()) -> dict[str, Any]:
    """How tables of features are written. Of columns with whole numbers that hardly repeat the differences are kept,
    which takes less space and time than a dictionary."""
    from deltalake import ColumnProperties, WriterProperties

    differences = ColumnProperties(dictionary_enabled=False, encoding="DELTA_BINARY_PACKED")
    properties = WriterProperties(
        compression="ZSTD",
        compression_level=1,
        max_row_group_size=ROW_GROUP,
        column_properties=dict.fromkeys(numbers, differences),
    )
    return {"target_file_size": FILE, "writer_properties": properties}


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
        from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
        from deltalake.exceptions import CommitFailedError

        self.folder.mkdir(parents=True, exist_ok=True)
        # The very snapshot that is committed against is the one whose position is looked at.
        table = DeltaTable(self.folder) if self.version is not None else None
        if after is not None and (table is None or table.transaction_version(self.application) != after):
            raise self._overtaken()
        try:
            write_deltalake(
                table or self.folder,
                reader,
                mode="overwrite" if after is None else "append",
                name=self.plan.view.name,
                description="Prepared events of a feature view.",
                commit_properties=CommitProperties(app_transactions=[Transaction(self.application, position)]),
                **writing([TIME, KNOWN, *(column.name for column in self.plan.stored if column.type == "BIGINT")]),
            )
        except CommitFailedError:
            raise self._overtaken() from None
        return self.version or 0

    def _overtaken(self) -> Busy:
        said = f"Somebody else adds events to '{self.plan.view.name}' at this moment."
        return Busy(said, "Run it again.")

    def files(self, version: int) -> Sequence[Path]:
        """The Parquet files of one version."""
        from deltalake import DeltaTable

        paths = DeltaTable(self.folder, version=version).get_add_actions(flatten=True)["path"].to_pylist()
        return [self.folder / path for path in paths]
