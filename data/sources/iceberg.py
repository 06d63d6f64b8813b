"""Apache Iceberg tables: folders with `metadata/`, directly under the location or in a folder for their
namespace."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from data.catalog import Column, Table
from data.sources.base import Found, Source, State, literal

METADATA = re.compile(r"v?(\d+)(?:-[\w-]+)?\.metadata\.json")
EMPTY = "empty"
"""The version of a table that nothing was written to: it has no snapshot."""


class IcebergSource(Source):
    """A folder of Iceberg tables, each read at the snapshot that is named in the answer."""

    extensions = ("avro", "iceberg")

    def relation(self, table: Table, version: str) -> str:
        folder = self._folder(table.name)
        file = self._metadata(table.name)
        options = {
            "version": literal(file.name.removesuffix(".metadata.json")),
            "version_name_format": "'%s%s.metadata.json'",
        }
        if version != EMPTY:
            options["snapshot_from_id"] = str(int(version))
        if _plain(str(_read(file)["location"])) != str(folder):
            options["allow_moved_paths"] = "true"
        settings = ", ".join(f"{name} = {value}" for name, value in options.items())
        return f"iceberg_scan({literal(str(folder))}, {settings})"

    def state(self, table: Table) -> State:
        metadata = _read(self._metadata(table.name))
        snapshot = metadata.get("current-snapshot-id")
        made = {s["snapshot-id"]: s["timestamp-ms"] for s in metadata.get("snapshots") or ()}
        if snapshot not in made:
            return State(EMPTY, datetime.fromtimestamp(metadata["last-updated-ms"] / 1000, UTC))
        return State(str(snapshot), datetime.fromtimestamp(made[snapshot] / 1000, UTC))

    def tables(self) -> Sequence[Found]:
        self.attach()
        places = [*self.path.glob("*/metadata"), *self.path.glob("*/*/metadata")]
        folders = sorted({file.parent.parent for place in places for file in place.glob("*.metadata.json")})
        names = [".".join(folder.relative_to(self.path).parts) for folder in folders]
        return [Found(name, self._columns(name)) for name in names]

    def _columns(self, name: str) -> tuple[Column, ...]:
        from data.engines.database import unlocked

        version = self.state(Table(self.name, name)).version
        with unlocked(self) as connection:
            relation = self.relation(Table(self.name, name), version)
            described = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
        return tuple(Column(row[0], row[1]) for row in described)

    def _folder(self, name: str) -> Path:
        namespace, _, table = name.rpartition(".")
        return self.path / namespace / table if namespace else self.path / name

    def _metadata(self, name: str) -> Path:
        """The file of the table's current metadata. Unavailable where it is missing or can't be told."""
        folder = self._folder(name) / "metadata"
        hint = folder / "version-hint.text"
        files = [
            (int(match[1]), file) for file in folder.glob("*.metadata.json") if (match := METADATA.fullmatch(file.name))
        ]
        newest = int(hint.read_text().strip()) if hint.is_file() else max((number for number, _ in files), default=-1)
        current = [file for number, file in files if number == newest]
        if not current:
            raise self.unavailable(f"'{name}' is not an Iceberg table.")
        if len(current) > 1:
            # Of two writers only one has committed, and the folder does not say which.
            remedy = f"Remove the one of '{name}' that its catalogue does not name."
            raise self.unavailable(f"'{name}' has {len(current)} metadata files of version {newest}.", remedy)
        return current[0]


@lru_cache(maxsize=1024)
def _read(file: Path) -> Mapping[str, Any]:
    # A metadata file is never written twice.
    content: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content


def _plain(location: str) -> str:
    return location.removeprefix("file://").rstrip("/")
