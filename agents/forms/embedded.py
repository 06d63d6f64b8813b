"""Embeddings of a form's texts, each computed once, and together where they are known beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retrieval.embedding import Vectors

Encode = Callable[[Sequence[str]], "Vectors"]


class Embedded:
    """An `Encode` that remembers."""

    def __init__(self, encode: Encode) -> None:
        self.source = encode
        self._known: dict[str, Vectors] = {}

    def prepare(self, texts: Iterable[str]) -> None:
        """Computes what is not known, short texts together, as a batch takes as long as its longest."""
        new = sorted({text for text in texts if text not in self._known}, key=len)
        if new:
            self._known.update(zip(new, self.source(new), strict=True))

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """The vectors of the texts in order."""
        import numpy as np

        self.prepare(texts)
        return np.stack([self._known[text] for text in texts]) if len(texts) else self.source(texts)


def source(encode: Encode) -> Encode:
    """What computes the embeddings of one that remembers."""
    return encode.source if isinstance(encode, Embedded) else encode
