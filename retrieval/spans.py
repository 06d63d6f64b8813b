"""Words of a question and the phrases (n-grams) made of them, with a normal form to match on."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

WORD = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*", re.UNICODE)
LONGEST = 5
_RATED = frozenset({"rating", "ratings", "rated"})
"""Forms of one word that has the stem of another: ratings are no rates."""
# Turns of speech whose words mean nothing of what they name elsewhere.
IDIOM = re.compile(
    r"\bon (?:file|record)\b|\blength of stay\b|\bthe other way (?:a?round)\b|\bsooner or later\b|\blater on\b"
    r"|\b(?:leave|leaving) out\b"
    r"|\([^()\d]*\b(?:and so on|etc|and the like|and such|and others|or whatever)\b[^()\d]*\)"
    r"|\b(?:i['’]?m|i am|we['’]?re|we are) \w+ing\b"
    r"|\b(?:end|start|beginning) of (?:(?:the|each|every|that|this|last) )?"
    r"(?=day|week|month|quarter|year|\d|q[1-4]\b|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)",
    re.I,
)

_STOPWORDS = """
a about across all also am among an and any are as at average be been between biggest both but by can could
count day days did different do does each earliest ever every fewest find first five for four from get give
got had has have highest how i in is it its just largest last latest least less let list long longest lot
lowest many max maximum me mean median min minimum month months more most much my need no not number of on
one only or order our over overall per percent percentage please quarter quarters rank see share shortest
show since smallest so sort sum tell ten than thanks that the their them then there these they this those
three to top total two under up us using want was we week weeks were what whats when where which who whose
why will with within without would year years you your hi hello hey kindly versus vs out being made come
comes came into off same such until till before after above below exceed exceeding exceeds during having
ones went gone go goes happen happened large larger small smaller big bigger high higher low lower great
greater longer shorter older newer kind kinds sorts worth recent newest oldest rarest common frequent
breakdown broken split grouped group combined entire whole dollars dollar bucks never lacking none anything
something someone who's what's i'd i'm let's because per w/o yet
"""
_GENERIC = """
money people person persons everyone everybody someone somebody anyone anybody nobody thing things stuff entry entries
record records row rows item items data information info detail details case cases example examples amounts result
results figure figures answer table tables column columns database
"""
GENERIC = frozenset(_GENERIC.split())
"""Words that fit anything: they mean what is called so, and nothing that is called alike."""
STOPWORDS = frozenset(_STOPWORDS.split())


@dataclass(frozen=True)
class Span:
    """A phrase of the question: `words[start:end]`, with its text as written and its normal form."""

    start: int
    end: int
    text: str
    norm: str

    def overlaps(self, other: Span) -> bool:
        """True when both share a word."""
        return self.start < other.end and other.start < self.end


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english")


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The Snowball stem of one lower-case word."""
    return "rating" if word in _RATED else str(_stemmer().stemWord(word))


def plain(text: str) -> str:
    """Lower case without accents: what two spellings of one name share."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


@lru_cache(maxsize=100_000)
def normal(text: str) -> str:
    """The normal form of a phrase: plain, split into words, each stemmed. 'Swap_Dates' -> 'swap date'."""
    words = re.findall(r"[^\W_]+", plain(re.sub(r"['’]s?\b", "", text)))
    return " ".join(stem(word) for word in words)


@lru_cache(maxsize=100_000)
def singular(text: str) -> str:
    """The form that values are matched in: words without a plural's ending: 'Cafes' -> 'cafe', 'opened' as it is."""
    words = re.findall(r"[^\W_]+", plain(re.sub(r"['’]s?\b", "", text)))
    return " ".join(_without_plural(word) for word in words)


def _without_plural(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def words(question: str) -> list[re.Match[str]]:
    """The words of the question, in order, as matches (so that their places are known)."""
    return list(WORD.finditer(question))


def phrases(question: str, longest: int = LONGEST) -> Iterator[Span]:
    """All phrases of up to `longest` words, the longer ones first."""
    found = words(question)
    for size in range(min(longest, len(found)), 0, -1):
        for start in range(len(found) - size + 1):
            text = question[found[start].start() : found[start + size - 1].end()]
            yield Span(start, start + size, text, normal(text))


def is_stopword(text: str) -> bool:
    """True when every word of the phrase is a function word or a word of question asking."""
    return all(plain(word.group()) in STOPWORDS for word in words(text))
