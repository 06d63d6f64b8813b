"""The words of a question that name something and that nothing in the data was found for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from retrieval.hints import Hint
from retrieval.light import LIGHT
from retrieval.similar import CALENDAR
from retrieval.spans import IDIOM, plain, words

Near = Callable[[Sequence[str]], Sequence[float]]
"""The cosine of each word and what of all names is nearest to it; 0 where none is near."""

_DIGITS = re.compile(r"\d")
_DEGREE = re.compile(r"\w{2,}(?:est|ly)")
_ASKED = re.compile(
    r"\b(?:what(?:['’]?s)?|which|whose|how many|how much|number of|list|average|total|mean|median)\b[\s\w]{0,14}?$",
    re.I,
)


@dataclass(frozen=True)
class Unread:
    """A word with the cosine of the name that is nearest to it; `name`: it is a proper name; `asked`: it stands where
    a question says what it asks for."""

    text: str
    start: int
    near: float
    name: bool = False
    asked: bool = False


def unread(question: str, hints: Iterable[Hint], names: Iterable[str], near: Near) -> tuple[Unread, ...]:
    """Of a question in which `hints` were found, and the `names` that match nothing."""
    taken = [(h.start, h.start + len(h.span)) for h in hints] + [m.span() for m in IDIOM.finditer(question)]
    said = frozenset(names)
    left = [m for m in words(question) if not _is_light(m.group()) and not _inside(m, taken)]
    scores = near([m.group() for m in left]) if left else ()
    return tuple(
        Unread(m.group(), m.start(), score, m.group() in said, bool(_ASKED.search(question[: m.start()])))
        for m, score in zip(left, scores, strict=True)
    )


def _is_light(word: str) -> bool:
    told = plain(re.sub(r"['’]s?$", "", word))
    return (
        told in LIGHT
        or told in CALENDAR
        or bool(_DIGITS.search(told))
        or len(told) < 3
        or bool(_DEGREE.fullmatch(told))
        or bool(re.search(r"['’](?:t|d|ll|re|ve|m|s)$", word))
    )


def _inside(match: re.Match[str], taken: Iterable[tuple[int, int]]) -> bool:
    return any(match.start() < end and start < match.end() for start, end in taken)
