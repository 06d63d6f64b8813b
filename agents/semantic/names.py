"""Names in plain words for what is stored under any name: lower snake_case, written out, and free of SQL's words."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import takewhile

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from data.catalog import Column, Table
from data.flags import ENDINGS
from data.kinds import is_flag
from data.naming import CODES, Lexicon, known, single, words
from data.units import LETTERS, NUMERIC, UNITS

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
THEMSELVES = known("ordinary") | {"no", "id", "max", "min"}
"""Short words that people read as they are."""
LAST = {"sk": "id", "pk": "id", "fk": "id"}
"""Marks at the end of a name, and what says the same to everybody."""
PROBE = "SELECT {0}, a.{0}, {0}.b, count({0}) FROM c.{0} WHERE {0} = 1 GROUP BY {0} ORDER BY {0} DESC"
LONELY = 3
"""Letters that a word must have more of to tell a table alone."""
READ = 7
"""Columns in the probe that have the name, or its table's."""
_RESERVED = """
all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create default
deferrable desc describe distinct do else end except false fetch for foreign from group having in initially intersect
into lambda lateral leading limit not null offset on only or order pivot pivot_longer pivot_wider placing primary
qualify references returning select show some summarize symmetric table then to trailing true union unique unpivot
using variadic when where window with
"""
RESERVED = frozenset(_RESERVED.split())
"""DuckDB's own words that another parser may take for names."""


@lru_cache(maxsize=20_000)
def fits(name: str) -> bool:
    """Whether the name can stand in a query without quotes, wherever a table or a column can."""
    if not IDENTIFIER.fullmatch(name) or name.lower() in RESERVED:
        return False
    try:
        tree = sqlglot.parse_one(PROBE.format(name), read="duckdb")
    except SqlglotError:
        return False
    return sum(name in (column.name, column.table) for column in tree.find_all(exp.Column)) == READ


def table_names(lexicon: Lexicon, tables: Sequence[Table]) -> list[str]:
    """A name for each table of one source: what stands already in plain words stays."""
    offers = [
        (_clean_table(t.name), _said(lexicon, lexicon.bare(t.name)), _said(lexicon, words(t.name))) for t in tables
    ]
    return _apart(_different(offers, [f"{said}s" for _, said, _ in offers], "table"))


def _apart(names: Sequence[str]) -> list[str]:
    """The names, where none begins with another one that ends at a word: of 'meter' and 'meter_reading' the second is
    'reading'. A model that writes from left to right has else chosen the first before it comes to where they differ."""
    found = list(names)
    for place, name in enumerate(names):
        longest = max((len(other) for other in names if name.startswith(f"{other}_")), default=0)
        rest, others = name[longest + 1 :], found[:place] + found[place + 1 :]
        free = not any(rest == o or rest.startswith(f"{o}_") or o.startswith(f"{rest}_") for o in others)
        if longest and fits(rest) and len(rest) > LONELY and free:
            found[place] = rest
    return found


def column_names(lexicon: Lexicon, owner: str, table: Table, links: Collection[str]) -> list[str]:
    """A name for each column of a table that is now called `owner`; `links` point at other rows."""
    offers = [
        (
            _clean_column(lexicon, table, c),
            _said(lexicon, _telling(lexicon, table, c), c),
            _said(lexicon, words(c.name), c),
        )
        for c in table.columns
    ]
    named = zip((column.name for column in table.columns), (said for _, said, _ in offers), strict=True)
    others = [f"{said}_id" if name in links else f"{single(owner)}_{said}" if said else "" for name, said in named]
    return _different(offers, others, "column")


def _clean_table(name: str) -> str:
    """The name itself where it is plain words already, that say nothing of how the store is built; else ""."""
    parts = words(name)
    built = len(parts) > 1 and (parts[0] in known("layers") or parts[-1] in known("layer_endings"))
    return name if _plain(name, parts) and not built else ""


def _clean_column(lexicon: Lexicon, table: Table, column: Column) -> str:
    """The same for a column: its first word may be its table's, but no mark of it."""
    parts = words(column.name)
    whole = parts[-1:] != ["sk"] and (lexicon.stem(table.name, column.name) == parts or parts[0] in words(table.name))
    return column.name if _plain(column.name, parts) and whole else ""


def _plain(name: str, parts: Sequence[str]) -> bool:
    return name == name.lower() and all(
        part in THEMSELVES or part in UNITS or not _lexicon().meanings(part) for part in parts
    )


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    """The general dictionary alone."""
    return Lexicon(())


def _telling(lexicon: Lexicon, table: Table, column: Column) -> list[str]:
    """The name's words without a letter for the unit or a mark of the type, which the column tells by itself."""
    parts = lexicon.stem(table.name, column.name)
    if len(parts) > 2 and column.unit and "".join(parts[-2:]) == column.unit.lower():
        return [*parts[:-2], column.unit.lower()]
    last = set(parts[1:][-1:])
    said = LETTERS if column.unit else ENDINGS if is_flag(column.format) else CODES if column.labels else ()
    return parts[:-1] if last & {*said} else parts


def _said(lexicon: Lexicon, parts: Sequence[str], column: Column | None = None) -> str:
    """The words written out in one identifier; numbers at its front go to its end."""
    measured = column is None or column.type.upper().startswith(NUMERIC)
    plain = (part in THEMSELVES or (measured and part in UNITS) for part in parts)
    meant = (long.replace(" ", "_") for long in lexicon.in_place(parts, column))
    found = [part if itself else long for part, itself, long in zip(parts, plain, meant, strict=True)]
    if len(found) > 1:
        found[-1] = LAST.get(parts[-1], found[-1])
    front = list(takewhile(lambda word: word[:1].isdigit(), found))
    return "_".join((*found[len(front) :], *front)) if len(front) < len(found) else ""


def _different(offers: Sequence[Sequence[str]], others: Sequence[str], kind: str) -> list[str]:
    """Of each row of offers the first that fits and is not taken; what is plain already is never taken from it."""
    taken = {first for first, *_ in offers if fits(first)}
    names = []
    for number, ((first, *rest), other) in enumerate(zip(offers, others, strict=True), start=1):
        wanted = [*rest, other]
        stem = next((name for name in wanted if fits(name)), f"{kind}_{number}")
        numbered = (f"{stem}_{count}" for count in range(2, len(offers) + 2))
        free = (name for name in (*wanted, stem, *numbered) if fits(name) and name not in taken)
        names.append(first if fits(first) else next(free))
        taken.add(names[-1])
    return names
