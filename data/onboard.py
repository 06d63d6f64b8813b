"""Sources come and go: the catalogue's text is added to and cut, so that its comments and order stay."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from data import manuscript, personal
from data.catalog import Catalog, Column, SourceConfig, Table
from data.declarations import VIEWS, catalog_of, is_type
from data.document import Document
from data.documents import KIND as DOCUMENTS
from data.errors import Invalid, Unavailable
from data.infill import infill
from data.kinship import Link
from data.manuscript import add_relationships, add_source, cut_source
from data.policy import Policy, is_text
from data.sources import open_source
from data.sources.base import Found
from data.survey import Survey, survey

EMPTY = """\
# What there is and what it means. Describe tables and columns: answers get better.
version: 1
"""


@dataclass(frozen=True)
class Added:
    """A source as it now stands in the catalogue, and what was seen in it."""

    config: SourceConfig
    survey: Survey


def add(
    home: Path,
    name: str,
    kind: str,
    location: str,
    *,
    catalog: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Added:
    """Look through a store and append it to the home's catalogue: tables, columns, keys and links, with evidence.

    Invalid for a name that is taken or an unknown kind, Unavailable for a store that does not answer.
    """
    if kind == DOCUMENTS:
        raise Invalid(f"'{location}' would be a folder of documents.", f"Use: lakewright documents add {name} FOLDER")
    path = catalog or home / "catalog.yaml"
    text = path.read_text(encoding="utf-8") if path.exists() else EMPTY
    place = _place(home, location)
    document = Document.parse(path, add_source(text, name, kind, place, ()))
    empty = catalog_of(document).source(name)
    found = open_source(empty, home).tables()
    if not found:
        raise Invalid(f"There is no table at '{location}'.", f"Give the location of a {kind} store that has one.")
    tables = tuple(_table(name, table) for table in found)
    seen = survey(open_source(replace(empty, tables=tables), home), tables, tuple(_links(found)), say)
    grown = add_source(text, name, kind, place, seen.tables, seen.notes)
    return Added(_save(home, path, add_relationships(grown, list(_ends(name, seen)), seen.notes)).source(name), seen)


def add_documents(home: Path, name: str, location: str, *, owner: str = "", description: str = "") -> SourceConfig:
    """Append a folder of documents to the home's catalogue.

    Invalid for a name that is taken, Unavailable where there is no folder.
    """
    path = home / "catalog.yaml"
    text = path.read_text(encoding="utf-8") if path.exists() else EMPTY
    if not Path(location).expanduser().is_dir():
        raise Unavailable(f"There is no folder at '{location}'.", "Give the path of a folder with documents.")
    about = {"owner": owner, "description": description}
    return _save(home, path, add_source(text, name, DOCUMENTS, _place(home, location), (), about=about)).source(name)


def redraft(
    home: Path, name: str, *, catalog: Path | None = None, say: Callable[[str], None] = lambda _: None
) -> Added:
    """Look through a source of the catalogue again: drafts go where nothing is said of a table or a column, tables and
    columns that are new in the store are appended, with the links of new tables. All else stays as it is written.

    NotFound for an unknown source, Invalid for one of views, Unavailable for a store that does not answer.
    """
    path = catalog or home / "catalog.yaml"
    whole = Catalog.load(path)
    config = whole.source(name)
    if config.kind == DOCUMENTS:
        raise Invalid(f"'{config.name}' has documents and no tables.", "Use: lakewright documents refresh")
    if config.kind == VIEWS:
        raise Invalid(f"'{config.name}' is a source of views: it has no store to look at.", "Describe its views.")
    found = open_source(config, home).tables()
    tables = tuple(_merged(config, found))
    links = (*_known_links(whole, config), *_links(found))
    seen = survey(open_source(replace(config, tables=tables), home), tables, links, say)
    text = infill(path.read_text(encoding="utf-8"), replace(config, tables=seen.tables), seen.notes)
    old = {table.name for table in config.tables}
    fresh = replace(seen, links=tuple(link for link in seen.links if not {link.table, link.to_table} <= old))
    saved = _save(home, path, add_relationships(text, list(_ends(config.name, fresh)), seen.notes))
    return Added(saved.source(name), seen)


def remove(home: Path, name: str, *, catalog: Path | None = None) -> SourceConfig:
    """Cut a source out of the home's catalogue, with its relationships; its store is not touched.

    NotFound for an unknown source, Invalid when the policy still names something of it.
    """
    path = catalog or home / "catalog.yaml"
    gone = Catalog.load(path).source(name)
    _save(home, path, cut_source(path.read_text(encoding="utf-8"), gone.name))
    return gone


def graft(home: Path, addition: str) -> Catalog:
    """Append the sources and relationships of another catalogue's text to the home's; the whole as it now is.

    Invalid when a name is taken, or the home's policy does not fit.
    """
    path = home / "catalog.yaml"
    return _save(home, path, manuscript.graft(path.read_text(encoding="utf-8"), addition))


def declare(home: Path, table: Table) -> Catalog:
    """Append a table to a source of the home's catalogue; the whole as it now is.

    Invalid where the source's tables are not written as a list of lines, or the home's policy does not fit.
    """
    path = home / "catalog.yaml"
    text = path.read_text(encoding="utf-8")
    config = catalog_of(Document.parse(path, text)).source(table.source)
    return _save(home, path, infill(text, replace(config, tables=(*config.tables, table)), {}))


def _place(home: Path, location: str) -> str:
    """A location as the catalogue keeps it: within the home relative to it, else absolute; a URL stays."""
    if "://" in location or "${" in location:
        return location
    here = Path(location).expanduser().resolve()
    if not here.exists():
        return location
    return str(here.relative_to(home.resolve())) if here.is_relative_to(home.resolve()) else str(here)


def _table(source: str, found: Found) -> Table:
    columns = tuple(column if is_type(column.type) else replace(column, type="VARCHAR") for column in found.columns)
    label = next((column.name for column in found.columns if _is_label(column)), None)
    times = (column for column in found.columns if column.type.startswith(("TIMESTAMP", "DATE")))
    # A date of birth tells about a person, not when something happened.
    time = next((column.name for column in times if not personal.named(found.name, column.name)), None)
    return Table(source, found.name, found.description, columns=columns, key=found.key, label=label, time=time)


def _merged(config: SourceConfig, found: Sequence[Found]) -> Iterator[Table]:
    """The catalogue's tables with the columns that are new in the store, then the store's new tables. What the store
    has no more is left to `catalog check`."""
    stored = {table.name.lower(): table for table in found}
    for table in config.tables:
        there = stored.pop(table.name.lower(), None)
        if there is not None:
            new = _table(config.name, there).columns
            yield replace(table, columns=(*table.columns, *(column for column in new if column.name not in table)))
    yield from (_table(config.name, table) for table in stored.values())


def _known_links(catalog: Catalog, config: SourceConfig) -> Iterator[Link]:
    within = f"{config.name}."
    for known in catalog.relationships:
        if known.table.startswith(within) and known.to_table.startswith(within):
            ends = known.table.removeprefix(within), known.column, known.to_table.removeprefix(within), known.to_column
            yield Link(*ends)


def _is_label(column: Column) -> bool:
    return is_text(column) and column.name.lower() in {"name", "title", "label", "full_name", "display_name"}


def _links(found: Sequence[Found]) -> Iterator[Link]:
    known = {table.name.lower(): table for table in found}
    for table in found:
        for column, to_table, to_column in table.foreign:
            target = known.get(to_table.lower())
            if target and to_column.lower() in {known.name.lower() for known in target.columns}:
                yield Link(table.name, column, target.name, to_column)


def _ends(source: str, seen: Survey) -> Iterator[tuple[str, str]]:
    for link in seen.links:
        yield f"{source}.{link.table}.{link.column}", f"{source}.{link.to_table}.{link.to_column}"


def _save(home: Path, path: Path, text: str) -> Catalog:
    """Write the text only if it is a catalogue that the home's policy fits, and all at once."""
    catalog = catalog_of(Document.parse(path, text))
    if path.parent == home and (home / "policy.yaml").exists():
        Policy.load(home / "policy.yaml", catalog)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
        file.write(text)
    Path(file.name).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
    os.replace(file.name, path)
    return catalog
