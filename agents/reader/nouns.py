"""What phrases of linked words name: tables, a column, and what their adjectives ask of the rows."""

from __future__ import annotations

import re
from collections.abc import Iterable

from agents.columns import measures, times
from agents.grammar import quote
from agents.reader.frame import Measure, Noun, Targets, Test
from agents.reader.marked import MARK, Marked, table_of
from data.catalog import Table
from data.naming import single, words
from retrieval.hints import Hint

ART = r"(?:(?:the|an?|its|their|our|his|her|all|any|such|new|own|single) )?"
NP = rf"(?:{ART}(?:<[tcfwv]\d+> ?)+(?:(?:of|on|in|from|for) {ART}(?:<[tcfwv]\d+> ?)+)?)"
"""A phrase: `captured payment amount`, `amount of captured payments`."""
_LARGE = ("amount", "value", "price", "total")
_LONG = ("duration", "seconds", "minutes", "hours", "length", "time", "played")


def noun(said: str, marked: Marked) -> Noun:
    """The noun of a phrase. Of several columns the last is meant, but what stands behind 'of' only says whose."""
    parts = re.split(r" (?:of|on|in|from|for) ", said.strip(), maxsplit=1) if MARK.search(said) else [said]
    head, whose = (parts[0], parts[1]) if len(parts) > 1 else (said, "")
    tables: list[str] = []
    columns: list[Targets] = []
    tests: list[Test] = []
    verbs: list[Targets] = []
    for part, own in ((head, True), (whose, not MARK.search(head))):
        for found in MARK.finditer(part):
            hint, kind = marked.hints[int(found[2])], found[1]
            if kind == "t":
                tables.append(table_of(hint))
            elif kind == "v":
                tests.append(Test(hint.targets, f" = {quote(hint.literals[0])}"))
            elif kind == "f":
                tests.append(Test(hint.targets, ""))
            elif kind == "c" and _had(hint, part[found.end() :], marked):
                tests.append(Test(hint.targets, " IS NOT NULL"))
            elif kind == "w":
                verbs.append(hint.targets)
            elif (own or not columns) and not (columns and _again(hint, columns[-1])):
                columns.append(hint.targets)
    if MARK.search(head):
        tables = [*(table for table in tables if table not in _tables(head, marked)), *_tables(head, marked)]
    near = [*tables, *(target.rpartition(".")[0] for verb in verbs for target in verb)]
    near += [] if len(columns[-1:] and columns[-1]) < 2 else _pointed(said, columns[-1], marked)
    return Noun(tuple(tables), _narrowed(columns[-1], near, marked) if columns else (), tuple(tests), tuple(verbs))


def _had(hint: Hint, behind: str, marked: Marked) -> bool:
    """Whether a word says that rows have what a column tells: `tipped payments`."""
    rows = re.match(r" (?:<[vf]\d+> )*<t(\d+)>", behind)
    if rows is None or not hint.span.lower().endswith("ed"):
        return False
    table = table_of(marked.hints[int(rows[1])])
    named = {word for target in hint.targets for word in words(target.rpartition(".")[2])}
    return hint.span.lower() not in named and any(target.rpartition(".")[0] == table for target in hint.targets)


def _pointed(said: str, column: Targets, marked: Marked) -> list[str]:
    """The tables of the things that a phrase points at: `country of the listener`, of the user who is one."""
    keys = {t for m in MARK.finditer(said) if m[1] == "c" for t in marked.hints[int(m[2])].targets}
    links = [link for link in marked.catalog.relationships if f"{link.table}.{link.column}" in keys]
    own = {target.rpartition(".")[0] for target in column}
    return [link.to_table for link in links if link.table not in own]


def _tables(said: str, marked: Marked) -> list[str]:
    return [table_of(marked.hints[int(m[2])]) for m in MARK.finditer(said) if m[1] == "t"]


def _again(hint: Hint, before: Targets) -> bool:
    """Whether a word is part of the name of the column that stands before it: `sold coin` is `from_coin`."""
    said = {single(word) for word in words(hint.span)}
    return any(said <= {single(word) for word in words(target.rpartition(".")[2])} for target in before)


def _narrowed(targets: Targets, tables: list[str], marked: Marked) -> Targets:
    """Of the columns that a word may mean, that of a table that is named beside it, or of the one that its rows point
    at."""
    pointed = [link.to_table for link in marked.catalog.relationships if tables[-1:] == [link.table]]
    for near in (tables, pointed):
        if own := tuple(target for target in targets if target.rpartition(".")[0] in near):
            return own
    return targets


def amount(marked: Marked, table: Table, said: str = "") -> Targets:
    """The number that the size of a thing is told by: its duration for what is long, an amount for anything else."""
    able = measures(marked.catalog, table)
    liked = _LONG if said.startswith(("long", "short")) else _LARGE
    named = [column.name for column in able if any(word in column.name.lower().split("_") for word in liked)]
    money = [column.name for column in able if column.unit]
    if liked is _LONG:
        money, able = [], tuple(column for column in able if not column.unit)
    first = next(iter((*named, *money)), able[0].name if len(able) == 1 else "")
    return (f"{table.full_name}.{first}",) if first else ()


def moment(marked: Marked, name: str) -> Targets:
    """When a row of a table was."""
    table = marked.table(name)
    column = table.time or next((column.name for column in times(table)), "")
    return (f"{name}.{column}",) if column else ()


def is_time(targets: Targets, marked: Marked) -> bool:
    table, column = marked.column(targets[0])
    return column.name in {one.name for one in times(table)}


def is_measure(targets: Targets, marked: Marked) -> bool:
    table, column = marked.column(targets[0])
    return column.name in {one.name for one in measures(marked.catalog, table)}


def owner(targets: Targets, tables: Iterable[str] = ()) -> str:
    """The table of a column, that of `tables` first."""
    named = [target.rpartition(".")[0] for target in targets]
    return next((name for name in named if name in tables), named[0])


def rows(table: str, tests: tuple[Test, ...] = ()) -> Measure:
    """How many rows a table has."""
    return Measure("count", table, (), tests)


_LENGTHS = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0}


def divisor(said: str, column: Targets, marked: Marked) -> float:
    """What a column is divided by to be told in a unit of money or time; 0 where it can't be."""
    unit = marked.column(column[0])[1].unit or ""
    if said in ("usd", "dollars"):
        return float(unit == "USD")
    own = {"s": 1.0, "min": 60.0, "h": 3600.0}.get(unit, 0)
    return _LENGTHS.get(single(said), 0) / own if own else 0
