"""The tables and columns that are called something alike, by MiniLM vectors in memory: what `retrieval.index` finds
with Chroma, for the many small catalogues that training draws over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from data.catalog import Catalog
from retrieval.cards import phrases

if TYPE_CHECKING:
    from retrieval.embedding import MiniLM, Vectors
    from retrieval.linker import Neighbours

NEAREST = 8


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
            new = [text for text in dict.fromkeys(said) if text not in remembered]
            if new:
                for text, scores in zip(new, self.of(new) @ matrix.T, strict=True):
                    remembered[text] = _chosen(catalog, targets, scores)
            return [remembered[text] for text in said]

        return nearest


def _chosen(catalog: Catalog, targets: Sequence[str], scores: Vectors) -> tuple[str, ...]:
    """Those nearly as alike as the best; tables before columns."""
    from retrieval.index import ALIKE, TIED

    best = float(scores.max())
    if best < ALIKE:
        return ()
    order = (-scores).argsort(kind="stable")[:NEAREST]
    tied = dict.fromkeys(targets[i] for i in order if best - scores[i] <= TIED and scores[i] >= ALIKE)
    tables = tuple(target for target in tied if target in catalog)
    return tables or tuple(tied)
