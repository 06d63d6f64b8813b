"""Text of documents made harmless: one line, without characters that steer a terminal, a page or the reading order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

LONGEST = 1_000
"""Characters of a block; a longer paragraph becomes several."""

_SPACE = re.compile(r"\s+")
_SENTENCE = re.compile(r"(?<=[.!?])[\"”’')\]]?\s+(?=[\"“‘'(\[]?[A-Z0-9])")
_SHORT = re.compile(r"\b(?:e\.g|i\.e|etc|vs|cf|no|nos|art|sec|fig|approx|incl|mr|mrs|ms|dr|st|inc|ltd|u\.s)\.$", re.I)


def clean(text: str) -> str:
    """The text on one line, without control, formatting and half characters."""
    spaced = _SPACE.sub(" ", text)
    return "".join(c for c in spaced if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn")).strip()


def sentences(line: str) -> list[str]:
    """The sentences of a line, word for word."""
    found: list[str] = []
    start = 0
    for gap in _SENTENCE.finditer(line):
        if _SHORT.search(line[start : gap.start() + 1].rstrip()):
            continue
        found.append(line[start : gap.end()].strip())
        start = gap.end()
    return [*found, line[start:].strip()] if line[start:].strip() else found


def pieces(text: str, most: int = LONGEST) -> Iterator[str]:
    """The text in pieces of at most `most` characters, cut at the ends of sentences or else between words."""
    piece = ""
    for part in (word for sentence in sentences(text) for word in _bounded(sentence, most)):
        if piece and len(piece) + 1 + len(part) > most:
            yield piece
            piece = part
        else:
            piece = f"{piece} {part}".strip()
    if piece:
        yield piece


def _bounded(sentence: str, most: int) -> Iterator[str]:
    while len(sentence) > most:
        cut = sentence.rfind(" ", 1, most) if " " in sentence[1:most] else most
        yield sentence[:cut].strip()
        sentence = sentence[cut:].strip()
    if sentence:
        yield sentence
