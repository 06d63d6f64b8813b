"""Columns that a field may stand for, each with how likely that is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from agents.forms.asked import Asked
from agents.forms.binding import Binding
from agents.forms.concepts import Concepts, dated, named, titles
from agents.forms.cover import covered, is_second, picks
from agents.forms.embedded import Encode
from agents.forms.fits import fit, lists
from agents.forms.reach import Place, is_day, is_numeric, keys_of, phrases
from agents.forms.sample import Samples
from agents.forms.suited import LEANING, suited
from agents.forms.whose import Whose
from agents.semantic.renamed import RenamedColumn
from data.catalog import Catalog

if TYPE_CHECKING:
    from retrieval.embedding import Vectors

WORDS, MEANING = 0.7, 0.3
"""What the words count, and what the nearness of the texts' embeddings."""
FAR, NEAR = 0.15, 0.65
"""Cosines of texts that have nothing to do with one another, and that say the same."""
FLOOR = 0.35
"""What nearness counts at least, for words that say it all."""
MOST = 1.05
"""The most that words, nearness and values count together."""
OWN_TIME = frozenset({"moment", "opened", "customer_since"})
"""Concepts that a row's own time stands for."""
ALIKE, APART = 0.72, 0.05
"""How near a column has to be to a concept that its name does not say, and how much nearer than to the next."""
VAGUE, PLAIN = 0.45, 0.72
"""Nearness of a field to a concept from which it counts, and from which it counts in full."""
RIVAL = 0.12
"""How much nearer another concept may be, before a field does not stand for this one."""
CERTAIN = 0.68
"""Nearness from which another concept takes something from what the words say."""
NEARER = 0.08
"""How much nearer it has to be."""
RIVALLED = 0.7
"""What the words keep then."""
UNLIKELY = 0.5
"""What the words keep for a key, where another identifier is nearer or it may be a telephone's: "owner's number"."""
LISTING = 0.85
"""What the values that a field lists count as words, where a column has just these."""
SECOND = 0.1
"""Taken from a moment that is not the row's own time, where any moment would do."""
PICKED = 0.3
"""Taken from a moment or a number where the first, last or largest of several is asked for."""


OWNED_NUMBER = re.compile(
    r"^(?:\w+(?:['’]s|s['’])|your|their|his|her|my) number$"
    r"|^(?:form of )?(?:personal |national |government )?(?:id(?:entification|entity)?) (?:number|no\.?)$",
    re.I,
)


@dataclass(frozen=True)
class _Column:
    place: Place
    column: RenamedColumn
    concepts: frozenset[str]
    """What it stands for."""


class Matcher:
    """Holds fields against the columns of what a subject reaches."""

    def __init__(self, catalog: Catalog, places: Sequence[Place], samples: Samples, encode: Encode) -> None:
        self._places, self._samples, self._encode = places, samples, encode
        self._keys = keys_of(catalog, [place.table for place in places])
        self._concepts = Concepts(encode)
        self._whose = Whose(places, self._concepts)

    def columns(self, asked: Asked) -> list[Binding]:
        """Bindings to columns, the likeliest first."""
        near, told = self._nearness(asked), suited(self._concepts.of(titles(asked), self._entities(asked)), asked)
        found = []
        for one, cosine in zip(self._columns, near, strict=True):
            if (score := self._score(asked, one, cosine, told)) > 0.2:
                path = (one.place.table.full_name, one.column.stored.name, one.place.links)
                found.append(Binding("column", *path, confidence=round(score, 3)))
        return sorted(found, key=lambda one: (-one.confidence, len(one.links)))

    def nearness(self, asked: Asked, binding: Binding) -> float:
        """How near in sense a field comes to what a column stands for."""
        told = suited(self._concepts.of(titles(asked), self._entities(asked)), asked)
        path = (binding.table, binding.column, binding.links)
        held = (
            one for one in self._columns if (one.place.table.full_name, one.column.stored.name, one.place.links) == path
        )
        return max((told.get(concept, 0.0) for one in held for concept in one.concepts), default=0.0)

    def wanted(self, asked: Asked) -> list[str]:
        """The texts that are embedded for a field."""
        return [asked.sentence, *self._concepts.wanted(titles(asked), self._entities(asked)), *asked.headings]

    def _entities(self, asked: Asked) -> frozenset[str]:
        return self._about | asked.lead | asked.kin

    def _score(self, asked: Asked, one: _Column, near: float, told: Mapping[str, float]) -> float:
        place, column = one.place, one.column
        if asked.texts and LEANING.match(asked.texts[0]) and not told:
            return 0.0
        values = self._samples.of(place.table, column.stored.name)
        owned = self._is_key(place, column) and _is_owned(asked)
        suits = fit(asked, column, values, is_key=self._is_key(place, column), identifies=is_told(told, "identifier"))
        if suits is None:
            return 0.0
        meant, words = _meant(told, one.concepts), covered(asked, place, column) * _rivalled(told, one.concepts)
        if owned or (self._is_key(place, column) and _rival(told, one.concepts) - told.get("identifier", 0.0) > APART):
            words, meant = words * UNLIKELY, meant * UNLIKELY
        words = max(words, meant, LISTING if lists(asked, column, values) else 0.0)
        apart = self._whose.apart(asked, place) + (SECOND if is_second(asked, place, column) else 0.0)
        if (is_day(column.semantic) or is_numeric(column.semantic)) and picks(asked, column):
            apart += PICKED
        if self._is_key(place, column) and asked.counts:
            apart += PICKED
        return min(WORDS * words + MEANING * max(near, meant, FLOOR * words) + suits, MOST) - apart

    def _nearness(self, asked: Asked) -> list[float]:
        cosines = self._vectors @ self._encode([asked.sentence])[0]
        return [min(max((float(one) - FAR) / (NEAR - FAR), 0.0), 1.0) for one in cosines]

    @cached_property
    def _columns(self) -> list[_Column]:
        # The column of a link has the value of the key that it points at, which is among these itself.
        links = {(link.table, link.column) for place in self._places for link in place.links}
        return [
            _Column(place, column, self._stands_for(place, column))
            for place in self._places
            for column in place.columns()
            if (place.table.full_name, column.stored.name) not in links
        ]

    @cached_property
    def _vectors(self) -> Vectors:
        return self._encode([_sentence(one.place, one.column) for one in self._columns])

    @cached_property
    def _about(self) -> frozenset[str]:
        """The tokens for the rows that are reached, which do not tell what is asked of them."""
        rows = {one for place in self._places for phrase in phrases(place.table) if len(phrase) == 1 for one in phrase}
        roles = {one for place in self._places for one in place.role}
        return frozenset(one for one in rows | roles if not named(one.rstrip("·")))

    def _stands_for(self, place: Place, column: RenamedColumn) -> frozenset[str]:
        """The concepts that a column's names name, or the one that its words come nearest to."""
        if self._is_key(place, column):
            return frozenset({"identifier"})
        both = (column.semantic, column.stored)
        said = [one.replace("_", " ") for own in both for one in (own.name, *own.synonyms)]
        found = {concept for one in said if (concept := named(one))}
        if column.stored.name == place.table.time and is_day(column.semantic):
            found |= OWN_TIME
        if not found:
            near = self._concepts.of([*said[:1], column.stored.description], place.entity)
            first, second = sorted(near, key=lambda one: -near[one])[:2]
            found = {first} if near[first] >= ALIKE and near[first] - near[second] > APART else set()
        return frozenset(found & dated() if is_day(column.semantic) else found - dated())

    def _is_key(self, place: Place, column: RenamedColumn) -> bool:
        return f"{place.table.full_name}.{column.stored.name}".lower() in self._keys


def _is_owned(asked: Asked) -> bool:
    """Whether a number may be a telephone's or a passport's as well: "owner's number", "identification number"."""
    return bool(asked.texts) and bool(OWNED_NUMBER.match(asked.texts[0]))


def is_told(told: Mapping[str, float], concept: str) -> bool:
    """Whether a field stands for this concept rather than for any other."""
    return told.get(concept, 0.0) >= VAGUE and told[concept] >= max(told.values())


def _meant(told: Mapping[str, float], held: frozenset[str]) -> float:
    """How surely a field stands for one of the concepts that a column has."""
    own = max((told.get(one, 0.0) for one in held), default=0.0)
    sure = min(max((own - VAGUE) / (PLAIN - VAGUE), 0.0), 1.0)
    return sure * min(max(1.0 - (_rival(told, held) - own) / RIVAL, 0.0), 1.0)


def _rival(told: Mapping[str, float], held: frozenset[str]) -> float:
    return max((near for one, near in told.items() if one not in held), default=0.0)


def _rivalled(told: Mapping[str, float], held: frozenset[str]) -> float:
    """What is left of the words for a column that stands for something else than the field surely does."""
    own, rival = max((told.get(one, 0.0) for one in held), default=0.0), _rival(told, held)
    return RIVALLED if held and rival >= CERTAIN and rival - own > NEARER else 1.0


def _sentence(place: Place, column: RenamedColumn) -> str:
    role = " ".join(sorted(place.role))
    said = column.semantic.name.replace("_", " ")
    return f"{role} {place.semantic.semantic.name.replace('_', ' ')} {said}. {column.stored.description}".strip()
