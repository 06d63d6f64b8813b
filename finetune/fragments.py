"""Parts of stored texts that a search asks for: a word inside, a beginning, an end."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.spans import is_stopword


@dataclass(frozen=True)
class Fragment:
    """`kind` is contains, starts or ends; `said` is the part, `pattern` what it is matched with."""

    kind: str
    said: str
    pattern: str


def fits(name: str, stored: Sequence[str]) -> bool:
    """True for a column of texts that people search in: many, some of several words."""
    return len(stored) > 15 and sum(" " in text for text in stored[:50]) > 5 and not name.endswith(("_id", "_code"))


def draw(stored: Sequence[str], rng: random.Random) -> Fragment | None:
    """A part of one of the texts."""
    text = rng.choice(stored)
    words = [w for w in text.split() if len(w) > 3 and w.isalpha() and not is_stopword(w)]
    kind = rng.choice(("contains", "contains", "contains", "starts", "ends"))
    if kind == "contains":
        word = rng.choice(words) if words else ""
        return Fragment(kind, word.lower(), f"%{word.lower()}%") if word else None
    if kind == "starts":
        part = text[0] if rng.random() < 0.5 else text.split()[0]
        return Fragment(kind, part, f"{part}%") if part.isalpha() else None
    part = text.split()[-1]
    return Fragment(kind, part, f"%{part}") if part.isalpha() and len(part) > 2 else None
