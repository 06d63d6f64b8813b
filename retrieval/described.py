"""What people call a table or a column, by the description that a person gave it: 'Tail number (registration)'."""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.spans import is_stopword

MOST_WORDS = 4
"""A phrase of more words explains rather than names."""
_PART = re.compile(r"[(),;:.–]| - ")
_ASIDE = re.compile(r"\(([^()]{3,40})\)")
_FIRST = re.compile(r"^(?:our|the|an?|all|whether|if)\s+", re.IGNORECASE)
_FURTHER = re.compile(r"\s+(?:of|by|with|for|from|that|which|who|to|in|on|at|per)\s+.*$", re.IGNORECASE)
_BECAME = re.compile(r"\b(?:was|were|is|are|has been|had to be|to be)\s+(\w{3,}(?:ed|en|id))$", re.IGNORECASE)
_BARE = frozenset("number day date amount code total name id key time flag type kind value days minutes hours".split())


def phrases(description: str) -> Iterator[str]:
    """The phrases of a description that name, the first one first."""
    head = _FIRST.sub("", _PART.split(description.strip(), maxsplit=1)[0].strip())
    if became := _BECAME.search(head):
        yield became[1].lower()
    short = head if len(head.split()) <= MOST_WORDS else _FURTHER.sub("", head)
    asides = (match[1] for match in _ASIDE.finditer(description))
    for said in (short, _FURTHER.sub("", short), *asides):
        if 0 < len(said.split()) <= MOST_WORDS and said.lower() not in _BARE and not is_stopword(said):
            yield said.lower()
