"""The training set of the `ask` adapter: drawn questions with retrieval's hints and executed SQL."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agents.ask.prompts import system, user
from agents.grammar.acceptance import accepts
from data.catalog import Catalog
from data.errors import DataError
from data.gateway import Gateway
from data.policy import Principal
from finetune.families import Drawn
from finetune.phrasing import bank
from finetune.sampler import Sampler
from retrieval import Context
from retrieval.hints import Hint
from retrieval.linker import Linker
from retrieval.retriever import Reader, cut
from retrieval.values import ValueIndex

EMPTY_KEPT = 0.15  # share of the questions with an empty answer that stay in
DROPPED_HINT = 0.04


@dataclass(frozen=True)
class Example:
    """One training example: the text of each side."""

    system: str
    user: str
    answer: str
    family: str


@dataclass(frozen=True)
class View:
    """A part of the lakehouse that examples are drawn over, as a principal may see it."""

    catalog: Catalog
    linker: Linker
    sampler: Sampler
    values: Mapping[str, Mapping[str, Sequence[str]]]


def views(reader: Reader, words: str, seed: int, made_up: float) -> Iterator[tuple[View, float]]:
    """The whole visible catalogue and smaller ones of two sources each, with their shares of examples."""
    everything = reader.catalog
    names = [source.name for source in everything.sources]
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    chosen = [(tuple(names), 0.7), *((pair, 0.3 / len(pairs)) for pair in pairs)]
    for number, (sources, weight) in enumerate(chosen):
        tables = [t.full_name for t in everything.tables if t.source in sources]
        catalog = cut(everything, tables)
        columns = {t: v for t, v in reader.values.columns.items() if t in tables}
        linker = Linker(catalog, ValueIndex(columns), reader.nearest_in(tables))
        rng = random.Random(f"{seed}-{number}")
        yield View(catalog, linker, Sampler(catalog, columns, bank(words), rng, made_up), columns), weight


def _linked(view: View, drawn: Drawn, rng: random.Random) -> Context:
    """The question's context.

    An invented word gets the hint that a glossary would give, and a few hints are lost.
    """
    link = view.linker.link(drawn.question)
    hints = list(link.hints)
    for word, target in drawn.made_up.items():
        for match in re.finditer(rf"\b{re.escape(word)}\b", drawn.question, re.I):
            hints = [h for h in hints if not _named_within(h, match)]
            hints.append(Hint(match.group(), "table", (target,), start=match.start()))
    hints = [h for h in hints if h.kind in ("value", "time", "number") or rng.random() > DROPPED_HINT]
    return Context(drawn.question, view.catalog, tuple(sorted(hints, key=lambda h: h.start)), link.unknown)


def _named_within(hint: Hint, match: re.Match[str]) -> bool:
    overlaps = hint.start < match.end() and match.start() < hint.start + len(hint.span)
    return overlaps and hint.kind in ("table", "column", "value")


class Builder:
    """Draws, links, executes and keeps examples until there are enough."""

    def __init__(
        self,
        gateway: Gateway,
        principal: Principal,
        reader: Reader,
        *,
        seed: int,
        words: str = "demo",
        made_up: float = 0.06,
    ) -> None:
        self._gateway, self._principal = gateway, principal
        self._rng = random.Random(seed)
        self._views = list(views(reader, words, seed, made_up))
        self._seen: set[str] = set()
        self.dropped: Counter[str] = Counter()

    def examples(self, size: int, progress: Callable[[int], None] | None = None) -> list[Example]:
        """`size` different examples."""
        found: list[Example] = []
        while len(found) < size:
            example = self._try()
            if example:
                found.append(example)
                if progress and len(found) % 50 == 0:
                    progress(len(found))
        return found

    def _try(self) -> Example | None:
        view = self._rng.choices([v for v, _ in self._views], [w for _, w in self._views])[0]
        drawn = view.sampler.draw()
        if drawn is None or drawn.question in self._seen:
            return None
        context = _linked(view, drawn, self._rng)
        if not accepts(context, drawn.sql):
            self.dropped["what the grammar does not hold"] += 1
            return None
        if not self._kept(drawn.sql):
            return None
        self._seen.add(drawn.question)
        return Example(system(view.catalog, view.values), user(drawn.question, context.hints), drawn.sql, drawn.family)

    def _kept(self, sql: str) -> bool:
        """Executes the SQL; most of those with an empty answer are left out."""
        try:
            table = self._gateway.query(self._principal, sql, limit=20, question="training set").table
        except DataError as error:
            self.dropped[f"refused: {error.message}"[:120]] += 1
            return False
        empty = table.num_rows == 0 or all(value in (None, 0) for value in table.slice(0, 1).to_pylist()[0].values())
        if empty and table.num_rows <= 1 and self._rng.random() > EMPTY_KEPT:
            self.dropped["empty"] += 1
            return False
        return True
