"""The kinds of store. A kind is one module with one class; this table is the list of them."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data.catalog import SourceConfig
    from data.sources.base import Source

KINDS = {
    "csv": "data.sources.csv:CsvSource",
    "delta": "data.sources.delta:DeltaSource",
    "documents": "data.sources.documents:DocumentSource",
    "iceberg": "data.sources.iceberg:IcebergSource",
    "json": "data.sources.json:JsonSource",
    "mysql": "data.sources.mysql:MysqlSource",
    "parquet": "data.sources.parquet:ParquetSource",
    "postgres": "data.sources.postgres:PostgresSource",
    "spark": "data.sources.spark:SparkSource",
    "sqlite": "data.sources.sqlite:SqliteSource",
    "unity": "data.sources.unity:UnitySource",
    "views": "data.sources.views:ViewSource",
}

BUILT_IN = {"system": "data.sources.system:SystemSource"}
"""Kinds that no catalogue file can declare."""


def open_source(config: SourceConfig, home: Path) -> Source:
    """The source that a catalogue entry declares; nothing is opened or connected yet."""
    module, _, name = {**KINDS, **BUILT_IN}[config.kind].partition(":")
    source: Source = getattr(import_module(module), name)(config, home)
    return source


def default_schema(kind: str) -> str:
    """The schema of a kind of store that SQL may name between source and table."""
    return {"postgres": "public", "spark": "default", "unity": "default"}.get(kind, "main")
