"""What a rule of the policy names: tables by a pattern or a tag, columns by their path or a tag."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from data.catalog import Catalog, Column, Table, nearest
from data.document import Document
from data.markup import Loc
from data.policy import BUILT_IN


def tables_of(
    document: Document, loc: Loc, catalog: Catalog, pattern: str | None, tag: str | None = None
) -> tuple[Table, ...]:
    """The tables that `pattern` names or that have `tag`: exactly one of the two is given.

    A pattern is `*` for the catalogue without the built-in source, `source.*`, `source.schema.*` for tables
    whose names begin with the schema's, or one table's name. Invalid for one that matches nothing.
    """
    if (pattern is None) == (tag is None):
        raise document.invalid(loc, "a rule is either `on` a table or for a `tag`.", "Give one of them.")
    if tag is not None:
        return _with_tag(document, (*loc, "tag"), catalog, tag)
    assert pattern is not None
    at = (*loc, "on")
    if pattern == "*":
        return tuple(table for table in catalog.tables if table.source.lower() != BUILT_IN)
    return _within(document, at, catalog, pattern) if pattern.endswith(".*") else _one(document, at, catalog, pattern)


def columns_of(
    document: Document, loc: Loc, catalog: Catalog, tag: str | None, paths: Sequence[str] | None
) -> Iterator[tuple[Table, Column, Loc]]:
    """The columns that have a tag, by themselves or by their table's, or that `paths` names as
    `source.table.column`; each with the place that names it."""
    if (tag is None) == (paths is None):
        kind = {"deny": "a denial", "masks": "a mask"}.get(str(loc[0]), "a rule")
        raise document.invalid(loc, f"{kind} names either a `tag` or `columns`.", "Give one of them.")
    if tag is not None:
        found = [(table, column) for table in catalog.tables for column in table.tagged(tag)]
        if not found:
            raise document.invalid((*loc, "tag"), f"no column has the tag '{tag}'.", nearest(tag, _tags(catalog)))
        yield from ((table, column, (*loc, "tag")) for table, column in found)
    for at, path in enumerate(paths or ()):
        yield *_column(document, (*loc, "columns", at), catalog, path), (*loc, "columns", at)


def column_named(document: Document, loc: Loc, table: Table, name: str) -> Column:
    """The column of a table; Invalid when it has none of that name."""
    if name not in table:
        hint = nearest(name, (column.name for column in table.columns))
        raise document.invalid(loc, f"'{table.full_name}' has no column '{name}'.", hint)
    return table.column(name)


def _column(document: Document, loc: Loc, catalog: Catalog, path: str) -> tuple[Table, Column]:
    found = catalog.locate(path)
    if found is None:
        known = (f"{table.full_name}.{column.name}" for table in catalog.tables for column in table.columns)
        raise document.invalid(loc, f"there is no column '{path}' in the catalogue.", nearest(path, known))
    return found


def _with_tag(document: Document, loc: Loc, catalog: Catalog, tag: str) -> tuple[Table, ...]:
    found = tuple(table for table in catalog.tables if tag in table.tags)
    if not found:
        known = {name for table in catalog.tables for name in table.tags}
        raise document.invalid(loc, f"no table has the tag '{tag}'.", nearest(tag, known))
    return found


def _within(document: Document, loc: Loc, catalog: Catalog, pattern: str) -> tuple[Table, ...]:
    prefix = pattern[:-1].lower()
    found = tuple(table for table in catalog.tables if table.full_name.lower().startswith(prefix))
    names = [source.name for source in catalog.sources]
    if not found and prefix[:-1] not in (name.lower() for name in names):
        what = "schema" if "." in prefix[:-1] else "source"
        known = {t.full_name.rsplit(".", 1)[0] for t in catalog.tables} if what == "schema" else set(names)
        raise document.invalid(loc, f"there is no {what} '{pattern[:-2]}'.", nearest(pattern[:-2], known))
    return found


def _one(document: Document, loc: Loc, catalog: Catalog, name: str) -> tuple[Table, ...]:
    if name not in catalog:
        hint = nearest(name, (table.full_name for table in catalog.tables))
        raise document.invalid(loc, f"there is no table '{name}' in the catalogue.", hint)
    return (catalog.table(name),)


def _tags(catalog: Catalog) -> set[str]:
    own = {name for table in catalog.tables for column in table.columns for name in column.tags}
    return own | {name for table in catalog.tables for name in table.tags}
