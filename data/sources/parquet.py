"""Parquet files: under the location, a table is a file `NAME.parquet` or a folder `NAME` of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from data.catalog import Table
from data.sources.base import Found, Source, State, literal
from data.sources.columns import of_arrow


class ParquetSource(Source):
    """A folder of Parquet tables. A table's version is a digest of its files' names, sizes and times."""

    def relation(self, table: Table, version: str) -> str:
        files = ", ".join(literal(str(file)) for file in self._files(table.name))
        return f"read_parquet([{files}], union_by_name = true)"

    def state(self, table: Table) -> State:
        files = self._files(table.name)
        if not files:
            raise self.unavailable(f"'{table.name}' has no Parquet files.")
        stats = [file.stat() for file in files]
        facts = [f"{file}:{stat.st_size}:{stat.st_mtime_ns}" for file, stat in zip(files, stats, strict=True)]
        version = hashlib.sha256("\n".join(facts).encode()).hexdigest()[:12]
        return State(version, datetime.fromtimestamp(max(stat.st_mtime for stat in stats), UTC))

    def tables(self) -> Sequence[Found]:
        import pyarrow.parquet as pq

        names = {file.stem for file in self.path.glob("*.parquet")}
        names |= {file.relative_to(self.path).parts[0] for file in self.path.glob("*/**/*.parquet")}
        return [Found(name, of_arrow(pq.read_schema(self._files(name)[0]))) for name in sorted(names)]

    def _files(self, name: str) -> list[Path]:
        single = self.path / f"{name}.parquet"
        return [single] if single.is_file() else sorted((self.path / name).rglob("*.parquet"))
