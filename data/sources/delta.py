"""Delta tables: each folder under the location is one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from data.catalog import Table
from data.errors import Unavailable
from data.sources.base import Found, Source, State, literal, quoted
from data.sources.columns import of_arrow
from data.sources.commit import WATERMARK, information, moment
from data.sources.growth import BETWEEN, added_files, ends
from data.sources.snapshot import plain_files

UPKEEP = frozenset({"OPTIMIZE", "VACUUM START", "VACUUM END", "SET TBLPROPERTIES"})
"""Commits that leave the rows as they were."""


class DeltaSource(Source):
    """A folder of Delta tables. A query reads exactly the version that is named in its answer."""

    extensions = ("delta",)

    def folder(self, table: Table) -> Path:
        """Where the table's log and files are."""
        return self.path / table.name

    def older(self, table: Table, version: str) -> str:
        from deltalake import DeltaTable
        from deltalake.exceptions import DeltaError

        try:
            return str(DeltaTable(self.folder(table), version=int(version)).version())
        except (DeltaError, ValueError):
            raise self.unavailable(f"'{table.name}' has no version '{version}' any more.") from None

    def since(self, table: Table, old: str, new: str) -> str | None:
        files = added_files(self.folder(table), int(old), int(new))
        return None if files is None else f"{old}{BETWEEN}{new}"

    def open(self, table: Table, version: str) -> str | None:
        if BETWEEN in version:
            return None if self._added(table, version) else self.open(table, ends(version)[1])
        if plain_files(self.folder(table), int(version)):
            return None
        name = quoted(self._attached(table, version))
        location = literal(str(self.folder(table)))
        return f"ATTACH IF NOT EXISTS {location} AS {name} (TYPE delta, VERSION {int(version)}, PIN_SNAPSHOT)"

    def close(self, table: Table, version: str) -> str:
        version = ends(version)[1] if BETWEEN in version else version
        return f"DETACH DATABASE IF EXISTS {quoted(self._attached(table, version))}"

    def relation(self, table: Table, version: str) -> str:
        if BETWEEN in version:
            added = self._added(table, version)
            rows = f"(SELECT * FROM {self.relation(table, ends(version)[1])} WHERE false)"
            return f"read_parquet([{', '.join(literal(str(file)) for file in added)}])" if added else rows
        # DuckDB's Delta reader takes longer, and keeps some memory of every query with a filter.
        if files := plain_files(self.folder(table), int(version)):
            return f"read_parquet([{', '.join(literal(str(file)) for file in files)}])"
        name = quoted(self._attached(table, version))
        return f"{name}.{name}"

    def state(self, table: Table) -> State:
        version = self.version(table)
        return State(version, *committed(self.folder(table) / "_delta_log", int(version)))

    def version(self, table: Table) -> str:
        version = latest_version(self.folder(table) / "_delta_log")
        if version is None:
            raise self.unavailable(f"'{table.name}' is not a Delta table.")
        return str(version)

    def size(self, table: Table, version: str) -> int | None:
        if BETWEEN in version:
            return sum(file.stat().st_size for file in self._added(table, version))
        return _size(self.folder(table), int(version))

    def fault(self, said: str) -> Unavailable | None:
        gone = any(sign in said for sign in ("No such file", "No files found"))
        if not gone or f"{self.path}/" not in said:
            return None
        reason = "The files of the version that the query read have been removed."
        return self.unavailable(reason, "Ask again; if it stays so, restore the table's files.")

    def tables(self) -> Sequence[Found]:
        from deltalake import DeltaTable

        folders = sorted(log.parent for log in self.path.glob("*/_delta_log"))
        return [Found(folder.name, of_arrow(DeltaTable(folder).schema().to_arrow())) for folder in folders]

    def _added(self, table: Table, version: str) -> tuple[Path, ...]:
        old, new = ends(version)
        return added_files(self.folder(table), int(old), int(new)) or ()

    def _attached(self, table: Table, version: str) -> str:
        return f"{self.alias}.{table.name}@{version}"


def latest_version(log: Path) -> int | None:
    """The newest version in a Delta log, by its file names alone; None where there is no log."""
    try:
        names = os.listdir(log)
    except OSError:
        return None
    versions = [int(name[:20]) for name in names if name.endswith((".json", ".parquet")) and name[:20].isdecimal()]
    return max(versions, default=None)


@lru_cache(maxsize=4096)
def committed(log: Path, version: int) -> tuple[datetime | None, datetime | None]:
    """When the version's rows last changed, and the watermark of that commit; None where the log does not say."""
    written, watermark = None, None
    for earlier in range(version, -1, -1):
        commit = log / f"{earlier:020}.json"
        info = information(commit)
        if info is None:
            break
        # The commit says when it was made; its file's time is that of the last copy of the folder.
        written = datetime.fromtimestamp(info.get("timestamp", commit.stat().st_mtime * 1000) / 1000, UTC)
        watermark = moment(info.get(WATERMARK))
        if info.get("operation") not in UPKEEP:
            break
    return written, watermark


@lru_cache(maxsize=4096)
def _size(folder: Path, version: int) -> int:
    from deltalake import DeltaTable

    actions = DeltaTable(folder, version=version).get_add_actions(flatten=True)
    return sum(actions["size_bytes"].to_pylist())
