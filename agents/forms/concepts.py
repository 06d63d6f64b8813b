"""What forms of all kinds ask for, as a bridge between a field and a column that are put otherwise, and as what a field
may ask that no column has."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from agents.forms.asked import Asked
from agents.forms.embedded import Encode, source
from agents.forms.question import ACTOR, thing
from agents.forms.question import BARE as EMPTY
from agents.forms.title import PEOPLE
from agents.forms.vocabulary import listed, tokens
from data.naming import single, words

if TYPE_CHECKING:
    from retrieval.embedding import Vectors

BARE = 0.6
"""What a phrase counts without the words for whom it is about, and the rest what it counts with them."""
SHORT = 140
"""Letters of a description that is read as another title."""
SECOND = 0.95
"""What a description counts beside a title."""
BESIDE = 0.85
"""The most that other concepts count where a title just names one."""
HEADED = 0.1
"""Given to the concept that a title begins with, or has in brackets: 'Seat (city)'."""
LISTS = ("dated", "named", "numbered", "amounts", "entities", "elsewhere", "here")
"""What the file holds beside concepts."""
SPOKEN = 0.15
"""Given to the concept of which alone a title has a word: 'Telephone for notices'."""
TELLING = frozenset({"phone·"})
"""Tokens that tell enough at the head of a title, though they leave open whose it is."""
ARTICLES = frozenset({"a", "an", "the", "of", "your", "our", "please"})
UNIT = re.compile(r"\s*\(?\b(?:in )?(?:US ?)?(?:dollars?|USD|EUR|GBP|euros?)\)?|\s*\(?[$€£]\)?", re.I)
"""Words for a unit, which do not tell what it is an amount of."""
HEAD = re.compile(r"^(?P<head>[^,(:–—]+?)\s+(?:of|where|in which|on which|that|for|from|at|to)\s+(?P<rest>.+)$", re.I)
BRACKETS = re.compile(r"^[^(]+\((?P<inside>[^)]{2,40})\)\s*$|^[^,]{2,60}[,:–—]\s+(?P<behind>[^,]{2,40})$")
BEHIND = re.compile(r"(?<=\w)\s+(?:that|which|who|whose|to whom)\b.*", re.I)
"""What only says more of whom a name is."""
FIRST = 0.2
"""The same for the heading that a form begins with, which is seldom of others."""
CLEARLY, LIKELY = 0.08, 0.45
"""How much nearer a heading is to one of others than to any of the subject, and how near it is at least."""


@lru_cache(maxsize=1)
def _file() -> Mapping[str, Any]:
    text = files("agents.forms").joinpath("concepts.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)
    return loaded


@lru_cache(maxsize=1)
def _phrases() -> tuple[tuple[str, str], ...]:
    """(concept, one way to put it)"""
    return tuple((name, one) for name, several in _file().items() if name not in LISTS for one in several)


@lru_cache(maxsize=1)
def _concepts() -> dict[str, int]:
    """Each concept with the place of the first of its phrases, which stand together."""
    found: dict[str, int] = {}
    for place, (name, _) in enumerate(_phrases()):
        found.setdefault(name, place)
    return found


@lru_cache(maxsize=8)
def answered_by(kind: str) -> frozenset[str]:
    """The concepts whose answers are `dated`, `named`, `numbered` or `amounts`."""
    return frozenset(str(_file()[kind]).split())


def dated() -> frozenset[str]:
    """The concepts that are days."""
    return answered_by("dated")


@lru_cache(maxsize=1)
def _entities() -> frozenset[str]:
    return frozenset(one for word in str(_file()["entities"]).split() for one in tokens(word))


@lru_cache(maxsize=1)
def _by_words() -> Mapping[tuple[str, ...], str]:
    """The concept of each phrase, by its words. Of two concepts with the same words the first has them."""
    return {_words(one): name for name, one in reversed(_phrases())}


@lru_cache(maxsize=1)
def _single() -> Mapping[str, str]:
    """The concepts of words that alone say what is asked: 'telephone', but not 'number' or 'from'."""
    vague = EMPTY | listed("fillers") | listed("light") | listed("subject") | listed("sections")
    return {key[0]: name for key, name in _by_words().items() if len(key) == 1 and not set(tokens(key[0])) <= vague}


def _words(text: str) -> tuple[str, ...]:
    return tuple(single(one) for one in words(text) if one not in ARTICLES)


@lru_cache(maxsize=20_000)
def named(text: str) -> str:
    """The concept that one of the phrases names in just these words; "" for none."""
    return _by_words().get(_words(text), "")


def bare(text: str, entities: Iterable[str] = ()) -> str:
    """A text without the words for whom or what it is about; the text itself where it has no others."""
    about = _entities() | frozenset(entities)
    left = [word for word in text.split() if not _is_about(word, about)]
    return " ".join(left) or text


def unitless(text: str) -> str:
    """A text without its unit."""
    return UNIT.sub("", text).strip() or text


def is_about(text: str, entities: Iterable[str] = ()) -> bool:
    """Whether a text has no words but for whom or what it is about."""
    return _is_about(text, _entities() | frozenset(entities))


def _is_about(text: str, about: frozenset[str]) -> bool:
    own = tokens(text)
    return bool(own) and all(one in about for one in own)


class _Vectors(NamedTuple):
    """Of the phrases, as they are beside bare, and of the headings."""

    phrases: Vectors
    headings: Vectors


@lru_cache(maxsize=2)
def _vectors(encode: Encode) -> _Vectors:
    from agents.forms.shipped import vectors

    found, count = vectors(texts(), encode), len(_phrases())
    return _Vectors(_beside(found[:count], found[count : 2 * count]), found[2 * count :])


class Concepts:
    """Tells by sense which concepts a text stands for."""

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._others: dict[str, float] = {}

    @cached_property
    def _vectors(self) -> _Vectors:
        return _vectors(source(self._encode))

    def _joined(self, several: Sequence[tuple[str, str]]) -> Vectors:
        """The vectors of texts as they are and bare."""
        both = self._encode([*(one for one, _ in several), *(one for _, one in several)])
        return _beside(both[: len(several)], both[len(several) :])

    def of(self, said: Sequence[str], entities: Iterable[str] = ()) -> dict[str, float]:
        """By concept, how near one of the texts comes to one of its phrases: 1 where it says just that."""
        import numpy as np

        if not said:
            return {}
        about = tuple(entities)
        said = [unitless(one) for one in said]
        telling = [(one, bare(one, about)) for one in said if one.endswith("?") or not is_about(one, about)]
        if not telling:
            return {}
        near = (self._vectors.phrases @ self._joined(telling).T).max(axis=1)
        nearest = (max(0.0, float(one)) for one in np.maximum.reduceat(near, [*_concepts().values()]))
        return _sharpened(dict(zip(_concepts(), nearest, strict=True)), said[0])

    def wanted(self, said: Sequence[str], entities: Iterable[str] = ()) -> list[str]:
        """The texts that `of` embeds."""
        about, own = tuple(entities), [unitless(one) for one in said]
        return [*own, *(bare(one, about) for one in own)]

    def elsewhere(self, heading: str, *, opening: bool = False) -> bool:
        """Whether a heading is that of a part of a form in which nothing is asked of its subject; `opening` is whether
        the form begins with it."""
        if heading not in self._others:
            self._others[heading] = self._apart(heading)
        return self._others[heading] >= (FIRST if opening else CLEARLY)

    def _apart(self, heading: str) -> float:
        if set(tokens(heading)) <= listed("subject") | listed("sections"):
            return 0.0
        cosines = self._vectors.headings @ self._encode([heading])[0]
        others = len(_file()["elsewhere"])
        there, here = float(cosines[:others].max()), float(cosines[others:].max())
        return there - here if there >= LIKELY else 0.0


def _sharpened(found: dict[str, float], title: str) -> dict[str, float]:
    """The nearness with what a title says in just these words before what is only near."""
    if name := named(title) or named(thing(title)):
        return {one: 1.0 if one == name else min(near, BESIDE) for one, near in found.items()}
    if name := _bracketed(title) or _headed(thing(title)):
        top = max(found.values())
        return {one: min(max(near, top) + HEADED, 1.0) if one == name else near for one, near in found.items()}
    own = {concept for one in _words(title) if (concept := _single().get(one))}
    return {one: min(near + SPOKEN, 1.0) if own == {one} else near for one, near in found.items()}


def _bracketed(title: str) -> str:
    """The concept that stands alone behind a title or in its brackets."""
    found = BRACKETS.match(title)
    return named(found["inside"] or found["behind"]) if found else ""


def _headed(title: str) -> str:
    """The concept that a title begins with, but for what may be asked of all: 'Country of trading', not 'Date of'."""
    found = HEAD.match(title)
    if not found:
        return ""
    if named(found["head"]) == "name" and is_about(BEHIND.sub("", found["rest"])):
        return "name"
    if set(tokens(found["head"])) <= EMPTY - TELLING:
        return ""
    return named(found["head"])


def _beside(whole: Vectors, bare: Vectors) -> Vectors:
    """Vectors side by side, so that a product of two such weighs both."""
    import numpy as np

    joined: Vectors = np.concatenate([whole * math.sqrt(1 - BARE), bare * math.sqrt(BARE)], axis=1)
    return joined


@lru_cache(maxsize=1)
def texts() -> tuple[str, ...]:
    """All that the file has phrases for: as they are, bare, and the headings."""
    said = [one for _, one in _phrases()]
    return (*said, *map(bare, said), *_file()["elsewhere"], *_file()["here"])


def titles(asked: Asked) -> tuple[str, ...]:
    """The texts by which a field's concept is told."""
    said = asked.field.description.strip()
    said = said if set(tokens(said)) - EMPTY - PEOPLE else ""
    first = [left if tokens(left := ACTOR.sub("", text).strip()) else text for text in asked.texts[:1]]
    return tuple(dict.fromkeys((*first, *map(thing, first), *((said,) if 0 < len(said) <= SHORT else ()))))
