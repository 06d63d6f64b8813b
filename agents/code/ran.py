"""What one run of a program gave, in whatever language it was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from data.values import plain

if TYPE_CHECKING:
    import pyarrow as pa

KEPT = 100
"""Rows of a result that are kept with the task; whoever waits for it gets all of them."""


@dataclass(frozen=True)
class Ran:
    """`table` has the rows of the outcome, None where there are none to have; `error` is {kind, message, remedy} of a
    program that failed. `sample`: the rows that were read of each table at most, None for all of them. `sources` are
    {table, version}."""

    table: pa.Table | None = None
    truncated: bool = False
    error: Mapping[str, str] | None = None
    stdout: str = ""
    stderr: str = ""
    sources: tuple[dict[str, Any], ...] = ()
    charts: tuple[Any, ...] = ()
    sample: int | None = None

    @property
    def columns(self) -> list[str]:
        return [] if self.table is None else list(self.table.column_names)

    @property
    def rows(self) -> list[list[Any]]:
        """Python values in the order of the columns."""
        if self.table is None:
            return []
        return [list(row) for row in zip(*(column.to_pylist() for column in self.table.columns), strict=True)]

    def as_json(self, most: int | None = None) -> dict[str, Any] | None:
        """The result as JSON can hold it, with at most so many rows."""
        if self.table is None:
            return None
        kept = self if most is None else Ran(self.table.slice(0, most))
        more = most is not None and self.table.num_rows > most
        types = [str(field.type) for field in self.table.schema]
        return {
            "columns": self.columns, "types": types, "rows": plain(kept.rows), "count": self.table.num_rows,
            "truncated": self.truncated or more, "sample": self.sample, "charts": list(self.charts),
        }  # fmt: skip


def failure(kind: str, message: str, remedy: str = "") -> Mapping[str, str]:
    """An error as it is kept."""
    return {"kind": kind, "message": message, "remedy": remedy}


def named(tables: Sequence[str], versions: Mapping[str, str]) -> tuple[dict[str, Any], ...]:
    """Sources as a delivery tells them."""
    return tuple({"table": table, "version": versions.get(table)} for table in tables)
