"""Tables that a field means without a word of theirs: 'Paid back to customers' is about refunds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from agents.forms.concepts import Concepts, bare, is_about
from agents.forms.embedded import Encode
from agents.forms.reach import Place
from agents.forms.vocabulary import tokens

if TYPE_CHECKING:
    from retrieval.embedding import Vectors

ALIKE = 0.62
"""Cosine from which a text means a table."""
CLEAR = 0.08
"""How much nearer than the next table it has to be."""
TELLING, IDLE = 0.88, 0.96
"""Cosines of a title with and without a word that narrows what it asks, as 'foreign', and with one that does not, as
'granted'."""
UNSAID = 0.9
"""The most that a word counts which does not narrow what is asked."""


class Sense:
    """Finds the table that a text comes nearest to, by what it and its rows are called."""

    def __init__(self, places: Sequence[Place], concepts: Concepts, encode: Encode) -> None:
        self._concepts, self._encode = concepts, encode
        self._tables = tuple({place.table.full_name: place.table for place in places}.values())
        self._found: dict[str, str] = {}
        self._idle: dict[tuple[str, str], float] = {}

    def of(self, text: str, headings: Sequence[str] = ()) -> str:
        """The full name of the table; "" where none is near, or two are, or a heading says that others are meant."""
        said = " ".join(bare(text).split()).rstrip(" ,:;-–(")
        if not said or is_about(text) or not self._tables or any(map(self._concepts.elsewhere, headings)):
            return ""
        if said not in self._found:
            self._found[said] = self._nearest(said)
        return self._found[said]

    def _nearest(self, text: str) -> str:
        near = self._vectors @ self._encode([text])[0]
        best: dict[str, float] = {}
        for (table, _), cosine in zip(self._cards, near, strict=True):
            best[table] = max(best.get(table, 0.0), float(cosine))
        first, *rest = sorted(best, key=lambda one: -best[one])
        clear = not rest or best[first] - best[rest[0]] >= CLEAR
        return first if best[first] >= ALIKE and clear else ""

    def idle(self, text: str, token: str) -> float:
        """What a word of a text counts, by how little the text means less without it."""
        if (text, token) not in self._idle:
            left = " ".join(word for word in text.split() if token not in tokens(word))
            near = float(self._encode([text])[0] @ self._encode([left])[0]) if left and left != text else 0.0
            self._idle[text, token] = UNSAID * min(max((near - TELLING) / (IDLE - TELLING), 0.0), 1.0)
        return self._idle[text, token]

    @cached_property
    def _cards(self) -> list[tuple[str, str]]:
        return [
            (table.full_name, said)
            for table in self._tables
            for said in (table.name.replace("_", " "), *table.synonyms, table.description)
            if said
        ]

    @cached_property
    def _vectors(self) -> Vectors:
        return self._encode([said for _, said in self._cards])
