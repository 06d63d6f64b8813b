"""Headings that call a row otherwise than the catalogue does: 'Retailer', where there are merchants."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from agents.forms.embedded import Encode
from agents.forms.reach import Place, downward, phrases, upward
from agents.forms.title import unnumbered
from agents.forms.vocabulary import listed, parties, tokens
from data.catalog import Catalog

if TYPE_CHECKING:
    from retrieval.embedding import Vectors

NEAR = 0.6
"""Cosine from which two words are taken for the same kind of thing."""
CLEAR = 0.03
"""How much nearer than the next it has to be."""


class Kin:
    """Finds the rows that headings of one word speak of, by sense. What the catalogue or the vocabulary has a meaning
    for keeps that."""

    def __init__(self, catalog: Catalog, table: str, encode: Encode) -> None:
        self._catalog, self._table, self._encode = catalog, table, encode
        self._found: dict[str, frozenset[str]] = {}

    def of(self, heading: str) -> frozenset[str]:
        """The catalogue's tokens for what a heading speaks of; none where that is not clear."""
        if heading not in self._found:
            said = tokens(unnumbered(heading))
            strange = len(said) == 1 and not {*said} & self._known
            self._found[heading] = self._nearest(unnumbered(heading)) if strange else frozenset()
        return self._found[heading]

    def _nearest(self, heading: str) -> frozenset[str]:
        near = self._vectors @ self._encode([heading])[0]
        best: dict[str, float] = {}
        for (place, _), cosine in zip(self._names, near, strict=True):
            best[place.table.full_name] = max(best.get(place.table.full_name, 0.0), float(cosine))
        first, *rest = sorted(best.items(), key=lambda one: -one[1])
        if first[1] < NEAR or (rest and first[1] - rest[0][1] < CLEAR):
            return frozenset()
        return frozenset(phrases(self._catalog.table(first[0]))[0])

    @cached_property
    def _places(self) -> tuple[Place, ...]:
        return upward(self._catalog, self._catalog.table(self._table))

    @cached_property
    def _names(self) -> list[tuple[Place, str]]:
        return [(place, name) for place in self._places for name in (place.table.name, *place.table.synonyms)]

    @cached_property
    def _vectors(self) -> Vectors:
        return self._encode([name.replace("_", " ") for _, name in self._names])

    @cached_property
    def _known(self) -> frozenset[str]:
        """Tokens that mean something already."""
        down = downward(self._catalog, self._catalog.table(self._table))
        own = {one for place in (*self._places, *down) for words in phrases(place.table) for one in words}
        roles = {one for place in (*self._places, *down) for one in place.role}
        return frozenset(own | roles) | parties() | listed("subject") | listed("sections")
