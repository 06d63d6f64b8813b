"""The catalogue: which sources, tables and columns there are, and what they mean."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from data.errors import NotFound


@dataclass(frozen=True)
class Column:
    """A column with its DuckDB type and what people call it. `format` is how dates are written in one that has no type
    of dates, or `Y/N`, the marks for yes and no, in one that has no type of these; a `draft` was made from names and
    values, and waits for a person to check it."""

    name: str
    type: str
    description: str = ""
    synonyms: tuple[str, ...] = ()
    unit: str | None = None
    tags: frozenset[str] = frozenset()
    format: str | None = None
    draft: bool = False
    labels: tuple[tuple[str, str], ...] = ()
    """What its codes mean: (code, label)."""
    legend: str = ""
    """The table of the source whose rows say so: who reads the column is shown its labels."""


@dataclass(frozen=True)
class Measure:
    """An approved metric of a table: an aggregate over its columns, that SQL calls as `measure(name)`."""

    name: str
    expression: str
    unit: str | None = None
    description: str = ""
    synonyms: tuple[str, ...] = ()
    owner: str = ""
    columns: tuple[str, ...] = ()
    """The columns of its table that it reads, in lower case."""


@dataclass(frozen=True)
class View:
    """The SELECT that a table is made of. With `definer` rights it reads its tables whole, whoever asks; with
    `invoker` rights it reads what the caller may see of them."""

    sql: str
    rights: str = "definer"
    reads: tuple[str, ...] = ()
    """Full names of the tables and views in the body."""
    columns: tuple[str, ...] = ()
    """The columns of these that the body reads, as `source.table.column`."""


@dataclass(frozen=True)
class Table:
    """A table of a source. `key`, `label` and `time` name its identifier, its title and its event time. A
    table's tags are tags of all its columns."""

    source: str
    name: str
    description: str = ""
    synonyms: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    key: str | None = None
    label: str | None = None
    time: str | None = None
    tags: frozenset[str] = frozenset()
    measures: tuple[Measure, ...] = ()
    view: View | None = None
    draft: bool = False

    @property
    def full_name(self) -> str:
        return f"{self.source}.{self.name}"

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name.lower(): column for column in self.columns}

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._by_name

    def column(self, name: str) -> Column:
        """The column of that name in any case; NotFound otherwise."""
        try:
            return self._by_name[name.lower()]
        except KeyError:
            hint = nearest(name, (column.name for column in self.columns))
            raise NotFound(f"'{self.full_name}' has no column '{name}'.", hint) from None

    def measure(self, name: str) -> Measure | None:
        """The measure of that name in any case, if there is one."""
        return next((measure for measure in self.measures if measure.name.lower() == name.lower()), None)

    def tagged(self, tag: str) -> tuple[Column, ...]:
        """The columns that have a tag, by themselves or by the table's."""
        return tuple(column for column in self.columns if tag in column.tags | self.tags)


@dataclass(frozen=True)
class Relationship:
    """Rows of `table` point with `column` at the row of `to_table` whose `to_column` is equal."""

    table: str
    column: str
    to_table: str
    to_column: str


@dataclass(frozen=True)
class SourceConfig:
    """A store: its kind, where it is, and its tables."""

    name: str
    kind: str
    location: str
    owner: str = ""
    description: str = ""
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Catalog:
    """All sources with the relationships among their tables."""

    sources: tuple[SourceConfig, ...] = ()
    relationships: tuple[Relationship, ...] = ()

    @classmethod
    def load(cls, path: Path) -> Catalog:
        """Read a catalogue file; Invalid names the file, the line and the value that is wrong."""
        from data.declarations import load_catalog

        return load_catalog(path)

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        return tuple(table for source in self.sources for table in source.tables)

    @cached_property
    def _by_name(self) -> dict[str, Table]:
        return {table.full_name.lower(): table for table in self.tables}

    def __contains__(self, full_name: object) -> bool:
        return isinstance(full_name, str) and full_name.lower() in self._by_name

    def table(self, full_name: str) -> Table:
        """The table `source.table` in any case; NotFound otherwise."""
        try:
            return self._by_name[full_name.lower()]
        except KeyError:
            hint = nearest(full_name, (table.full_name for table in self.tables))
            raise NotFound(f"There is no table '{full_name}'.", hint) from None

    def source(self, name: str) -> SourceConfig:
        """The source of that name in any case; NotFound otherwise."""
        for source in self.sources:
            if source.name.lower() == name.lower():
                return source
        hint = nearest(name, (source.name for source in self.sources))
        raise NotFound(f"There is no source '{name}'.", hint)

    def locate(self, path: str) -> tuple[Table, Column] | None:
        """Table and column of `source.table.column`; a name with dots in it is matched whole."""
        for cut in (index for index, letter in enumerate(path) if letter == "."):
            table = self._by_name.get(path[:cut].lower())
            if table is not None and path[cut + 1 :] in table:
                return table, table.column(path[cut + 1 :])
        return None


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint with the names that look like `name`: also by their last part alone. Empty when none does."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(name.lower(), by_lower, n=3, cutoff=0.6)
    tail = name.lower().rsplit(".", 1)[-1]
    close += [lower for lower in by_lower if lower.rsplit(".", 1)[-1] == tail and lower not in close]
    names = ", ".join(f"'{by_lower[lower]}'" for lower in close[:3])
    return f"Did you mean {names}?" if names else ""
