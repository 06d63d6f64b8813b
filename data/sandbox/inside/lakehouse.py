"""The company's tables, as you may see them: `sql("SELECT ...")` and `table("source.name")` give Arrow tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from data.sandbox.inside.bridge import Bridge

__all__ = ["LakehouseError", "pandas", "polars", "sql", "table", "tables"]

_LINK: list[Bridge] = []


class LakehouseError(Exception):
    """The lakehouse refused a query. `kind` is forbidden, not_found, invalid, unavailable, too_expensive or busy."""

    def __init__(self, message: str, kind: str = "error") -> None:
        super().__init__(message)
        self.kind = kind


def sql(text: str) -> pa.Table:
    """The rows of one SELECT statement. Raises LakehouseError for what may not be read."""
    return _asked({"op": "sql", "sql": str(text)})


def table(name: str) -> pa.Table:
    """All rows of a table, such as `square.payments`. Raises LakehouseError for what may not be read."""
    return _asked({"op": "table", "name": str(name)})


def tables() -> list[str]:
    """The full names of the tables that you may read."""
    head, _ = _given({"op": "tables"})
    return list(head["tables"])


def pandas(data: Any) -> Any:
    """The pandas frame of an Arrow table, of a query's text or of a table's name."""
    return _arrow(data).to_pandas()


def polars(data: Any) -> Any:
    """The polars frame of an Arrow table, of a query's text or of a table's name."""
    import polars as library

    return library.from_arrow(_arrow(data))


def connect(link: Bridge) -> None:
    """Take the bridge that the process was born with."""
    _LINK[:] = [link]


def _arrow(data: Any) -> pa.Table:
    if not isinstance(data, str):
        return data
    return sql(data) if " " in data.strip() else table(data)


def _asked(request: dict[str, Any]) -> pa.Table:
    import pyarrow as pa

    _, body = _given(request)
    return pa.ipc.open_stream(body).read_all()


def _given(request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """What the door answers; LakehouseError where it refuses."""
    head, body = _LINK[0].ask(request)
    if not head.get("ok"):
        raise LakehouseError(str(head.get("message")), str(head.get("kind")))
    return head, body
