"""A folder of documents. No query reads it: its files are searched, and cited by their passages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from data.catalog import Table
from data.sources.base import Found, Source, State


class DocumentSource(Source):
    """The engine never opens the folder."""

    local = False

    def directories(self) -> Sequence[Path]:
        return ()

    def attach(self) -> str | None:
        return None

    def relation(self, table: Table, version: str) -> str:
        raise self._nothing()

    def state(self, table: Table) -> State:
        raise self._nothing()

    def tables(self) -> Sequence[Found]:
        """None; Unavailable without the folder."""
        self.folder()
        return ()

    def folder(self) -> Path:
        """Where the files are; Unavailable where there is no such folder."""
        if not self.path.is_dir():
            raise self.unavailable(f"There is no folder at '{self.place}'.")
        return self.path

    def _nothing(self) -> Exception:
        return self.unavailable("It has documents and no tables.", "Search it with: lakewright documents search")
