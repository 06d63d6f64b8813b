"""How a catalogue is written down: the YAML file, checked line by line."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from data.catalog import Catalog, Column, Relationship, SourceConfig, Table, View, nearest
from data.document import Document
from data.documents import KIND as DOCUMENTS
from data.location import Location, expand
from data.markup import Loc
from data.sources import KINDS

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
TYPES = """
BOOLEAN TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT UHUGEINT FLOAT REAL DOUBLE
DECIMAL VARCHAR TEXT CHAR BLOB DATE TIME TIMETZ TIMESTAMP TIMESTAMPTZ TIMESTAMP_S TIMESTAMP_MS TIMESTAMP_NS
INTERVAL UUID JSON BIT ENUM STRUCT MAP INT BOOL STRING NUMERIC
"""
VIEWS = "views"
"""The kind of source that has no store: its tables are SELECTs over other ones."""

RESERVED = frozenset({"system", "temp", "main", "memory", "information_schema", "pg_catalog", "lakewright"})


def is_type(value: str) -> bool:
    """Whether a column of the catalogue may have this type."""
    return re.split(r"[(\[ ]", value.strip().upper(), maxsplit=1)[0] in TYPES.split()


@lru_cache(maxsize=4_096)
def _type(value: str) -> str:
    if not is_type(value):
        raise ValueError("not a column type; use one such as BIGINT, VARCHAR, DOUBLE, DATE or TIMESTAMP")
    return value.strip()


def _source_name(value: str) -> str:
    if not IDENTIFIER.fullmatch(value):
        raise ValueError("a source's name has only letters, digits and underscores")
    if value.lower() in RESERVED:
        raise ValueError("this name is kept for the engine; choose another")
    return value


def _measure_name(value: str) -> str:
    if not IDENTIFIER.fullmatch(value):
        raise ValueError("a measure's name has only letters, digits and underscores")
    return value


def _format(value: str) -> str:
    yes, slash, no = value.partition("/")
    if "%" not in value and not (yes and slash and no and yes != no and "/" not in no):
        raise ValueError("no format of dates, nor two marks for yes and no; write it as '%Y%m%d' or as 'Y/N'")
    return value


def _labels(value: dict[str, str]) -> dict[str, str]:
    twice = next((label for label in value.values() if list(value.values()).count(label) > 1), None)
    if twice is not None:
        raise ValueError(f"the label '{twice}' stands for two codes; give each a label of its own")
    return value


def _kind(value: str) -> str:
    if value not in KINDS:
        raise ValueError(f"not a kind of source; use one of {', '.join(sorted(KINDS))}")
    return value


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class ColumnDeclaration(_Declared):
    name: str = Field(min_length=1)
    type: Annotated[str, AfterValidator(_type)]
    description: str = ""
    synonyms: list[str] = Field(default_factory=list)
    unit: str | None = None
    tags: list[str] = Field(default_factory=list)
    format: Annotated[str, AfterValidator(_format)] | None = None
    labels: Annotated[dict[str, str], AfterValidator(_labels)] = Field(default_factory=dict)
    legend: str = ""
    draft: bool = False


class MeasureDeclaration(_Declared):
    name: Annotated[str, AfterValidator(_measure_name)]
    expression: str = Field(min_length=1)
    unit: str | None = None
    description: str = ""
    synonyms: list[str] = Field(default_factory=list)
    owner: str = ""


class TableDeclaration(_Declared):
    name: str = Field(min_length=1)
    description: str = ""
    synonyms: list[str] = Field(default_factory=list)
    key: str | None = None
    label: str | None = None
    time: str | None = None
    tags: list[str] = Field(default_factory=list)
    columns: Annotated[list[ColumnDeclaration], Field(min_length=1)] | None = None
    measures: list[MeasureDeclaration] = Field(default_factory=list)
    sql: Annotated[str, Field(min_length=1)] | None = None
    rights: Literal["definer", "invoker"] | None = None
    draft: bool = False


class SourceDeclaration(_Declared):
    name: Annotated[str, AfterValidator(_source_name)]
    kind: Annotated[str, AfterValidator(_kind)]
    location: Annotated[str, Field(min_length=1)] | None = None
    owner: str = ""
    description: str = ""
    tables: list[TableDeclaration] = []


class RelationshipDeclaration(_Declared):
    from_: str = Field(alias="from")
    to: str


class CatalogDeclaration(_Declared):
    version: int = Field(ge=1, le=1)
    sources: list[SourceDeclaration] = []
    relationships: list[RelationshipDeclaration] = []


def load_catalog(path: Path) -> Catalog:
    """Read, check and freeze a catalogue file."""
    with _keeping_all():
        return catalog_of(Document.load(path))


@contextmanager
def _keeping_all() -> Iterator[None]:
    """Without looking for garbage: of a large catalogue there is none, and looking takes twice as long as reading."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def catalog_of(document: Document) -> Catalog:
    """The catalogue that a document declares; Invalid names its line otherwise."""
    declared = document.read(CatalogDeclaration)
    _refuse_twice(document, ("sources",), (source.name for source in declared.sources))
    sources = tuple(_source(document, ("sources", i), source) for i, source in enumerate(declared.sources))
    catalog = _completed(document, declared, Catalog(sources))
    links = (_relationship(document, catalog, i, link) for i, link in enumerate(declared.relationships))
    return replace(catalog, relationships=tuple(links))


def _completed(document: Document, declared: CatalogDeclaration, catalog: Catalog) -> Catalog:
    """The catalogue with its views' columns, once these and all measures have been checked."""
    if not any(table.measures or table.sql for source in declared.sources for table in source.tables):
        return catalog
    from data.views import Parts, complete

    return complete(document, catalog, Parts.of(declared))


def _source(document: Document, loc: Loc, declared: SourceDeclaration) -> SourceConfig:
    at = (*loc, "tables")
    _refuse_twice(document, at, (table.name for table in declared.tables))
    if (declared.location is None) != (declared.kind == VIEWS):
        known = "'location' is missing." if declared.kind != VIEWS else "a source of views has no location."
        raise document.invalid((*loc, "location"), known, "Add it." if declared.kind != VIEWS else "Remove it.")
    if declared.kind == DOCUMENTS and declared.tables:
        raise document.invalid(at, f"'{declared.name}' is a folder of documents: it has no tables.", "Remove them.")
    return SourceConfig(
        name=declared.name,
        kind=declared.kind,
        location=_expand(document, (*loc, "location"), declared.location or ""),
        owner=declared.owner,
        description=declared.description,
        tables=tuple(_table(document, (*at, i), declared, t) for i, t in enumerate(declared.tables)),
    )


def _table(document: Document, loc: Loc, source: SourceDeclaration, declared: TableDeclaration) -> Table:
    _refuse_twice(document, (*loc, "columns"), (column.name for column in declared.columns or ()))
    table = Table(
        source=source.name,
        name=declared.name,
        description=declared.description,
        synonyms=tuple(declared.synonyms),
        columns=tuple(_column(column) for column in declared.columns or ()),
        key=declared.key,
        label=declared.label,
        time=declared.time,
        tags=frozenset(declared.tags),
        view=_view(document, loc, source, declared),
        draft=declared.draft,
    )
    return table if table.view is not None else with_roles(document, loc, table)


def _view(document: Document, loc: Loc, source: SourceDeclaration, declared: TableDeclaration) -> View | None:
    needed = "sql" if source.kind == VIEWS else "columns"
    if getattr(declared, needed) is None:
        raise document.invalid((*loc, needed), f"'{needed}' is missing.", "Add it.")
    for name in ("sql", "rights"):
        if source.kind != VIEWS and getattr(declared, name) is not None:
            raise document.invalid((*loc, name), f"only a view has '{name}'.", f"Put it into a source of kind {VIEWS}.")
    return View(declared.sql, declared.rights or "definer") if declared.sql is not None else None


def with_roles(document: Document, loc: Loc, table: Table) -> Table:
    """The table itself; Invalid when its key, label or time is none of its columns."""
    for role in ("key", "label", "time"):
        column = getattr(table, role)
        if column is not None and column not in table:
            hint = nearest(column, (known.name for known in table.columns))
            raise document.invalid(
                (*loc, role), f"{role} is '{column}', which is not a column of '{table.name}'.", hint
            )
    return table


def _column(declared: ColumnDeclaration) -> Column:
    synonyms, tags = tuple(declared.synonyms), frozenset(declared.tags)
    return Column(
        declared.name,
        declared.type,
        declared.description,
        synonyms,
        declared.unit,
        tags,
        format=declared.format,
        draft=declared.draft,
        labels=tuple(declared.labels.items()),
        legend=declared.legend,
    )


def _relationship(document: Document, catalog: Catalog, index: int, declared: RelationshipDeclaration) -> Relationship:
    ends = []
    for side, path in (("from", declared.from_), ("to", declared.to)):
        found = catalog.locate(path)
        if found is None:
            known = (f"{table.full_name}.{column.name}" for table in catalog.tables for column in table.columns)
            loc = ("relationships", index, side)
            raise document.invalid(loc, f"there is no column '{path}' in this catalogue.", nearest(path, known))
        ends += [found[0].full_name, found[1].name]
    return Relationship(*ends)


def _expand(document: Document, loc: Loc, text: str) -> Location:
    try:
        return expand(text)
    except ValueError as error:
        message, remedy = error.args
        raise document.invalid(loc, message, remedy) from None


def _refuse_twice(document: Document, loc: Loc, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name.lower() in seen:
            raise document.invalid((*loc, index, "name"), f"'{name}' is declared twice.", "Rename one of them.")
        seen.add(name.lower())
