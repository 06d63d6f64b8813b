"""From a principal and a question to the context that a model writes from.

It never holds more than the principal may see.
"""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from data.catalog import Catalog, Relationship, SourceConfig
from data.gateway import Gateway
from data.policy import Principal
from retrieval.embedding import MiniLM, Vectors
from retrieval.hints import Hint
from retrieval.linker import Link, Linker, utc_now
from retrieval.names import Names
from retrieval.selection import Selection
from retrieval.similar import Neighbours
from retrieval.unread import Unread, unread
from retrieval.values import ValueIndex, load

if TYPE_CHECKING:
    from retrieval.index import CardIndex

_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|‘[^’]*’|(?<!\w)'[^']*'(?!\w)")
LOOK_AGAIN = 60.0  # seconds between two looks at whether the stored values have changed
MOST_TABLES = 20  # a visible catalogue of more tables is cut to the ones that fit the question
KEPT_PARTS = 64  # parts of a large catalogue whose linkers are kept
KEPT_INDEXES = 64  # of visible catalogues, of which few differ: most rights are about rows


@dataclass(frozen=True)
class Context:
    """What the caller may see and what the question's phrases mean in it.

    `catalog` is the visible catalogue, cut to the tables that fit when it is large; `unknown` are names in
    the question that nothing visible matches; `now` is when it was asked; `values` are the texts that the caller
    may read, by table and column.
    """

    question: str
    catalog: Catalog
    hints: tuple[Hint, ...]
    unknown: tuple[str, ...] = ()
    now: datetime = field(default_factory=utc_now)
    values: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict, compare=False, repr=False)
    unread: tuple[Unread, ...] = field(default=(), compare=False)

    @property
    def linked(self) -> bool:
        """True when the question names anything in the visible data."""
        return any(hint.kind in ("table", "column", "value") for hint in self.hints)


@dataclass(frozen=True)
class Part:
    """Tables of a visible catalogue, with what links questions about them."""

    catalog: Catalog
    values: ValueIndex
    linker: Linker


class Reader:
    """The linkers and the index of all principals who see the same."""

    def __init__(
        self, gateway: Gateway, principal: Principal, model: MiniLM, folder: Path,
        indexed: Callable[[Catalog], CardIndex], now: Callable[[], datetime] = utc_now,
    ) -> None:  # fmt: skip
        """`indexed` gives the index of a visible catalogue."""
        self._gateway, self._principal, self._model, self._folder = gateway, principal, model, folder
        self._indexed, self._now = indexed, now
        self.catalog = gateway.askable(principal)
        self._lock = threading.RLock()
        self._parts: OrderedDict[tuple[str, ...], Part] = OrderedDict()
        self._selection: Selection | None = None
        self._values: ValueIndex | None = None
        self._looked = 0.0

    @property
    def values(self) -> ValueIndex:
        """The values that this principal may read, looked at again when they may have changed."""
        with self._lock:
            if self._values is None or time.monotonic() - self._looked > LOOK_AGAIN:
                values = load(self._gateway, self._principal, self._folder, self._values)
                if values is not self._values:
                    self._values, self._selection = values, None
                    self._parts.clear()
                self._looked = time.monotonic()
            return self._values

    def linker(self) -> Linker:
        """Over all that the principal sees."""
        return self._part(tuple(table.full_name for table in self.catalog.tables)).linker

    def nearest_in(self, tables: Sequence[str]) -> Neighbours:
        """The same search for alike phrases within some of the tables."""
        return lambda said: self.index.nearest(said, frozenset(tables))

    @cached_property
    def index(self) -> CardIndex:
        """Over the cards of the visible catalogue."""
        return self._indexed(self.catalog)

    def context(self, question: str) -> Context:
        """Links the question, in a large catalogue within the tables that fit it."""
        part = self._part(self._tables(question))
        link, left = self._linked(question, part)
        if (respelt := self._respelt(question, left)) != question:
            again, still = self._linked(respelt, part)
            if len(still) < len(left):
                question, link, left = respelt, again, still
        return Context(question, part.catalog, link.hints, link.unknown, link.now, part.values.columns, left)

    def _linked(self, question: str, part: Part) -> tuple[Link, tuple[Unread, ...]]:
        """What is found for the question, and the words that nothing is found for."""
        link, names = part.linker.link(question), [source.name for source in part.catalog.sources]
        return link, unread(link.said, link.hints, link.unknown, self._model.rarity, names)

    def _respelt(self, question: str, left: Sequence[Unread]) -> str:
        """The question with the words that nobody knows as those that they are misspelt from; what stands in quotation
        marks is meant as it is."""
        quoted = [match.span() for match in _QUOTED.finditer(question)]
        for word in reversed(left):
            end = word.start + len(word.text)
            said = question[word.start : end] == word.text and word.text.islower() and not word.name
            if said and not any(start < end and word.start < until for start, until in quoted):
                question = question[: word.start] + self._model.respelt(word.text) + question[end:]
        return question

    def _tables(self, question: str) -> tuple[str, ...]:
        if len(self.catalog.tables) <= MOST_TABLES:
            return tuple(table.full_name for table in self.catalog.tables)
        with self._lock:
            values = self.values
            if self._selection is None:
                self._selection = Selection(self.catalog, Names(self.catalog), values, self.index.similar)
            selection = self._selection
        return selection.tables(question, self.index.tables(question), MOST_TABLES)

    def _part(self, tables: tuple[str, ...]) -> Part:
        """The part of the catalogue that has these tables; the last ones are kept with their linkers."""
        with self._lock:
            values = self.values
            part = self._parts.pop(tables, None) or self._made(tables, values)
            self._parts[tables] = part
            while len(self._parts) > KEPT_PARTS:
                self._parts.popitem(last=False)
            return part

    def _made(self, tables: tuple[str, ...], values: ValueIndex) -> Part:
        if len(tables) == len(self.catalog.tables):
            linker = Linker(self.catalog, values, self.index.nearest, self._now, self._changed)
            return Part(self.catalog, values, linker)
        catalog, some = cut(self.catalog, tables), values.within(tables)
        return Part(catalog, some, Linker(catalog, some, self.nearest_in(tables), self._now, self._changed))

    def _changed(self, table: str) -> datetime | None:
        return self._gateway.changed(self.catalog.table(table))


class Retriever:
    """Contexts for all principals; readers are made once per set of rights. Thread safe."""

    def __init__(self, gateway: Gateway, models: Path, folder: Path, now: Callable[[], datetime] = utc_now) -> None:
        """`now` is the clock, an aware one, that 'the last five minutes' are counted by."""
        self._gateway, self._models, self._folder, self._now = gateway, models, folder, now
        self._readers: dict[str, Reader] = {}
        self._indexes: list[tuple[Catalog, CardIndex]] = []
        self._lock, self._indexing = threading.Lock(), threading.Lock()

    @cached_property
    def _model(self) -> MiniLM:
        return MiniLM(self._models)

    @property
    def model(self) -> MiniLM:
        """The model that tells how near texts are; there is one of it in a process."""
        return self._model

    @property
    def models(self) -> Path:
        """The folder that keeps what is made of the models that ship."""
        return self._models

    def encode(self, texts: Sequence[str]) -> Sequence[Vectors]:
        """The vectors of texts, which are remembered."""
        return self._model.encode_all_cached(texts)

    def reader(self, principal: Principal) -> Reader:
        """The reader for the principal's rights."""
        key = self._gateway.policy.fingerprint(principal)
        visible = self._gateway.askable(principal)
        with self._lock:
            found = self._readers.get(key)
            if found is None or (found.catalog is not visible and found.catalog != visible):
                # The catalogue file has changed: another description is another meaning.
                found = self._readers[key] = Reader(
                    self._gateway, principal, self._model, self._folder, self._index, self._now
                )
            return found

    def _index(self, catalog: Catalog) -> CardIndex:
        """The index of a visible catalogue, one for all whose rows differ alone. LlamaIndex and Chroma load here."""
        from retrieval.index import CardIndex

        with self._indexing:
            found = next((index for known, index in self._indexes if known is catalog or known == catalog), None)
            if found is None:
                found = CardIndex(catalog, self._model, self._folder)
                self._indexes = [*self._indexes, (catalog, found)][-KEPT_INDEXES:]
            return found

    def retrieve(self, principal: Principal, question: str) -> Context:
        """The context of a question for a principal."""
        return self.reader(principal).context(question)


def cut(catalog: Catalog, tables: Iterable[str]) -> Catalog:
    """The catalogue with only these tables and the relationships among them."""
    keep = set(tables)
    sources = tuple(
        SourceConfig(
            s.name,
            s.kind,
            s.location,
            s.owner,
            s.description,
            tuple(t for t in s.tables if t.full_name in keep),
        )
        for s in catalog.sources
    )
    related: tuple[Relationship, ...] = tuple(
        r for r in catalog.relationships if r.table in keep and r.to_table in keep
    )
    return Catalog(tuple(s for s in sources if s.tables), related)
