"""Delta tables by delta-rs: write, read a version, history, compaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.errors import NotFound
from data.sources.delta import latest_version

if TYPE_CHECKING:
    import pyarrow as pa


JOIN = 50
"""Commits after which the small files of a table that grows by batches become one."""


def append(path: Path, rows: pa.Table, *, configuration: Mapping[str, str | None] | None = None) -> int:
    """Add rows to the table, which is made when it is not there; returns the new version."""
    return _write(path, rows, "append", configuration)


def append_once(
    path: Path,
    application: str,
    lines: Sequence[tuple[int, Any]],
    table: Callable[[list[Any]], pa.Table],
    *,
    name: str | None = None,
    description: str | None = None,
) -> None:
    """Add numbered lines, made rows by `table`: those that an earlier commit of the application brought, before it was
    killed, are left out. The commit says up to which number it goes."""
    from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake

    before = version(path)
    done = -1 if before is None else DeltaTable(path).transaction_version(application) or -1
    fresh = [line for number, line in lines if number > done]
    if not fresh:
        return
    path.mkdir(parents=True, exist_ok=True)
    write_deltalake(
        path,
        table(fresh),
        mode="append",
        name=name,
        description=description,
        commit_properties=CommitProperties(app_transactions=[Transaction(application, lines[-1][0])]),
    )
    if before is not None and before % JOIN == JOIN - 1:
        compact(path)


def overwrite(path: Path, rows: pa.Table, *, configuration: Mapping[str, str | None] | None = None) -> int:
    """Replace all rows (and the schema); older versions stay readable. Returns the new version."""
    return _write(path, rows, "overwrite", configuration)


def read(path: Path, version: int | None = None) -> pa.Table:
    """All rows of a version, the newest by default. NotFound where there is no table."""
    return _table(path, version).to_pyarrow_table()


def version(path: Path) -> int | None:
    """The newest version, or None where there is no table."""
    return latest_version(path / "_delta_log")


def history(path: Path, limit: int | None = None) -> Sequence[Mapping[str, Any]]:
    """The commits, newest first, as delta-rs tells them (`version`, `timestamp`, `operation`, …)."""
    commits: Sequence[Mapping[str, Any]] = _table(path).history(limit)
    return commits


def compact(path: Path) -> Mapping[str, Any]:
    """Join small files into large ones; the rows stay the same. Returns what was joined."""
    metrics: Mapping[str, Any] = _table(path).optimize.compact()
    return metrics


def _write(path: Path, rows: pa.Table, mode: Any, configuration: Mapping[str, str | None] | None) -> int:
    from deltalake import write_deltalake

    path.mkdir(parents=True, exist_ok=True)
    schema_mode: Any = "overwrite" if mode == "overwrite" else None
    settings = None if configuration is None else dict(configuration)
    write_deltalake(str(path), rows, mode=mode, schema_mode=schema_mode, configuration=settings)
    written = version(path)
    return -1 if written is None else written


def _table(path: Path, at: int | None = None) -> Any:
    from deltalake import DeltaTable

    if version(path) is None:
        raise NotFound(f"There is no Delta table at '{path.name}'.", "Write it first.")
    return DeltaTable(str(path), version=at)
