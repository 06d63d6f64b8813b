"""What tables and columns are called: their names, synonyms, and names without a unit or time suffix."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from data.catalog import Catalog, Column, Table
from retrieval.spans import is_stopword, normal, singular

# Endings of column names that nobody says: 'fee_usd' is the fee, 'signed_up_at' is when one signed up.
_ENDINGS = (
    "at on date time timestamp datetime ts utc usd eur gbp seconds secs sec ms minutes mins hours pct percent cents"
)
_SUFFIXES = frozenset(_ENDINGS.split())


def spoken_name(column: Column) -> str:
    """The column's name in words, without the endings that tell a unit or that it is a time; "" if it has none."""
    tokens = column.name.lower().split("_")
    endings = _SUFFIXES | {(column.unit or "").lower()}
    kept = tokens
    while len(kept) > 1 and kept[-1] in endings:
        kept = kept[:-1]
    said = " ".join(kept)
    return said if len(kept) < len(tokens) and said and not is_stopword(said) else ""


class Names:
    """The normal forms of what tables and columns are called."""

    def __init__(self, catalog: Catalog) -> None:
        self.tables: dict[str, list[str]] = defaultdict(list)
        self.columns: dict[str, list[str]] = defaultdict(list)
        self.own: dict[str, list[str]] = defaultdict(list)
        """Columns by their own names only."""
        self.loose: dict[str, list[str]] = defaultdict(list)
        """Columns by what they are also called: without suffix, and 'date', 'id' and 'name' for each table's."""
        self.said: list[str] = []
        self._last: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for table in catalog.tables:
            for said in (table.name, *table.synonyms):
                self._add(self.tables, said, table.full_name)
            for column in table.columns:
                self._add_column(table, column)
            for said, name in _roles(table):
                self._add(self.loose, said, f"{table.full_name}.{name}")

    def _add_column(self, table: Table, column: Column) -> None:
        target = f"{table.full_name}.{column.name}"
        for said in (column.name, *column.synonyms):
            self._add(self.columns, said, target)
        self._add(self.own, column.name, target)
        if short := spoken_name(column):
            self._add(self.loose, short, target)
        last = (short or column.name).replace("_", " ").split()
        if last:
            self._last[normal(last[-1])][table.full_name].append(target)

    def _add(self, targets: dict[str, list[str]], said: str, target: str) -> None:
        form = singular(said.replace("_", " "))
        if form not in self.said:
            self.said.append(form)
        if target not in targets[normal(said)]:
            targets[normal(said)].append(target)

    def columns_of(self, norm: str) -> tuple[str, ...]:
        """The columns of a normal form: those that are called so first, then those that are loosely called so."""
        return tuple(dict.fromkeys((*self.columns.get(norm, ()), *self.loose.get(norm, ()))))

    def only_loose(self, norm: str) -> frozenset[str]:
        """The columns that are only loosely called so."""
        return frozenset(self.loose.get(norm, ())) - frozenset(self.columns.get(norm, ()))

    def pairs(self, norm: str) -> tuple[tuple[str, ...], ...]:
        """The two columns of a table whose names end in this word, of each table that has just two."""
        return tuple(tuple(found) for found in self._last.get(norm, {}).values() if len(found) == 2)


def _roles(table: Table) -> Iterator[tuple[str, str]]:
    """What everybody calls the columns that are a table's time, key and label."""
    for said, name in (("date", table.time), ("id", table.key), ("name", table.label)):
        if name:
            yield said, name
