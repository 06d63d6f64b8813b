"""The words of a question that name something and that nothing in the data was found for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from retrieval.hints import Hint
from retrieval.light import LIGHT
from retrieval.similar import CALENDAR
from retrieval.spans import IDIOM, plain, words
from retrieval.verbs import is_verb

Rarity = Callable[[str], float]
"""How rare a word is, from 0 for the commonest to 1."""

_DIGITS, _ADVERB = re.compile(r"\d"), re.compile(r"\w{2,}ly")
_CONTRACTED = re.compile(r"['’](?:t|d|ll|re|ve|m)$")
_ASKED = re.compile(
    r"\b(?:what(?:['’]?s)?|which|whose|how|many|much|number of|list|average|total|mean|median)\b[\s\w]{0,14}?$", re.I
)
_MANNER_WORDS = """
about are big busy can come could did do does early few frequently full has have high i is it large late long low many
much often small soon the they to was we were would should
"""
_MANNER = frozenset(_MANNER_WORDS.split())
"""What follows 'how' and is no quantity of its own."""
_HOW = re.compile(r"\bhow\s+$", re.I)
_ENOUGH = 3
"""Letters of the shortest word that says something."""
_CUE = re.compile(
    r"\b(?:how|what|which|who|whom|whose|when|where|list|show|give|tell|count|number|total|average|find|name)\b", re.I
)
"""What a request begins with."""
_SENTENCE = re.compile(r"[.!:]\s+(?=\w+\W+\w+\W+\w)")
"""What ends a sentence that three words follow at least."""
_ASKER = re.compile(
    r"\W*(?:[\w'’-]+\W+){1,7}?(?:(?:is|are|was|were|keeps?)\s+(?:asking|wondering)|asks|asked|wants?|needs?|wonders?"
    r"|(?:would|['’]d) like)(?:\s+(?:to know|to see|me|us))*[,:]?\s+(?=\w+\W+\w)",
    re.I,
)
"""'Our accountant is asking', before what is asked."""


@dataclass(frozen=True)
class Unread:
    """A word with its rarity. `name`: it is a proper name; `asked`: it stands where a question says what it asks for;
    `thing`: it is no form of a verb."""

    text: str
    start: int
    rarity: float
    name: bool = False
    asked: bool = False
    thing: bool = True


def unread(
    question: str, hints: Iterable[Hint], names: Iterable[str], rarity: Rarity, sources: Iterable[str] = ()
) -> tuple[Unread, ...]:
    """Of a question in which `hints` were found, and the `names` that match nothing. Who names one of the `sources`
    means all of it."""
    taken = [(h.start, h.start + len(h.span)) for h in hints] + [m.span() for m in IDIOM.finditer(question)]
    said, found, begun = frozenset(names), words(question), preface(question)
    known = frozenset(map(plain, sources))
    telling = [m for m in found if m.start() >= begun and not _is_light(question, m)]
    first = telling[0].start() if telling else -1
    return tuple(
        Unread(
            m.group(),
            m.start(),
            rarity(m.group()),
            m.group() in said,
            m.start() == first or asks(question[: m.start()]),
            not is_verb(question, m.group(), m.start()),
        )
        for m in telling
        if plain(m.group()) not in known and not any(m.start() < end and start < m.end() for start, end in taken)
    )


def preface(question: str) -> int:
    """Where the request begins: before it stands who asks, or why. 0 where nothing stands before it."""
    ends = [match.end() for match in _SENTENCE.finditer(question)]
    asker = _ASKER.match(question)
    ends += [asker.end()] if asker else []
    return max((end for end in ends if not _CUE.search(question[:end])), default=0)


def asks(before: str) -> bool:
    """Whether the next word is what a question asks for, by what stands before it."""
    return bool(_ASKED.search(before))


def _is_light(question: str, match: re.Match[str]) -> bool:
    """Whether a word asks, counts or orders. What follows 'how' is a quantity that is asked for, as in 'how old'."""
    told = plain(re.sub(r"['’]s?$", "", match.group()))
    if _HOW.search(question[: match.start()]):
        return told in _MANNER
    short = len(told) < _ENOUGH or bool(_DIGITS.search(told)) or bool(_CONTRACTED.search(match.group()))
    return told in LIGHT or told in CALENDAR or short or bool(_ADVERB.fullmatch(told))
