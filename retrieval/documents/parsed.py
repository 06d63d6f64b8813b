"""What a parser makes of a file, and what parsers of running text have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from data.errors import Invalid
from retrieval.documents.passage import Block

_NUMBERED = re.compile(r"(?:\d+\.)+\d*\s+[A-Z]|(?:Section|Chapter|Part|Article|Appendix)\s+\w+", re.ASCII)
LONGEST_HEADING = 80


@dataclass(frozen=True)
class Parsed:
    """A document's title, "" where it tells none, and its blocks in order."""

    title: str
    blocks: tuple[Block, ...]


def decoded(content: bytes) -> str:
    """The text of a file in UTF-8, or in UTF-16 with its mark; Invalid for anything else."""
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Invalid(f"It is not text in UTF-8 (byte {error.start}).", "Save it as UTF-8.") from None


def is_heading(line: str) -> bool:
    """Whether a line of running text reads as a heading: short, numbered or in capitals, and no sentence."""
    if not 2 < len(line) <= LONGEST_HEADING or line[-1] in ".;,:?!":
        return False
    return bool(_NUMBERED.match(line)) or (line.isupper() and any(letter.isalpha() for letter in line))


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """The places of the paragraphs of running text: what stands between blank lines, and headings alone."""
    start = at = 0
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        if not bare or is_heading(bare) or _is_item(bare):
            if text[start:at].strip():
                yield start, at
            start = at
            if is_heading(bare):
                yield at, at + len(line)
                start = at + len(line)
        at += len(line)
    if text[start:at].strip():
        yield start, at


def titled(blocks: Iterable[Block]) -> tuple[str, tuple[Block, ...]]:
    """The title that the first heading or the first short line is, with all blocks."""
    found = tuple(blocks)
    first = next(iter(found), None)
    if first is None:
        return "", ()
    if first.headings:
        return first.headings[0], found
    short = len(first.text) <= LONGEST_HEADING and first.text[-1:] not in ".;,:?!"
    return (first.text, found[1:]) if short and len(found) > 1 else ("", found)


def _is_item(line: str) -> bool:
    return bool(re.match(r"(?:[-*•–]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+\S", line))
