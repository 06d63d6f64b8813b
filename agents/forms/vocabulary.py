"""The words of forms and of columns, brought to one form so that they can be held against one another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from data.naming import Lexicon, words
from retrieval.spans import plain, stem

NUMBERS = {
    word: str(number)
    for number, word in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 1)
}
OWNING = re.compile(r"['’]s\b|(s)['’](?=\s|$)", re.I)
LONGEST = 4
"""Words of the longest phrase that stands for one thing."""


@lru_cache(maxsize=1)
def _file() -> Mapping[str, Any]:
    text = files("agents.forms").joinpath("vocabulary.yaml").read_text(encoding="utf-8")
    loaded: Mapping[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)
    return loaded


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    return Lexicon(())


@lru_cache(maxsize=20_000)
def stems(text: str) -> tuple[str, ...]:
    """The stems of all words, with short ones written out: 'custNo' -> ('custom', 'number')."""
    parts = (part for word in words(plain_case(text)) for part in _compounds().get(word, word).split())
    return tuple(stem(NUMBERS.get(word, word)) for part in parts for word in _written_out(part))


def _written_out(word: str) -> Sequence[str]:
    """A short word at length, but for one that says nothing."""
    return (word,) if word in _fillers() else _lexicon().written_out((word,))


@lru_cache(maxsize=1)
def _fillers() -> frozenset[str]:
    return frozenset(str(_file()["fillers"]).split())


def plain_case(text: str) -> str:
    """The text with its signs as words, and without apostrophes, so that "owner's" is the word 'owner'."""
    text = text.replace("%", " percent ").replace("$", " usd ")
    return OWNING.sub(r"\1", text)


def _compounds() -> Mapping[str, str]:
    found: Mapping[str, str] = _file()["compounds"]
    return found


@lru_cache(maxsize=8)
def listed(kind: str) -> frozenset[str]:
    """The stems of a list of single words, such as `fillers`, and but for these their tokens."""
    own = str(_file()[kind]).split()
    told = () if kind == "fillers" else (one for word in own for one in tokens(word))
    return frozenset((*(stem(plain(word)) for word in own), *told))


@lru_cache(maxsize=1)
def parties() -> frozenset[str]:
    """Tokens of words for others than whom a form is about."""
    return frozenset(one for word in str(_file()["parties"]).split() for one in tokens(word))


@lru_cache(maxsize=1)
def light() -> frozenset[str]:
    """Tokens of words that tell of no rows or columns: 'made', 'hitherto', 'on record'."""
    return frozenset(one for word in str(_file()["light"]).split() for one in tokens(word))


@lru_cache(maxsize=1)
def _same() -> Mapping[tuple[str, ...], str]:
    found = ((_telling(one), stems(group[0])[0], one) for group in _file()["same"] for one in group)
    # A phrase of which the fillers leave one ordinary word does not take that word's meaning.
    return {t: first + "·" for t, first, one in found if len(t) > 1 or t == (first,) or (t and " " not in one)}


def _telling(text: str) -> tuple[str, ...]:
    """The stems of a text without its fillers."""
    return tuple(one for one in stems(text) if one not in listed("fillers"))


@lru_cache(maxsize=1)
def aggregates() -> tuple[tuple[tuple[str, ...], str], ...]:
    """(the tokens of a phrase, the aggregate that it asks for), longest phrases first."""
    found = [(tokens(phrase), name) for name, phrases in _file()["aggregates"].items() for phrase in phrases]
    return tuple(sorted(found, key=lambda one: -len(one[0])))


@lru_cache(maxsize=1)
def verbs() -> Mapping[str, str]:
    """The token of what was done, by that of doing it: 'payment', by 'paid'."""
    return {tokens(word)[-1]: tokens(noun)[0] for noun, own in _file()["verbs"].items() for word in str(own).split()}


@lru_cache(maxsize=1)
def picking() -> frozenset[str]:
    """Tokens that ask for one of several, or for their middle: 'largest', 'average'."""
    return frozenset(one for phrase, name in aggregates() if name not in ("sum", "count") for one in phrase)


@lru_cache(maxsize=1)
def sums() -> frozenset[str]:
    """Stems of words that ask for a sum."""
    return frozenset(stem(word) for word in _file()["sums"])


@lru_cache(maxsize=20_000)
def tokens(text: str) -> tuple[str, ...]:
    """What a text speaks of: stems without fillers, and one token for each phrase that stands for one thing."""
    return tuple(_joined(_telling(text)))


def _joined(parts: Sequence[str]) -> Iterator[str]:
    """The stems with each phrase that stands for one thing as its one token."""
    at = 0
    while at < len(parts):
        for length in range(min(LONGEST, len(parts) - at), 0, -1):
            if (one := _same().get(tuple(parts[at : at + length]))) is not None:
                yield one
                at += length
                break
        else:
            yield parts[at]
            at += 1
