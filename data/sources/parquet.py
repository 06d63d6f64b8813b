"""Parquet files, which say their types themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from data.catalog import Column
from data.sources.columns import of_arrow
from data.sources.files import FileSource


class ParquetSource(FileSource):
    """A folder of Parquet tables, or one file."""

    suffixes = (".parquet",)

    def reader(self, files: str, columns: Sequence[Column]) -> str:
        return f"read_parquet({files}, union_by_name = true)"

    def columns(self, files: Sequence[Path]) -> tuple[Column, ...]:
        import pyarrow.parquet as pq

        return of_arrow(pq.read_schema(files[0]))
