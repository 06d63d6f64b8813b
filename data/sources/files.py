"""Tables that are plain files: under the location a table is a file `NAME.suffix` or a folder `NAME` of them."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from data.catalog import Column, Table
from data.errors import Unavailable
from data.sources.base import Found, Source, State, literal


class FileSource(Source):
    """A folder of tables, or one file. A table's version is a digest of its files' names, sizes and times."""

    suffixes: ClassVar[tuple[str, ...]]
    """How the files of this kind end."""

    @abstractmethod
    def reader(self, files: str, columns: Sequence[Column]) -> str:
        """What reads a list of files; `columns` are those that are declared, none before they are known."""

    def directories(self) -> Sequence[Path]:
        return (self.path.parent if self.path.is_file() else self.path,)

    def refused(self, reason: str) -> Unavailable:
        """The error for files that DuckDB could not read. It quotes none of their lines."""
        found = self.fault(reason)
        return found or self.unavailable(f"A file at '{self.place}' can't be read as {self.config.kind}.", "Mend it.")

    def relation(self, table: Table, version: str) -> str:
        return self.reader(_list(self._files(table.name)), table.columns)

    def state(self, table: Table) -> State:
        files = self._files(table.name)
        if not files:
            raise self.unavailable(f"'{table.name}' has no {self.config.kind} files.")
        stats = [file.stat() for file in files]
        facts = [f"{file}:{stat.st_size}:{stat.st_mtime_ns}" for file, stat in zip(files, stats, strict=True)]
        version = hashlib.sha256("\n".join(facts).encode()).hexdigest()[:12]
        return State(version, datetime.fromtimestamp(max(stat.st_mtime for stat in stats), UTC))

    def size(self, table: Table, version: str) -> int | None:
        return sum(file.stat().st_size for file in self._files(table.name))

    def tables(self) -> Sequence[Found]:
        self.attach()
        return [Found(name, self.columns(self._files(name))) for name in self._names()]

    def columns(self, files: Sequence[Path]) -> tuple[Column, ...]:
        """The columns of a table's files, in the types that DuckDB sees in them."""
        from data.engines.database import unlocked

        with unlocked(self) as connection:
            described = connection.execute(f"DESCRIBE SELECT * FROM {self.reader(_list(files), ())}").fetchall()
        return tuple(Column(row[0], row[1]) for row in described)

    def _names(self) -> Sequence[str]:
        if self.path.is_file():
            return [self.path.stem]
        within = [file.relative_to(self.path) for file in self.path.rglob("*") if file.suffix.lower() in self.suffixes]
        return sorted({file.stem if len(file.parts) == 1 else file.parts[0] for file in within})

    def _files(self, name: str) -> Sequence[Path]:
        if self.path.is_file():
            return [self.path] if name == self.path.stem else []
        single = [self.path / f"{name}{suffix}" for suffix in self.suffixes]
        there = [file for file in single if file.is_file()]
        folder = (self.path / name).rglob("*")
        return there or sorted(file for file in folder if file.suffix.lower() in self.suffixes)


def struct(types: Mapping[str, str]) -> str:
    """Names and types as DuckDB's readers take them."""
    return "{" + ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in types.items()) + "}"


def _list(files: Sequence[Path]) -> str:
    return f"[{', '.join(literal(str(file)) for file in files)}]"
