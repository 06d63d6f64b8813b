"""What people call a table or a column, by the description that a person gave it: 'Tail number (registration)'."""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.spans import GENERIC, is_stopword, plain

MOST_WORDS = 4
"""A phrase of more words explains rather than names."""
_PART = re.compile(r"[(),;:.–]| - ")
_ASIDE = re.compile(r"\(([^()]{3,40})\)")
_FIRST = re.compile(r"^(?:our|the|an?|all|whether|if)\s+", re.IGNORECASE)
_FURTHER = re.compile(r"\s+(?:of|by|with|for|from|that|which|who|to|in|on|at|per)\s+.*$", re.IGNORECASE)
_BECAME = re.compile(r"\b(?:was|were|is|are|has been|had to be|to be)\s+(\w{3,}(?:ed|en|id))$", re.IGNORECASE)
_WORDS = "number day date amount code total name id key time flag type kind value days minutes hours"
_BARE = frozenset(_WORDS.split())


def phrases(description: str, *, things: bool = False) -> Iterator[str]:
    """The phrases of a description that name, the first one first. Of a table of `things` what tells more of them is
    left out: the 'Licences of the staff by type' are licences."""
    head = _FIRST.sub("", _PART.split(description.strip(), maxsplit=1)[0].strip())
    if became := _BECAME.search(head):
        yield became[1].lower()
    heads = (head, _FURTHER.sub("", head)) if things else (head,)
    asides = (match[1] for match in _ASIDE.finditer(description))
    for said in (*heads, *asides):
        bare = said.lower() in _BARE or plain(said) in GENERIC or is_stopword(said)
        if 0 < len(said.split()) <= MOST_WORDS and not bare:
            yield said.lower()
