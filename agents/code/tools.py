"""Tools that a large model may call while it writes: both see what the caller sees."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.tools import answered
from data.errors import DataError
from data.values import plain

if TYPE_CHECKING:
    from langchain_core.messages import ToolMessage
    from langchain_core.tools import BaseTool

    from agents.code.writers import Bench

MOST_ROWS = 20
MOST_TABLES = 8
LONGEST = 6_000
"""Characters of one answer that the model reads."""
SECONDS = 10.0


@dataclass(frozen=True)
class CodeTools:
    """The tools of one task. `runs`: whether queries may be run while nobody has approved them."""

    bench: Bench
    runs: bool

    def tools(self) -> list[BaseTool]:
        """As LangChain binds them to a model."""
        from langchain_core.tools import tool

        functions = [self._search_catalogue(), *([self._run_sql()] if self.runs else [])]
        return [tool(function) for function in functions]

    def answer(self, calls: Sequence[Mapping[str, Any]]) -> list[ToolMessage]:
        """What the calls of a model's reply give, as it reads it."""
        return answered(self.tools(), calls)

    def _search_catalogue(self) -> Callable[..., str]:
        def search_catalogue(words: str) -> str:
            """Find tables by what they hold, such as 'refunds of merchants'. Gives their columns with descriptions.

            Use it when the tables that you were told of do not have what the task needs."""
            return _kept(lambda: self._found(words))

        return search_catalogue

    def _run_sql(self) -> Callable[..., str]:
        def run_sql(sql: str) -> str:
            """Run one DuckDB SELECT and read its first 20 rows: to see what values a column has, before you write."""
            return _kept(lambda: self._rows(sql))

        return run_sql

    def _found(self, words: str) -> Any:
        context = self.bench.retriever.retrieve(self.bench.principal, words[:400])
        linked = {target for hint in context.hints for target in getattr(hint, "targets", ())}
        tables = sorted(context.catalog.tables, key=lambda table: table.full_name not in linked)
        return {
            table.full_name: {column.name: f"{column.type} {column.description}".strip() for column in table.columns}
            for table in tables[:MOST_TABLES]
        }

    def _rows(self, sql: str) -> Any:
        bench = self.bench
        found = bench.gateway.query(bench.principal, sql, limit=MOST_ROWS, timeout=SECONDS, stop=bench.stop)
        return plain(found.table.to_pylist())


def _kept(work: Callable[[], Any]) -> str:
    """What came of it, as the model reads it."""
    try:
        return json.dumps(work(), ensure_ascii=False)[:LONGEST]
    except DataError as error:
        return json.dumps({"error": {"kind": error.kind, "message": error.message, "remedy": error.remedy}})
