"""Vectors that ship with the phrases of `concepts.yaml`, so that a first filling embeds its own words alone.

`python -m agents.forms.shipped` makes them anew once the phrases have changed; a test tells when they have.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retrieval.embedding import Vectors

FILE = "concepts.npz"
SAME = 0.98
"""Cosine of the same text by the same model, for what is kept in eight bits."""
STEPS = 127


def digest(texts: Sequence[str]) -> str:
    """What the vectors belong to."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def vectors(texts: Sequence[str], encode: Callable[[Sequence[str]], Vectors]) -> Vectors:
    """The texts' vectors: the shipped ones where they are of these texts and of this model, else its own."""
    kept = _kept(digest(texts))
    if kept is not None and texts:
        own = encode(texts[:1])
        if own.shape[1] == kept.shape[1] and float(own[0] @ kept[0]) >= SAME:
            return kept
    return encode(texts)


@lru_cache(maxsize=1)
def _kept(wanted: str) -> Vectors | None:
    import numpy as np

    with files("agents.forms").joinpath(FILE).open("rb") as file, np.load(file, allow_pickle=False) as found:
        if str(found["digest"]) != wanted:
            return None
        kept: Vectors = found["vectors"].astype(np.float32)
    kept /= np.linalg.norm(kept, axis=1, keepdims=True)
    return kept


def write(texts: Sequence[str], encode: Callable[[Sequence[str]], Vectors], target: str) -> None:
    """Keeps the vectors of the texts in a file, each number in eight bits."""
    import numpy as np

    made = encode(texts)
    scaled = np.round(made / np.abs(made).max(axis=1, keepdims=True) * STEPS).astype(np.int8)
    np.savez_compressed(target, vectors=scaled, digest=np.array(digest(texts)))


if __name__ == "__main__":
    import tempfile
    from pathlib import Path

    from agents.forms import concepts
    from retrieval.embedding import MiniLM

    with tempfile.TemporaryDirectory() as folder:
        write(concepts.texts(), MiniLM(Path(folder)).encode, str(Path(__file__).with_name(FILE)))
