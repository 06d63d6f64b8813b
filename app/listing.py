"""What a caller sees of the catalogue, with row counts and versions as they see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from data.catalog import Catalog, Table, nearest
from data.errors import DataError, NotFound

if TYPE_CHECKING:
    from data.gateway import Gateway
    from data.policy import Principal
    from retrieval import Retriever
    from retrieval.documents import Passage
    from retrieval.documents.library import Shelf


COUNTED = 200
"""Tables whose rows are counted; of more, the list has no row counts."""


def listing(
    gateway: Gateway, principal: Principal, name: str | None = None, only: Sequence[str] | None = None
) -> list[dict[str, Any]]:
    """Every visible table, those of one name, or `only` some; NotFound if the caller sees no such table or source.

    `rows` is None where a store can't be reached, and for all tables when they are more than COUNTED.
    The lakehouse's own tables are shown by their name alone: counting their rows moves the audit trail.
    """
    visible = gateway.visible(principal)
    wanted = gateway.askable(principal).tables if name is None else _named(visible, name)
    wanted = wanted if only is None else [table for one in only for table in _named(visible, one)]
    kinds = {source.name: source.kind for source in visible.sources}
    sizes: dict[str, tuple[int, str]] = {}
    for source in kinds if len(wanted) <= COUNTED else ():
        sizes |= _sizes(gateway, principal, [table for table in wanted if table.source == source])
    return [_described(gateway, principal, table, kinds[table.source], sizes) for table in wanted]


def found(gateway: Gateway, retriever: Retriever, principal: Principal, query: str, top: int) -> list[Table]:
    """The visible tables that fit some words, best first."""
    visible = gateway.askable(principal)
    if not visible.tables:
        return []
    scores = retriever.reader(principal).index.tables(query)
    names = sorted((name for name in scores if name in visible), key=lambda name: -scores[name])
    return [visible.table(name) for name in names[:top]]


def shelf_of(shelf: Shelf) -> dict[str, Any]:
    """A source of documents with those of its files that the caller may read."""
    files = [
        {
            "file": file.path,
            "title": file.title,
            "version": file.digest,
            "read_at": file.read_at.isoformat(),
            "problem": file.problem,
        }
        for file in shelf.files
    ]
    config = shelf.config
    return {"name": config.name, "owner": config.owner, "description": config.description, "files": files}


def passage_of(passage: Passage, score: float) -> dict[str, Any]:
    """A passage with the place where it stands; `score` is how near the question it is, from -1 to 1."""
    place = {"page": passage.page, "start": passage.start, "end": passage.end}
    about = {"document": passage.document, "version": passage.digest, "heading": passage.heading}
    return {**about, **place, "text": passage.text, "score": round(score, 4)}


def _named(visible: Catalog, name: str) -> Sequence[Table]:
    if name in visible:
        return (visible.table(name),)
    tables = [table for table in visible.tables if table.source.lower() == name.lower()]
    if not tables:
        known = [*(table.full_name for table in visible.tables), *(source.name for source in visible.sources)]
        raise NotFound(f"There is no table or source '{name}'.", nearest(name, known))
    return tables


def _sizes(gateway: Gateway, principal: Principal, tables: Sequence[Table]) -> dict[str, tuple[int, str]]:
    """Rows and version by table; nothing of a source that can't be reached."""
    if not tables:
        return {}
    counts = (f"SELECT {_text(t.full_name)} AS name, count(*) AS n FROM {_name(t)}" for t in tables)
    try:
        result = gateway.query(principal, " UNION ALL ".join(counts))
    except DataError:
        return {}
    versions = {use.table: use.version for use in result.sources}
    names, numbers = (column.to_pylist() for column in result.table.columns)
    return {name: (n, versions.get(name, "")) for name, n in zip(names, numbers, strict=True)}


def _version(gateway: Gateway, table: Table) -> str | None:
    try:
        return gateway.version(table)
    except DataError:
        return None


def _described(
    gateway: Gateway, principal: Principal, table: Table, kind: str, sizes: dict[str, tuple[int, str]]
) -> dict[str, Any]:
    masks = gateway.policy.masks(principal, table)
    rows, version = sizes.get(table.full_name) or (None, _version(gateway, table))
    return {
        "name": table.full_name,
        "kind": kind,
        "columns": [
            {"name": c.name, "type": c.type, "description": c.description, "mask": masks.get(c.name)}
            for c in table.columns
        ],
        "rows": rows,
        "version": version,
        "description": table.description,
    }


def _name(table: Table) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in (table.source, table.name))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
