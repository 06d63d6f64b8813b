"""What every kind of store has in common: it names its tables, attaches itself to the engine and knows its
version."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from data.catalog import Column, SourceConfig, Table
from data.errors import Unavailable
from data.location import shown

if TYPE_CHECKING:
    from data.sources.condition import Condition
    from data.sources.layout import Ask


@dataclass(frozen=True)
class State:
    """What a table's store is at: a version that changes with its rows, and when they last changed.

    Up to its `watermark` a table that a stream feeds is whole.
    """

    version: str
    freshness: datetime | None
    watermark: datetime | None = None


@dataclass(frozen=True)
class Found:
    """A table as its store describes it; `foreign` is (column, table of this source, its column)."""

    name: str
    columns: tuple[Column, ...]
    key: str | None = None
    foreign: tuple[tuple[str, str, str], ...] = ()
    description: str = ""


class Source(ABC):
    """A store of tables. Nothing is opened before `attach`, `state` or `tables` is called."""

    extensions: ClassVar[tuple[str, ...]] = ()
    """The DuckDB extensions that read this kind, by the names of their wheels, in the order of loading."""
    typed: ClassVar[bool] = True
    """Whether the store itself says what types its columns have."""
    local: ClassVar[bool] = True
    """Whether DuckDB reads this kind, and so can look into its tables."""
    seeks: ClassVar[bool] = False
    """Whether `narrowed` may find rows by conditions, because the engine brings none to this kind of store."""
    default_schema: ClassVar[str] = "main"
    """The schema that may stand between the source's and the table's name in SQL."""

    def __init__(self, config: SourceConfig, home: Path) -> None:
        self.config = config
        self.home = home

    @property
    def name(self) -> str:
        return self.config.name

    @property
    def alias(self) -> str:
        """The source's name inside the engine. No query can write it: it is no name of the catalogue."""
        return f"~{self.config.name}"

    @property
    def path(self) -> Path:
        """Where the files are; a relative location starts at the home folder."""
        return (self.home / self.config.location).resolve()

    @property
    def place(self) -> str:
        """The location as it may be shown: without its secrets."""
        return shown(self.config.location)

    def directories(self) -> Sequence[Path]:
        """What the locked engine must be able to read."""
        return (self.path,)

    def attach(self) -> str | None:
        """The statement that attaches the source before the engine is locked, or None. Unavailable without a
        store."""
        if not self.path.exists():
            raise self.unavailable(f"There is nothing at '{self.place}'.")
        return None

    def open(self, table: Table, version: str) -> str | None:
        """The statement that attaches one version of a table to the locked engine, or None where there is no
        need."""
        return None

    def close(self, table: Table, version: str) -> str | None:
        """The statement that lets go of what `open` attached, or None where that was nothing."""
        return None

    def older(self, table: Table, version: str) -> str:
        """The version itself, where the table can still be read as it was then; Unavailable otherwise."""
        raise self.unavailable(f"'{table.name}' keeps no older versions, and it has changed since '{version}'.")

    def since(self, table: Table, old: str, new: str) -> str | None:
        """The name of a version that has only the rows which were added after `old`, up to `new`; None where
        rows also changed or went, or where the store can't tell."""
        return None

    @abstractmethod
    def relation(self, table: Table, version: str) -> str:
        """What stands after FROM to read that version of the table."""

    def calling(self, statement: str, values: Sequence[int | str]) -> str:
        """What stands after FROM to run a statement of the store's own. Only for kinds that seek."""
        raise NotImplementedError(self.config.kind)

    def narrowed(
        self, table: Table, state: State, conditions: Sequence[Condition], kinds: Mapping[str, str], ask: Ask
    ) -> tuple[str, tuple[Condition, ...]] | None:
        """A SELECT that gives the table's rows in its declared types but for such as do not meet the conditions, with
        the conditions that it heeds; None where reading all is as good, or could give another answer.

        `kinds` has the types in which the engine reads the table's columns by lower-case name; `ask` runs a statement
        of the store's own."""
        return None

    def missed(self, table: Table, kinds: Mapping[str, str], ask: Ask) -> tuple[str, str] | None:
        """Where reading the table misses rows: the condition that keeps a reading to the others, and a SELECT that
        gives these."""
        return None

    @abstractmethod
    def state(self, table: Table) -> State:
        """The table's version and freshness, without reading its rows."""

    def version(self, table: Table) -> str:
        """The table's version alone, which may be quicker to tell."""
        return self.state(table).version

    @abstractmethod
    def tables(self) -> Sequence[Found]:
        """The tables that are in the store, for the catalogue."""

    def size(self, table: Table, version: str) -> int | None:
        """The bytes that the store holds for the table, or None where it can't tell cheaply."""
        return None

    def refused(self, reason: str) -> Unavailable:
        """The error for a store that the engine could not open, with what the engine said."""
        return self.unavailable(f"It can't be opened: {reason.splitlines()[0]}.")

    def fault(self, said: str) -> Unavailable | None:
        """The error for what the engine said while a query ran, if this store is at fault. It is for any caller, so
        it quotes no value of a row."""
        return None

    def unavailable(self, reason: str, remedy: str = "") -> Unavailable:
        """An error that names the source."""
        remedy = remedy or f"Correct the `location` of '{self.name}' in the catalogue, or bring the store back."
        return Unavailable(f"The source '{self.name}' is not available. {reason}", remedy, source=self.name)


def quoted(name: str) -> str:
    """An SQL identifier."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def literal(text: str) -> str:
    """An SQL string."""
    escaped = text.replace("'", "''")
    return f"'{escaped}'"
