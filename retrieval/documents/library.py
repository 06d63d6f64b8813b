"""The documents of a home as each principal may read them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from data.catalog import SourceConfig
from data.documents import Reach, folders
from data.errors import Invalid, NotFound
from data.gateway import Gateway
from data.policy import Principal
from data.sources.documents import DocumentSource
from retrieval.documents.passage import Found, Passage
from retrieval.documents.refresh import Report, refresh
from retrieval.documents.store import Kept, Store
from retrieval.embedding import MiniLM, Vectors

if TYPE_CHECKING:
    from retrieval.documents.search import Search

FOLDER = "documents"
MOST = 20
"""Passages that one search may give."""
REMEMBERED = 8
"""Searches that are kept, for as many sets of rights."""
LONGEST_QUESTION = 4_000


@dataclass(frozen=True)
class Shelf:
    """A source of documents with those of its files that somebody may read."""

    config: SourceConfig
    files: tuple[Kept, ...]


class Library:
    """Searches and lists under a principal's rights, and keeps in the audit trail what was read. Thread safe."""

    def __init__(self, gateway: Gateway, home: Path, model: Callable[[], MiniLM]) -> None:
        self._gateway, self._home, self._model = gateway, home.resolve(), model
        self._searches: dict[object, Search] = {}
        self._lock = threading.Lock()

    def holds(self, principal: Principal) -> bool:
        """Whether there is anything that the principal may read."""
        return any(shelf.files for shelf in self.shelves(principal))

    def shelves(self, principal: Principal) -> list[Shelf]:
        """What there is for the principal: sources of which nothing is granted are not among it."""
        reach = self._gateway.reach(principal)
        return [Shelf(source, self._readable(reach, source)) for source in reach.sources]

    def search(self, principal: Principal, question: str, top: int = 5) -> list[Found]:
        """The passages that fit the question, best first, of what the principal may read. Unavailable where the audit
        trail can't keep that they were read."""
        if not question.strip() or len(question) > LONGEST_QUESTION:
            raise Invalid("The question is empty or too long.", f"Use at most {LONGEST_QUESTION:,} characters.")
        if not 1 <= top <= MOST:
            raise Invalid(f"{top} passages can't be given.", f"Ask for 1 to {MOST}.")
        found = self._search(self._gateway.reach(principal)).find(question, top)
        self._record(principal, question, [one.passage for one in found])
        return found

    def read(self, principal: Principal, source: str, path: str) -> list[Passage]:
        """A whole file, passage by passage; NotFound where there is none that the principal may read."""
        reach = self._gateway.reach(principal)
        shelf = next((one for one in reach.sources if one.name.lower() == source.lower()), None)
        known = shelf is not None and any(file.path == path for file in self._readable(reach, shelf))
        if shelf is None or not known:
            raise NotFound(f"There is no document '{source}/{path}'.", "See what there is: lakewright documents list")
        passages = [passage for passage in self._store(shelf).passages()[0] if passage.path == path]
        self._record(principal, "", passages)
        return passages

    def near(self, question: str, texts: Sequence[str]) -> list[float]:
        """How near each text is to the question, as the cosine of their senses."""
        asked = self._model().encode_cached(question)
        return [float(score) for score in self._model().encode(texts) @ asked]

    def refresh(self, name: str | None = None, say: Callable[[str], None] = lambda _: None) -> list[Report]:
        """Bring the index of one source or of all up to date. NotFound for a name that is no source of documents,
        Unavailable without its folder."""
        known = folders(self._gateway.catalog)
        wanted = [source for source in known if name is None or source.name.lower() == name.lower()]
        if name is not None and not wanted:
            names = ", ".join(f"'{source.name}'" for source in known) or "none"
            raise NotFound(f"There is no source of documents '{name}'.", f"There is: {names}.")
        places = [(source, DocumentSource(source, self._home).folder()) for source in wanted]
        return [refresh(self._store(source), source.name, place, self._model, say) for source, place in places]

    def forget(self, source: SourceConfig) -> None:
        """Delete the index of a source that has left the catalogue."""
        path = self._store(source).path
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
            path.with_name(name).unlink(missing_ok=True)

    def _store(self, source: SourceConfig) -> Store:
        place = self._home / "index" / FOLDER / f"{source.name.lower()}.sqlite"
        return Store(place, source.name, DocumentSource(source, self._home).path)

    def _readable(self, reach: Reach, source: SourceConfig) -> tuple[Kept, ...]:
        kept = self._store(source).files().values()
        return tuple(file for file in kept if reach.covers(source.name, file.path))

    def _search(self, reach: Reach) -> Search:
        """The search over what is within reach, made once for all who reach the same and as long as it holds."""
        from retrieval.documents.search import Search

        stores = [self._store(source) for source in reach.sources]
        key = (reach, tuple(store.generation for store in stores))
        with self._lock:
            if key not in self._searches:
                while len(self._searches) >= REMEMBERED:
                    self._searches.pop(next(iter(self._searches)))
                self._searches[key] = Search(*_within(reach, stores), self._model())
            return self._searches[key]

    def _record(self, principal: Principal, question: str, passages: Sequence[Passage]) -> None:
        """Which passages of which files were read, at which content."""
        places = [f"{passage.document}:{passage.start}-{passage.end}" for passage in passages]
        self._gateway.audit.write(
            kind="document",
            principal=principal.name,
            question=question,
            ran=" ".join(places),
            versions={passage.document: passage.digest for passage in passages},
            rows=len(passages),
            outcome="answered" if passages else "empty",
        )


def _within(reach: Reach, stores: Sequence[Store]) -> tuple[list[Passage], Vectors]:
    import numpy as np

    read = [store.passages() for store in stores]
    found = [passage for passages, _ in read for passage in passages]
    keep = [i for i, passage in enumerate(found) if reach.covers(passage.source, passage.path)]
    vectors = np.concatenate([vectors for _, vectors in read]) if read else np.zeros((0, 384), np.float32)
    return [found[i] for i in keep], vectors[keep]
