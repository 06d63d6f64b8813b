"""Words that ask in most questions and name things in some: 'show me', 'which show', 'in order of', 'per order'."""

from __future__ import annotations

import re

from retrieval.spans import plain

_THINGS = frozenset({"show", "order", "lot", "list", "share"})
_BEFORE = re.compile(
    r"(?:^|[.?!,;:(]\s*|\b(?:in|in the|and|or|but|to|please|you|also|then|just|kindly|we|they|i|can|could|will|must"
    r"|should|not|reverse|alphabetical|chronological|ascending|descending|same|now)\s+)$",
    re.IGNORECASE,
)
_AFTER = re.compile(r"\s+(?:of|by|me|us|them|all|the|it|up|in (?:a|de)scending)\b", re.IGNORECASE)
"""What stands before and after them where they ask."""
_ONE = re.compile(
    r"\b(?:(?:\w+est|most \w+|last|first)(?: \w+)?|per|each|every|which|what|average|single|an)\s+$", re.IGNORECASE
)
"""What stands before a thing, whatever follows."""


def is_thing(word: str, before: str, after: str) -> bool:
    """Whether one of these words names a thing between what is said `before` and `after` it."""
    if plain(word) not in _THINGS:
        return False
    return bool(_ONE.search(before)) or not (_BEFORE.search(before) or _AFTER.match(after))
