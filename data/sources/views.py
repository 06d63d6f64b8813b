"""Views: tables that the catalogue makes of other ones. There is no store behind them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from data.catalog import Table
from data.sources.base import Found, Source, State


class ViewSource(Source):
    """The gateway has put a view's body in its place before anything here could be asked for its rows."""

    def directories(self) -> Sequence[Path]:
        return ()

    def attach(self) -> str | None:
        return None

    def relation(self, table: Table, version: str) -> str:
        raise self._nothing(table)

    def state(self, table: Table) -> State:
        raise self._nothing(table)

    def tables(self) -> Sequence[Found]:
        return [Found(table.name, table.columns, table.key) for table in self.config.tables]

    def _nothing(self, table: Table) -> Exception:
        return self.unavailable(f"'{table.full_name}' is a view.", "Query it through the gateway.")
