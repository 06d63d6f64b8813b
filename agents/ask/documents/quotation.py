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
"""What a second passage may be less near than the best, to be quoted with it."""
PARAGRAPH, LONGEST_QUOTE = 500, 900
"""Characters of a paragraph that is quoted whole, and of all that one quotation may be."""

_STEP = re.compile(r"\d{1,3}[.)] ")
_HOW = re.compile(r"\b(?:how (?:do|should|must|can|to)|steps?|runbook|procedure|what (?:should|must|to|do))\b", re.I)
_FUNCTION = "what when where which there their does have with that this from about into"
_COMMON = frozenset(_FUNCTION.split())


@dataclass(frozen=True)
class Sentence:
    """A sentence in its line of a passage; `score` tells how near the question it is."""

    passage: Passage
    text: str
    line: str
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
    parts = [(one.passage, text, line) for one in found for text, line in _sentences(one.passage)]
    nearness = library.near(question, [f"{passage.heading}: {text}" for passage, text, _ in parts])
    scored = [Sentence(*part, score) for part, score in zip(parts, nearness, strict=True)]
    return sorted(scored, key=lambda sentence: -sentence.score)


def quotations(question: str, sentences: Sequence[Sentence]) -> list[Quotation]:
    """What answers the question, nothing where no sentence is near enough: the paragraph of the nearest one, as an
    exception may stand beside a rule; another passage where that is very near too; or the steps of what is to do."""
    if not sentences or not near(question, sentences[0]):
        return []
    best = sentences[0]
    if _HOW.search(question) and (steps := _steps(best, sentences)):
        return [steps]
    close = [s for s in sentences if s.score >= best.score - CLOSE]
    beside = [s for s in close if s.passage == best.passage]
    others = [s for s in close if s.passage != best.passage and s.score >= max(SURE, best.score - CLOSE / 2)]
    return [_around(beside), *(_around([other]) for other in others[:1])]


def _steps(best: Sentence, sentences: Sequence[Sentence]) -> Quotation | None:
    """The nearest passage of the same document that is a list of steps."""
    for sentence in sentences:
        passage = sentence.passage
        if passage.document == best.passage.document and sum(1 for line in passage.lines if _STEP.match(line)) > 1:
            return Quotation(passage, tuple(_bounded(passage.lines)))
    return None


def _around(sentences: Sequence[Sentence]) -> Quotation:
    """The paragraphs of some sentences of a passage, in its order; of a long one the sentence and what follows."""
    passage = sentences[0].passage
    chosen = {sentence.line: sentence for sentence in reversed(sentences)}
    texts = [text for line in passage.lines if line in chosen for text in _paragraph(chosen[line])]
    return Quotation(passage, tuple(_bounded(texts)))


def _paragraph(sentence: Sentence) -> Sequence[str]:
    if len(sentence.line) <= PARAGRAPH:
        return (sentence.line,)
    start = sentence.line.index(sentence.text)
    return _parts(sentence.line[start : start + PARAGRAPH])[:-1] or (sentence.text,)


def near(question: str, sentence: Sentence) -> bool:
    """Whether a sentence may answer the question: near in sense, and with a word in common unless it is very near."""
    if sentence.score >= SURE:
        return True
    said = _words(f"{sentence.passage.heading} {sentence.passage.text}")
    bare = NAMED.sub(" ", ASKED.sub(" ", question))
    return sentence.score >= NEAR and bool(_words(bare) & said)


def _sentences(passage: Passage) -> Iterator[tuple[str, str]]:
    """(sentence, line) for all sentences that say something."""
    for line in passage.lines:
        yield from ((text, line) for text in _parts(line) if len(text) > 3)


def _parts(line: str) -> list[str]:
    from retrieval.documents.cleaning import sentences

    return sentences(line)


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
