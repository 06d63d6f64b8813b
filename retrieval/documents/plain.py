"""Plain text: paragraphs, items of lists, and headings that are numbered or in capitals."""

from __future__ import annotations

from collections.abc import Iterator

from retrieval.documents.cleaning import clean
from retrieval.documents.parsed import Parsed, decoded, is_heading, paragraphs, titled
from retrieval.documents.passage import Block


def parse(content: bytes) -> Parsed:
    """The blocks of a text file."""
    return Parsed(*titled(blocks(decoded(content))))


def blocks(text: str, page: int | None = None, above: tuple[str, ...] = ()) -> Iterator[Block]:
    """The blocks of running text; `above` are headings that stand over all of it."""
    heading: tuple[str, ...] = ()
    for start, end in paragraphs(text):
        said = clean(text[start:end])
        if is_heading(said):
            heading = (said,)
        elif said:
            yield Block(said, start, end, tuple(dict.fromkeys((*above, *heading))), page)
