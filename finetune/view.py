"""Views: parts of a ground, of one table to all; the examples of one view share their prompt."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from agents.ask.prompts import system
from agents.columns import keys
from data.catalog import Catalog, Table
from finetune.ground import Ground
from finetune.neighbours import Meanings
from finetune.origin import Stored, Values
from finetune.phrasing import Bank
from finetune.sampler import Sampler
from finetune.words_of import words_of
from retrieval.linker import Linker
from retrieval.retriever import MOST_TABLES, Context, cut
from retrieval.values import ValueIndex

SIZES = (1, 2, 3, 3, 4, 4, 5, 5, 5, 6, 6, 7, 8, 9, 11)
NARROWED = 0.35
"""Share of the views in which some columns are left out."""


@dataclass(frozen=True)
class View:
    """A catalogue within a ground, with the values and the words for it."""

    ground: Ground
    catalog: Catalog
    values: Values
    words: Bank
    seed: str
    meanings: Meanings
    made_up: float

    @property
    def whole(self) -> bool:
        """True where nothing of the ground is left out."""
        return self.catalog == self.ground.catalog

    @cached_property
    def system(self) -> str:
        """What the model reads first."""
        return system(self.catalog, self.values)

    def context(self, question: str) -> Context:
        """What the linker finds in a question, in the view's names."""
        link = self._linker.link(question)
        found = Context(question, self._stored.catalog, link.hints, link.unknown, link.now, self._stored.values)
        return self.ground.origin.told(found, self.catalog, self.values)

    @cached_property
    def _stored(self) -> Stored:
        return self.ground.origin.part(self.catalog, self.values)

    @cached_property
    def _linker(self) -> Linker:
        now, stored = self.ground.now, self._stored
        index = ValueIndex(stored.values, stored.labels)
        return Linker(stored.catalog, index, self.meanings.neighbours(stored.catalog), lambda: now)

    @cached_property
    def sampler(self) -> Sampler:
        """Questions that the view answers."""
        return self._sampler(self.catalog, self.values, "in")

    @cached_property
    def beyond(self) -> Sampler:
        """Questions over the whole ground: those about what is left out can't be answered."""
        return self._sampler(self.ground.catalog, self.ground.values, "out")

    def _sampler(self, catalog: Catalog, values: Values, part: str) -> Sampler:
        rng = random.Random(f"{self.seed}-{part}")
        made_up = self.made_up if part == "in" else 0
        profile, now = self.ground.profile, self.ground.now
        return Sampler(catalog, values, self.words, rng, made_up, profile=profile, now=now, phrases=self.ground.phrases)


def views(ground: Ground, meanings: Meanings, seed: int, made_up: float, *, whole: float = 0.2) -> Iterator[View]:
    """Views without end. `whole` is the share of those with all tables."""
    derived = words_of(ground.catalog)
    for number in range(10**9):
        label = f"{ground.name}-{seed}-{number}"
        rng = random.Random(label)
        every = rng.random() < whole
        catalog = _cut(ground.catalog, rng, MOST_TABLES) if every else _cut(ground.catalog, rng, rng.choice(SIZES))
        if rng.random() < NARROWED and catalog != ground.catalog:
            catalog = _narrowed(catalog, rng)
        words = _words(ground.words, derived, rng)
        yield View(ground, catalog, _within(ground.values, catalog), words, label, meanings, made_up)


def _cut(catalog: Catalog, rng: random.Random, most: int) -> Catalog:
    """Some tables that hang together, now and then with one that does not; all where there are no more than `most`."""
    if len(catalog.tables) <= most == MOST_TABLES:
        return catalog
    size = min(most, len(catalog.tables))
    chosen = [rng.choice(catalog.tables).full_name]
    while len(chosen) < size:
        near = [r.to_table for r in catalog.relationships if r.table in chosen]
        near += [r.table for r in catalog.relationships if r.to_table in chosen]
        new = [name for name in near if name not in chosen]
        if not new or rng.random() < 0.1:
            new = [t.full_name for t in catalog.tables if t.full_name not in chosen]
        chosen.append(rng.choice(new))
    return _untied(cut(catalog, chosen), catalog, rng)


def _untied(part: Catalog, catalog: Catalog, rng: random.Random) -> Catalog:
    """Without most of the columns that point at tables which are left out: they would be read as numbers."""
    lost = {(r.table, r.column) for r in catalog.relationships if r.to_table not in part}
    kept = {(r.table, r.column) for r in part.relationships}
    gone = {link for link in sorted(lost - kept) if not link[1].endswith("_id") or rng.random() < 0.5}

    def untied(table: Table) -> Table:
        columns = tuple(c for c in table.columns if (table.full_name, c.name) not in gone)
        return replace(table, columns=columns) if columns else table

    return Catalog(tuple(replace(s, tables=tuple(map(untied, s.tables))) for s in part.sources), part.relationships)


def _narrowed(catalog: Catalog, rng: random.Random) -> Catalog:
    """Without a few columns that nothing hangs on."""

    def narrowed(table: Table) -> Table:
        firm = keys(catalog, table) | {table.label, table.time}
        free = [c for c in table.columns if c.name not in firm]
        gone = {c.name for c in rng.sample(free, min(len(free), rng.choice((0, 0, 1, 1, 2))))}
        return replace(table, columns=tuple(c for c in table.columns if c.name not in gone))

    sources = (replace(s, tables=tuple(map(narrowed, s.tables))) for s in catalog.sources)
    return Catalog(tuple(sources), catalog.relationships)


def _within(values: Values, catalog: Catalog) -> Values:
    return {
        t.full_name: {name: found for name, found in values.get(t.full_name, {}).items() if name in t}
        for t in catalog.tables
    }


def _words(rich: Bank, derived: Bank, rng: random.Random) -> Bank:
    """The people's words, those that the names give, or some of each."""
    share = rng.choice((1.0, 1.0, 0.0, 0.0, 0.5))
    if share == 1.0:
        return {**derived, **rich}
    return {name: rich[name] if name in rich and rng.random() < share else entry for name, entry in derived.items()}
