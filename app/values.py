"""Rows of a result as JSON can hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data.values import plain

if TYPE_CHECKING:
    import pyarrow as pa

    from data.gateway import Result


def document_of(result: Result) -> dict[str, Any]:
    """A result of the gateway, without the governed SQL: that names what the caller may not see."""
    return {
        "columns": list(result.table.column_names),
        "rows": rows(result.table),
        "truncated": result.truncated,
        "sources": [{name: plain(value) for name, value in vars(use).items()} for use in result.sources],
        "lineage": list(result.lineage),
        "audit_id": result.audit_id,
        "seconds": round(result.seconds, 4),
    }


def rows(table: pa.Table) -> list[list[Any]]:
    """The rows in the order of the columns, whose names may repeat."""
    columns = [column.to_pylist() for column in table.columns]
    return [[plain(value) for value in row] for row in zip(*columns, strict=True)]
