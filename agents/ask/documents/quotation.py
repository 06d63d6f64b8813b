"""The sentences of passages that answer a question, word for word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.ask.documents.citation import place, source
from agents.ask.documents.cues import ASKED, NAMED

if TYPE_CHECKING:
    from retrieval.documents import Found, Library, Passage

NEAR, SURE = 0.47, 0.62
"""Cosines of a sentence under its heading and a question: from the first on it may be the answer, if they also share
a word; from the second on it is taken to be."""

CLOSE = 0.08
"""What a second sentence may be less near than the best, to be quoted with it."""
MOST_SENTENCES, MOST_PASSAGES = 3, 2
LONGEST_QUOTE = 900

_STEP = re.compile(r"\d{1,3}[.)] ")
_HOW = re.compile(r"\b(?:how (?:do|should|must|can|to)|steps?|runbook|procedure|what (?:should|must|to|do))\b", re.I)
_COMMON = frozenset(
    [
        "what",
        "when",
        "where",
        "which",
        "there",
        "their",
        "does",
        "have",
        "with",
        "that",
        "this",
        "from",
        "about",
        "into",
    ]
)


@dataclass(frozen=True)
class Sentence:
    """A sentence of a passage, in its order there; `score` tells how near the question it is."""

    passage: Passage
    index: int
    text: str
    score: float


@dataclass(frozen=True)
class Quotation:
    """What a passage answers, in its own words."""

    passage: Passage
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        return f"“{' '.join(self.sentences)}” ({place(self.passage)})"

    @property
    def source(self) -> dict[str, Any]:
        return source(self.passage, self.sentences)


def scored(question: str, found: Sequence[Found], library: Library) -> list[Sentence]:
    """The sentences of the passages that were found, nearest first."""
    parts = [(one.passage, i, text) for one in found for i, text in enumerate(_sentences(one.passage))]
    nearness = library.near(question, [f"{passage.heading}: {text}" for passage, _, text in parts])
    scored = [Sentence(*part, score) for part, score in zip(parts, nearness, strict=True)]
    return sorted(scored, key=lambda sentence: -sentence.score)


def quotations(question: str, sentences: Sequence[Sentence]) -> list[Quotation]:
    """What answers the question, nothing where no sentence is near enough."""
    if not sentences or not near(question, sentences[0]):
        return []
    best = sentences[0]
    if _HOW.search(question) and any(_STEP.match(line) for line in best.passage.lines):
        return [Quotation(best.passage, tuple(_bounded(best.passage.lines)))]
    chosen = [s for s in sentences if s.score >= max(NEAR, best.score - CLOSE)][:MOST_SENTENCES]
    passages = list(dict.fromkeys(sentence.passage for sentence in chosen))[:MOST_PASSAGES]
    return [Quotation(passage, tuple(_bounded(_ordered(passage, chosen)))) for passage in passages]


def near(question: str, sentence: Sentence) -> bool:
    """Whether a sentence may answer the question: near in sense, and with a word in common unless it is very near."""
    if sentence.score >= SURE:
        return True
    said = _words(f"{sentence.passage.heading} {sentence.passage.text}")
    bare = NAMED.sub(" ", ASKED.sub(" ", question))
    return sentence.score >= NEAR and bool(_words(bare) & said)


def _sentences(passage: Passage) -> Iterator[str]:
    from retrieval.documents.cleaning import sentences

    for line in passage.lines:
        yield from (text for text in sentences(line) if len(text) > 3)


def _ordered(passage: Passage, chosen: Sequence[Sentence]) -> Iterator[str]:
    own = sorted((s for s in chosen if s.passage == passage), key=lambda sentence: sentence.index)
    return (sentence.text for sentence in own)


def _bounded(texts: Iterator[str] | Sequence[str]) -> Iterator[str]:
    """Whole sentences up to the most that is quoted; of a longer first one its beginning."""
    left = LONGEST_QUOTE
    for text in texts:
        if len(text) > left:
            if left == LONGEST_QUOTE:
                yield f"{text[: left - 1]}…"
            return
        yield text
        left -= len(text)


def _words(text: str) -> frozenset[str]:
    import Stemmer

    found = {word for word in re.findall(r"[^\W\d_]{4,}", text.lower()) if word not in _COMMON}
    return frozenset(Stemmer.Stemmer("english").stemWords(sorted(found)))
