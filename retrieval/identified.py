"""Numbers that name a row: 'staff member 103' is the key 103 of staff, or of a link to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from data.catalog import Catalog, Column
from data.units import NUMERIC, YEAR
from retrieval.hints import Hint

MOST = 3
_GAP = re.compile(r"\s*(?:(?:members?|numbers?|no\.?|nr\.?|ids?|codes?|is|=|:)\s*){0,2}#?\s*", re.I)
_FEW = re.compile(r"\d{1,10}")
_YEAR = re.compile(r"(?:year|yr)$", re.I)
_BARE_YEARS = re.compile(r"[^\d]*(?:19|20)\d\d(?:\D+(?:19|20)\d\d)?\s*(?:or \w+|onwards?)?", re.I)

_TITLED = re.compile(r"name|title|model|label|edition|make", re.I)
"""What the column is called that tells of what there are editions."""
_EDITION = re.compile(r"(?:(?:of|for|with|on|about) )?(?:the |our |a )?(?:19|20)\d\d", re.I)


def identified(question: str, hints: Sequence[Hint], catalog: Catalog) -> Iterator[Hint]:
    """The hints, in order, with targets for the numbers that follow a table's name or the name of its key, and with
    years as numbers where a column that keeps them so stands before."""
    tables = {hint.targets[0] for hint in hints if hint.kind == "table"}
    for index, hint in enumerate(hints):
        before = hints[index - 1] if index else None
        after = hints[index + 1] if index + 1 < len(hints) else None
        if hint.kind == "time" and after is not None and (edition := _edition(question, hint, after, catalog)):
            yield edition
        elif before is not None and hint.kind == "number":
            yield replace(hint, targets=tuple(_keys(question, before, hint, catalog, tables))[:MOST])
        elif before is not None and hint.kind == "time":
            yield _years(question, before, hint, catalog) or hint
        else:
            yield hint


def _keys(question: str, before: Hint, number: Hint, catalog: Catalog, tables: set[str]) -> Iterator[str]:
    gap = question[before.start + len(before.span) : number.start]
    if number.operator or not _FEW.fullmatch(number.span) or not _GAP.fullmatch(gap) or len(before.targets) != 1:
        return
    table, column = _key(before, catalog)
    if not column or not catalog.table(table).column(column).type.upper().startswith(NUMERIC):
        return
    yield f"{table}.{column}"
    for link in catalog.relationships:
        if (link.to_table, link.to_column) == (table, column) and link.table in tables | {table}:
            yield f"{link.table}.{link.column}"


def _key(before: Hint, catalog: Catalog) -> tuple[str, str | None]:
    """The key that a table's name stands for; a column where that is a key or leads to one."""
    if before.kind == "table":
        return before.targets[0], catalog.table(before.targets[0]).key
    table, _, name = before.targets[0].rpartition(".")
    links = {(link.table, link.column) for link in catalog.relationships}
    known = before.kind == "column" and (catalog.table(table).key == name or (table, name) in links)
    return table, name if known else None


def _years(question: str, before: Hint, hint: Hint, catalog: Catalog) -> Hint | None:
    """'Built before 2014' as '< 2014' where the year is kept as a number."""
    gap = question[before.start + len(before.span) : hint.start]
    if before.kind != "column" or gap.strip() or not _BARE_YEARS.fullmatch(hint.span):
        return None
    targets = tuple(target for target in before.targets if _keeps_years(_column(target, catalog)))
    since, until = (int(day[:4]) if day else None for day in hint.literals)
    if not targets or (since is None and until is None):
        return None
    if since is not None and until is not None:
        ends = (str(since),) if until - since == 1 else (str(since), str(until - 1))
        return replace(
            hint, kind="number", targets=targets, operator="=" if len(ends) == 1 else "between", literals=ends
        )
    operator, year = (">=", since) if since is not None else ("<", until)
    return replace(hint, kind="number", targets=targets, operator=operator, literals=(str(year),))


def _edition(question: str, hint: Hint, after: Hint, catalog: Catalog) -> Hint | None:
    """'The 2021 Estate Syrah' by the one column of its table that keeps years, and 'the 2021 vintage'."""
    gap = question[hint.start + len(hint.span) : after.start]
    if gap.strip() or not gap or not _EDITION.fullmatch(hint.span) or len(after.targets) != 1:
        return None
    table, _, name = after.targets[0].rpartition(".")
    if after.kind == "value" and not (name == catalog.table(table).label or _TITLED.search(name)):
        return None
    if after.kind == "column":
        years = [name] if _keeps_years(catalog.table(table).column(name)) else []
    else:
        years = [c.name for c in catalog.table(table).columns if _keeps_years(c)] if after.kind == "value" else []
    if len(years) != 1:
        return None
    year = hint.literals[0][:4]
    return replace(hint, kind="number", targets=(f"{table}.{years[0]}",), operator="=", literals=(year,))


def _keeps_years(column: Column) -> bool:
    named = column.unit == YEAR or bool(_YEAR.search(column.name))
    return named and column.type.upper().startswith(NUMERIC)


def _column(target: str, catalog: Catalog) -> Column:
    table, _, name = target.rpartition(".")
    return catalog.table(table).column(name)
