"""Words for the same kind of thing: who says 'invoice' where the data has bills means those."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from importlib.resources import files

import yaml

from retrieval.spans import normal, singular

MOST_WORDS = 3
"""The words that the longest of them have."""


@lru_cache(maxsize=1)
def _groups() -> dict[str, tuple[str, ...]]:
    lines: list[str] = yaml.safe_load(files("retrieval").joinpath("thesaurus.yaml").read_text(encoding="utf-8"))
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for line in lines:
        kind = line.split(", ")
        for said in kind:
            found[singular(said)] |= dict.fromkeys(other for other in kind if other != said)
    return {said: tuple(others) for said, others in found.items()}


def kindred(said: str) -> tuple[str, ...]:
    """The other words for what a phrase names, as they are written. It is looked up without a plural's ending, but not
    by its stem: the 'takings' are no 'take'."""
    return _groups().get(singular(said), ())


def synonyms(said: str) -> tuple[str, ...]:
    """The same in normal form."""
    return tuple(map(normal, kindred(said)))
