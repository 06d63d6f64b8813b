"""Views and measures of a catalogue: read, checked and given their columns when it is loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from data.catalog import Catalog, Column, Measure, SourceConfig, Table, nearest
from data.document import Document
from data.errors import DataError, Invalid
from data.functions import ALLOWED
from data.markup import Loc

if TYPE_CHECKING:
    from data.declarations import CatalogDeclaration, MeasureDeclaration


@dataclass(frozen=True)
class Part:
    """A table of the file with its place in it and the measures that it declares."""

    loc: Loc
    name: str
    measures: Sequence[MeasureDeclaration]


@dataclass(frozen=True)
class Parts:
    """The tables of the file by their full names in lower case."""

    by_name: Mapping[str, Part]

    @classmethod
    def of(cls, declared: CatalogDeclaration) -> Parts:
        found = {}
        for i, source in enumerate(declared.sources):
            for j, table in enumerate(source.tables):
                name = f"{source.name}.{table.name}"
                found[name.lower()] = Part(("sources", i, "tables", j), name, table.measures)
        return cls(found)


def complete(document: Document, catalog: Catalog, parts: Parts) -> Catalog:
    """The catalogue with its measures and with the columns of its views.

    Invalid, with the line, for a view that is no SELECT over tables of the catalogue, calls a function that is
    not on the shipped list, or is made of itself; and for a measure that is no aggregate over its table.
    """
    tables = {table.full_name.lower(): table for table in catalog.tables}
    for part in parts.by_name.values():
        table = tables[part.name.lower()]
        if table.view is None and part.measures:
            tables[part.name.lower()] = with_measures(document, part, table)
    for part in _in_order(document, _with(catalog, tables), parts):
        known = _with(catalog, tables)
        table = _viewed(document, part, known.table(part.name), known)
        tables[part.name.lower()] = with_measures(document, part, table)
    return _with(catalog, tables)


def _with(catalog: Catalog, tables: Mapping[str, Table]) -> Catalog:
    sources = (replace(s, tables=tuple(tables[t.full_name.lower()] for t in s.tables)) for s in catalog.sources)
    return replace(catalog, sources=tuple(sources))


def _in_order(document: Document, catalog: Catalog, parts: Parts) -> list[Part]:
    """The views, each behind those that it is made of."""
    views = {table.full_name.lower(): table for table in catalog.tables if table.view is not None}
    reads = {name: _reads(document, parts.by_name[name], table, catalog) for name, table in views.items()}
    order: list[Part] = []

    def visit(name: str, way: tuple[str, ...]) -> None:
        if name in way:
            circle = " → ".join((*way[way.index(name) :], name))
            raise document.invalid((*parts.by_name[name].loc, "sql"), f"the view is made of itself: {circle}.")
        if name in views and parts.by_name[name] not in order:
            for inner in reads[name]:
                visit(inner, (*way, name))
            order.append(parts.by_name[name])

    for name in views:
        visit(name, ())
    return order


def _reads(document: Document, part: Part, table: Table, catalog: Catalog) -> tuple[str, ...]:
    """The tables in a view's body, in lower case."""
    from data.gateway.bodies import named

    assert table.view is not None
    try:
        found = named(table.view.sql, catalog)
    except DataError as error:
        raise _refused(document, part.loc, error) from None
    return tuple(inner.full_name.lower() for inner in found)


def _viewed(document: Document, part: Part, table: Table, catalog: Catalog) -> Table:
    from data.declarations import with_roles
    from data.gateway.bodies import shape

    assert table.view is not None
    try:
        query, columns = shape(table.view.sql, catalog, ALLOWED)
    except DataError as error:
        raise _refused(document, part.loc, error) from None
    names = [column.name.lower() for column in columns]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise document.invalid((*part.loc, "sql"), f"the view gives two columns '{twice}'.", "Rename one with AS.")
    described = _described(document, part, table, columns)
    reads = tuple(sorted(inner.full_name for inner in query.tables))
    view = replace(table.view, reads=reads, columns=query.lineage)
    return with_roles(document, part.loc, replace(table, columns=described, view=view))


def _described(document: Document, part: Part, table: Table, columns: Sequence[Column]) -> tuple[Column, ...]:
    """The columns that the body gives, with what the file says about them."""
    from data.engines.database import same_type

    given = {column.name.lower(): column for column in columns}
    for at, column in enumerate(table.columns):
        loc = (*part.loc, "columns", at)
        if column.name.lower() not in given:
            raise document.invalid(loc, f"the view gives no column '{column.name}'.", nearest(column.name, given))
        found = given[column.name.lower()]
        if not same_type(column.type, found.type):
            said = f"'{column.name}' is declared as {column.type}, but the view gives {found.type}."
            raise document.invalid((*loc, "type"), said, "Correct the type, or CAST in the view.")
        given[column.name.lower()] = replace(column, name=found.name, type=found.type)
    return tuple(given.values())


def with_measures(document: Document, part: Part, table: Table) -> Table:
    """The table with its measures, which are checked."""
    found: dict[str, Measure] = {}
    for at, declared in enumerate(part.measures):
        loc = (*part.loc, "measures", at)
        if declared.name.lower() in found or declared.name in table:
            what = "a column" if declared.name in table else "another measure"
            raise document.invalid((*loc, "name"), f"'{declared.name}' is also the name of {what}.", "Rename it.")
        found[declared.name.lower()] = _measure(document, loc, table, declared)
    return replace(table, measures=tuple(found.values()))


def _measure(document: Document, loc: Loc, table: Table, declared: MeasureDeclaration) -> Measure:
    from data.gateway.bodies import shape
    from data.gateway.measures import aggregate, columns

    alone = Catalog((SourceConfig(table.source, "", "", tables=(table,)),))
    try:
        shape(aggregate(declared.expression, table), alone, ALLOWED)
    except DataError as error:
        at = (*loc, "expression")
        raise document.invalid(at, f"'{declared.expression}': {_lowered(error)}", error.remedy) from None
    facts = declared.model_dump(exclude={"synonyms"})
    return Measure(synonyms=tuple(declared.synonyms), columns=columns(declared.expression), **facts)


def _refused(document: Document, loc: Loc, error: DataError) -> Invalid:
    return document.invalid((*loc, "sql"), _lowered(error), error.remedy)


def _lowered(error: DataError) -> str:
    return f"{error.message[:1].lower()}{error.message[1:]}"
