"""The tables and columns that are called something alike, by MiniLM vectors in memory: what `retrieval.index` finds
with Chroma, for the many small catalogues that training draws over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from data.catalog import Catalog
from retrieval.cards import phrases

if TYPE_CHECKING:
    from retrieval.embedding import MiniLM, Vectors
    from retrieval.similar import Neighbours


class Meanings:
    """Vectors of texts, each computed once."""

    def __init__(self, model: MiniLM) -> None:
        self._model = model
        self._known: dict[str, Vectors] = {}

    def of(self, texts: Sequence[str]) -> Vectors:
        """Shape (texts, 384), rows of unit length."""
        import numpy as np

        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        new.sort(key=len)
        for text, vector in zip(new, self._model.encode(new) if new else (), strict=True):
            self._known[text] = vector
        return np.stack([self._known[text] for text in texts])

    def neighbours(self, catalog: Catalog) -> Neighbours:
        """The search over one catalogue."""
        named = list(phrases(catalog))
        matrix = self.of([said for said, _ in named])
        targets = [target for _, target in named]
        remembered: dict[str, tuple[str, ...]] = {}

        def nearest(said: list[str]) -> list[tuple[str, ...]]:
            from retrieval.index import NEAREST, chosen

            new = [text for text in dict.fromkeys(said) if text not in remembered]
            if new:
                for text, scores in zip(new, self.of(new) @ matrix.T, strict=True):
                    order = (-scores).argsort(kind="stable")[:NEAREST]
                    similar = [(targets[i], float(scores[i])) for i in order]
                    remembered[text] = chosen(text, similar, catalog)
            return [remembered[text] for text in said]

        return nearest
