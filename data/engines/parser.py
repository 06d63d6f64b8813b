"""DuckDB's own parser: what the engine will understand, whoever wrote it."""

from __future__ import annotations

import json
import threading
from functools import cached_property
from typing import TYPE_CHECKING, Any

from data.errors import Invalid

if TYPE_CHECKING:
    import duckdb


class Parser:
    """A DuckDB that reads SQL and has no data. Many threads may use one parser at once."""

    def __init__(self) -> None:
        self._turn = threading.Lock()

    def tree(self, sql: str) -> dict[str, Any]:
        """The parse tree of SELECT statements. Invalid when DuckDB can't read them."""
        with self._turn:
            (text,) = self._duckdb.execute("SELECT json_serialize_sql(CAST(? AS VARCHAR))", [sql]).fetchone() or ("{}",)
        tree: dict[str, Any] = json.loads(text)
        if tree.get("error", True):
            raise Invalid(f"The query can't be read: {tree.get('error_message', 'no statement')}.")
        return tree

    @cached_property
    def _duckdb(self) -> duckdb.DuckDBPyConnection:
        import duckdb

        config = {"enable_external_access": False, "autoload_known_extensions": False, "threads": 1}
        return duckdb.connect(config=config)
