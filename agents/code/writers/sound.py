"""What a model's query can't mean: joins that lead nowhere, values that no column has, rows that a task leaves out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sqlglot import exp

from agents import statement
from agents.columns import texts
from data.catalog import Catalog, Table
from retrieval import Context

PAIR = 2
WHOLE = 60
"""Different texts of a column up to which all of them are known."""
OUT = (
    r"(?:skip(?:ping)?|exclud(?:e|es|ed|ing)|except(?: for)?|other than|apart from|leav(?:e|ing) out|ignor(?:e|ing)"
    r"|omit(?:ting)?|not counting|but not|drop(?:ping)?)(?: the| any| all| our)*"
)


def sound(tree: exp.Query, found: Context, catalog: Catalog) -> bool:
    """Whether a query over a catalogue can be what is asked for, by what `found` tells of the question."""
    return not any((*_strayed(tree, catalog), *_unknown(tree, found, catalog), *_taken_in(tree, found)))


def _strayed(tree: exp.Query, catalog: Catalog) -> Iterator[str]:
    """Equalities of a key with what it does not stand for."""
    links = {(r.table, r.column): (r.to_table, r.to_column) for r in catalog.relationships}
    for test in tree.find_all(exp.EQ):
        sides = [side for side in (test.this, test.expression) if isinstance(side, exp.Column)]
        places = [place for side in sides if (place := place_of(side, catalog))]
        ends = {_end((table.full_name, name), links) for table, name in places}
        if len(places) == len(ends) == PAIR and any(_is_key(table, name, links) for table, name in places):
            yield test.sql()


def _end(place: tuple[str, str], links: Mapping[tuple[str, str], tuple[str, str]]) -> tuple[str, str]:
    """What a column stands for: the key that it points at, at the end of all links."""
    seen = {place}
    while place in links and links[place] not in seen:
        place = links[place]
        seen.add(place)
    return place


def _is_key(table: Table, name: str, links: Mapping[tuple[str, str], tuple[str, str]]) -> bool:
    return name == table.key or (table.full_name, name) in links


def place_of(column: exp.Column, catalog: Catalog) -> tuple[Table, str] | None:
    """The table and the name of a column; None where it is of a sub-query, or can't be told."""
    select = column.find_ancestor(exp.Select)
    while select is not None:
        tables = _tables(select, catalog)
        for alias, table in tables.items():
            if table is not None and column.table.lower() in ("", alias) and column.name in table:
                return (table, column.name) if column.table or len(tables) == 1 else None
        if column.table.lower() in tables:
            return None
        select = select.find_ancestor(exp.Select)
    return None


def _tables(select: exp.Select, catalog: Catalog) -> dict[str, Table | None]:
    """The tables of a FROM by alias, None for a sub-query."""
    return {node.alias_or_name.lower(): statement.table(node, catalog) for node in statement.sources(select)}


def _unknown(tree: exp.Query, found: Context, catalog: Catalog) -> Iterator[str]:
    """Texts that are compared with a column of which all are known, and that it has not."""
    for column, text in compared(tree):
        place = place_of(column, catalog)
        if place is None or not any(text.name == place[1] for text in texts(place[0])):
            continue
        values = found.values.get(place[0].full_name, {}).get(place[1], ())
        if 0 < len(values) <= WHOLE and text not in values:
            yield text


def _taken_in(tree: exp.Query, found: Context) -> Iterator[str]:
    """Values that the task leaves out and the query asks for."""
    asked = {text.casefold() for column, text in compared(tree) if not _denied(column)}
    for hint in found.hints:
        out = hint.kind == "value" and re.search(rf"\b{OUT} $", found.question[: hint.start], re.IGNORECASE)
        if out and any(literal.casefold() in asked for literal in hint.literals):
            yield hint.span


def compared(tree: exp.Query) -> Iterator[tuple[exp.Column, str]]:
    """The columns that are compared with texts, and the texts."""
    for test in tree.find_all(exp.EQ, exp.NEQ, exp.In):
        texts = test.expressions if isinstance(test, exp.In) else [test.expression]
        for text in texts:
            if isinstance(test.this, exp.Column) and isinstance(text, exp.Literal) and text.is_string:
                yield test.this, text.name


def _denied(column: exp.Column) -> bool:
    """Whether a comparison is one that rows must not meet."""
    return isinstance(column.parent, exp.NEQ) or column.find_ancestor(exp.Not) is not None
