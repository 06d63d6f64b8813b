"""Which tables of a large catalogue a question is about: those of the one database that its words fit."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from data.catalog import Catalog
from retrieval.names import Names
from retrieval.spans import Span, is_stopword, phrases, singular
from retrieval.thesaurus import synonyms
from retrieval.values import Values

Weights = Mapping[str, float]
"""How well something fits each table, from 0 to 1."""
Similar = Callable[[Sequence[str]], list[list[tuple[str, float]]]]
"""For each phrase the (table, cosine) of what is called something alike."""

TABLE, VALUE, COLUMN, LOOSE, ALIKE, SYNONYM = 1.0, 1.0, 0.7, 0.5, 0.8, 0.6
"""What a word counts at most, by what it was found to be; a value that is written in small letters is a column's."""
CARDS = 1.0
"""What the cards count at most, in words."""
SHARP = 4
"""How little what fits worse than the best takes from its rarity."""
OTHERS = 4
"""Tables at most of a database that is not the best one."""
NEAR = 0.6
"""The share of the best database's fit from which another is read too."""


class Selection:
    """Selects tables of one visible catalogue.

    A database is a source, or the sources that relationships lead across: what no relationship connects is no
    part of one query."""

    def __init__(self, catalog: Catalog, names: Names, values: Values, similar: Similar) -> None:
        self._names, self._values, self._similar = names, values, similar
        self._joined: dict[str, list[str]] = defaultdict(list)
        for link in catalog.relationships:
            self._joined[link.table].append(link.to_table)
            self._joined[link.to_table].append(link.table)
        self._order = {table.full_name: place for place, table in enumerate(catalog.tables)}
        self._database = _databases(catalog)
        self._tables: dict[str, list[str]] = defaultdict(list)
        for name, database in self._database.items():
            self._tables[database].append(name)

    def tables(self, question: str, cards: Weights, most: int) -> tuple[str, ...]:
        """Up to `most` tables in the catalogue's order, so that questions of one database share them.

        `cards` are the scores of the tables whose cards fit the question."""
        fits = self._fits(question, cards)
        totals: dict[str, float] = defaultdict(float)
        for word in fits:
            for table, weight in word.items():
                totals[table] += weight
        by_database = self._by_database(fits)
        ranked = sorted(by_database, key=lambda name: -by_database[name])
        near = [name for name in ranked if by_database[name] >= NEAR * by_database[ranked[0]]]
        return tuple(sorted(self._filled(near, totals, most), key=self._order.__getitem__))

    def _by_database(self, fits: Iterable[Weights]) -> dict[str, float]:
        """How well the question fits each database: of each word, the best of its tables counts."""
        totals: dict[str, float] = defaultdict(float)
        for word in fits:
            best: dict[str, float] = defaultdict(float)
            for table, weight in word.items():
                best[self._database[table]] = max(best[self._database[table]], weight)
            for database, weight in best.items():
                totals[database] += weight
        return totals

    def _filled(self, databases: Sequence[str], totals: Weights, most: int) -> list[str]:
        """The first database as a whole where it fits; of a larger one, and of the others, what fits best."""
        kept: list[str] = []
        for database in databases:
            tables = self._tables[database]
            whole = len(tables) <= most if not kept else len(tables) <= OTHERS
            wanted = tables if whole else self._best(tables, totals, most if not kept else OTHERS)
            kept += wanted[: most - len(kept)]
        return kept

    def _best(self, tables: Sequence[str], totals: Weights, most: int) -> list[str]:
        """The tables that fit, the best first, each with those that connect it to the best."""
        found = sorted((name for name in tables if totals.get(name)), key=lambda name: -totals[name])
        kept: dict[str, None] = {}
        for name in found:
            kept.update(dict.fromkeys(self._between(kept, name)))
        for name in list(kept):
            kept.update(dict.fromkeys(self._joined[name]))
        return list(kept)[:most]

    def _between(self, kept: Iterable[str], name: str) -> list[str]:
        """The table with those on the shortest way from it to the ones that are kept."""
        goals = set(kept)
        came: dict[str, str] = {name: ""}
        queue = [name]
        for at in queue:
            if at in goals or not goals:
                way = [name]
                while at != name:
                    way.append(at)
                    at = came[at]
                return way
            for other in self._joined[at]:
                if other not in came:
                    came[other] = at
                    queue.append(other)
        return [name]

    def _fits(self, question: str, cards: Weights) -> list[Weights]:
        """How well each word of the question fits each table, by the best phrase that it is part of; then the cards."""
        spans = [span for span in phrases(question) if not is_stopword(span.text) or span.text[:1].isupper()]
        words: dict[int, dict[str, float]] = defaultdict(dict)
        alike = self._alike(spans)
        for span in spans:
            found = self._exact(span)
            for table, weight in alike.get(span, {}).items():
                found[table] = max(found.get(table, 0.0), weight)
            rare = self._rarity(found)
            for at in range(span.start, span.end):
                for table, weight in found.items():
                    words[at][table] = max(words[at].get(table, 0.0), weight * rare)
        most = max(cards.values(), default=1.0)
        return [*words.values(), {table: CARDS * score / most for table, score in cards.items()}]

    def _rarity(self, found: Weights) -> float:
        """1 for what fits one database alone, 0 for what fits them all as well."""
        best: dict[str, float] = defaultdict(float)
        for table, weight in found.items():
            best[self._database[table]] = max(best[self._database[table]], weight)
        top = max(best.values(), default=1.0)
        count = sum((weight / top) ** SHARP for weight in best.values())
        return 1 - math.log(max(count, 1)) / math.log(len(self._tables) + 1)

    def _exact(self, span: Span) -> dict[str, float]:
        found: dict[str, float] = defaultdict(float)
        capital = span.text[:1].isupper() and span.start > 0
        for value in self._values.find(singular(span.text)):
            found[value.table] = max(found[value.table], VALUE if capital or " " in span.text else COLUMN)
        if is_stopword(span.text):
            return found
        others = synonyms(span.text)
        named = (
            (TABLE, self._names.tables.get(span.norm, ())),
            (COLUMN, [target.rsplit(".", 1)[0] for target in self._names.columns.get(span.norm, ())]),
            (LOOSE, [target.rsplit(".", 1)[0] for target in self._names.loose.get(span.norm, ())]),
            (SYNONYM, [table for other in others for table in self._names.tables.get(other, ())]),
            (
                SYNONYM * COLUMN,
                [t.rsplit(".", 1)[0] for other in others for t in self._names.columns.get(other, ())],
            ),
        )
        for weight, tables in named:
            for table in tables:
                found[table] = max(found[table], weight)
        return found

    def _alike(self, spans: Sequence[Span]) -> dict[Span, dict[str, float]]:
        short = [s for s in spans if s.end - s.start <= 2 and not s.norm.isdigit() and not is_stopword(s.text)]
        found: dict[Span, dict[str, float]] = {}
        for span, near in zip(short, self._similar([span.text for span in short]), strict=True):
            found[span] = defaultdict(float)
            for table, cosine in near:
                found[span][table] = max(found[span][table], ALIKE * cosine**2)
        return found


def _databases(catalog: Catalog) -> dict[str, str]:
    """By the full name of each table, the first of the sources that relationships connect with its own."""
    first = {source.name: source.name for source in catalog.sources}

    def found(name: str) -> str:
        while first[name] != name:
            name = first[name]
        return name

    for link in catalog.relationships:
        one, other = sorted(found(catalog.table(name).source) for name in (link.table, link.to_table))
        first[other] = one
    return {table.full_name: found(table.source) for table in catalog.tables}
