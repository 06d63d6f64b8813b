"""Which documents there are and who may read them: files of the catalogue's folders, granted whole or by pattern."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from data.catalog import Catalog, SourceConfig, nearest

if TYPE_CHECKING:
    from data.document import Document
    from data.policy_file import PolicyDeclaration

KIND = "documents"
"""The kind of source that has files to read instead of tables."""

WHOLE = "**"
_PARTS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@dataclass(frozen=True)
class DocumentGrant:
    """Members of `group` may read the files of `source` whose paths fit `pattern`. `line` is the rule's."""

    group: str
    source: str
    pattern: str = WHOLE
    line: int = 0


@dataclass(frozen=True)
class Reach:
    """The documents that somebody may read: sources, and what of each is granted to them."""

    sources: tuple[SourceConfig, ...] = ()
    grants: tuple[DocumentGrant, ...] = ()

    def covers(self, source: str, path: str) -> bool:
        """Whether a file, by its path within the source, may be read."""
        own = (grant for grant in self.grants if grant.source == source)
        return any(_pattern(grant.pattern).fullmatch(path) for grant in own)


def folders(catalog: Catalog) -> tuple[SourceConfig, ...]:
    """The sources of documents."""
    return tuple(source for source in catalog.sources if source.kind == KIND)


def reach(catalog: Catalog, grants: tuple[DocumentGrant, ...], groups: frozenset[str], *, whole: bool) -> Reach:
    """What the members of these groups may read; with `whole`, everything."""
    known = folders(catalog)
    own = tuple(grant for grant in grants if grant.group in groups)
    if whole:
        own = tuple(DocumentGrant("", source.name) for source in known)
    names = {grant.source for grant in own}
    return Reach(tuple(source for source in known if source.name in names), own)


def grants_of(document: Document, declared: PolicyDeclaration, catalog: Catalog) -> Iterator[DocumentGrant]:
    """The grants that a policy declares; Invalid names the line of one that is on no source of documents."""
    known = {source.name.lower(): source.name for source in folders(catalog)}
    for index, grant in enumerate(declared.documents):
        name, _, pattern = grant.on.partition("/")
        if name.lower() not in known:
            remedy = nearest(name, known.values()) or "Add one with: lakewright documents add NAME FOLDER"
            message = f"'{name}' is no source of documents."
            raise document.invalid(("documents", index, "on"), message, remedy)
        line = document.line(("documents", index))
        yield DocumentGrant(grant.to, known[name.lower()], pattern or WHOLE, line)


@lru_cache(maxsize=1_024)
def _pattern(pattern: str) -> re.Pattern[str]:
    """`*` stays within a folder, `**` goes through folders: what is granted is never more than what is written."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return re.compile("".join(_PARTS.get(part) or re.escape(part) for part in parts), re.DOTALL)
