"""Codes of columns by what tables of codes say that they mean: 'Nurse' stands for NU where a list of roles says so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

from data.naming import words

MOST_ROWS, MOST_COLUMNS = 500, 6
"""A table of codes is a small one."""
LONGEST = 12
Row = Mapping[str, str]
"""A row's texts by column."""


@dataclass(frozen=True)
class Meaning:
    """`text` is what `code` means in a column; the text itself stands in `table.column`, both of the list."""

    target: str
    code: str
    text: str
    table: str
    column: str


@dataclass(frozen=True)
class CodeList:
    """The codes of one kind with their texts, as a table lists them; `kind` is empty where it lists just one."""

    table: str
    column: str
    kind: str
    texts: Mapping[str, str]

    def about(self, column: str) -> bool:
        """Whether the list's kind is a word of the column's name: RLE of RLE_CD."""
        return bool(self.kind) and set(words(self.kind)) <= set(words(column))


def meanings(
    columns: Mapping[str, Mapping[str, Sequence[str]]],
    rows: Mapping[str, Sequence[Row]],
    linked: frozenset[str] = frozenset(),
) -> Iterator[Meaning]:
    """What the codes of all columns mean: `rows` are those of small tables, `linked` are columns that joins lead from."""
    lists = [found for table, listed in rows.items() for found in code_lists(table, listed)]
    tables = {found.table for found in lists}
    for table, by_column in columns.items():
        if table in tables:
            continue
        for column, texts in by_column.items():
            found = None if f"{table}.{column}" in linked else _fitting(column, texts, lists)
            for code in texts if found else ():
                assert found
                yield Meaning(f"{table}.{column}", code, found.texts[code], found.table, found.column)


def code_lists(table: str, rows: Sequence[Row]) -> Iterator[CodeList]:
    """The lists that a table holds; none where it holds other things."""
    columns = sorted({name for row in rows for name in row})
    full = [name for name in columns if all(name in row for row in rows)]
    if len(rows) < 2 or len(full) < 2:
        return
    text = max(full, key=lambda name: mean(len(row[name]) for row in rows))
    kinds = [name for name in full if name != text and len({row[name] for row in rows}) < len(rows)]
    for code in (name for name in full if name != text and all(len(row[name]) <= LONGEST for row in rows)):
        for kind in (*[name for name in kinds if name != code], ""):
            groups: dict[str, dict[str, str]] = defaultdict(dict)
            for row in rows:
                groups[row[kind] if kind else ""][row[code]] = row[text]
            if sum(map(len, groups.values())) == len(rows):
                yield from (CodeList(table, text, name, texts) for name, texts in groups.items())
                return


def _fitting(column: str, texts: Sequence[str], lists: Sequence[CodeList]) -> CodeList | None:
    """The list that holds all of a column's codes: the one of that kind, else the only one, or the only shortest."""
    fit = [found for found in lists if texts and set(texts) <= found.texts.keys()]
    named = [found for found in fit if found.about(column)]
    fit = named or [found for found in fit if len(texts) > 1]
    least = min((len(found.texts) for found in fit), default=0)
    shortest = [found for found in fit if len(found.texts) == least]
    return shortest[0] if len(shortest) == 1 else None
