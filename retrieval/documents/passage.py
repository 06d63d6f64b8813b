"""A passage: some paragraphs of a document that stand under the same headings, with the place where they stand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """A paragraph, an item of a list or a row of a table. `start` and `end` are places in the text of the file, or in
    that of the page where there are pages."""

    text: str
    start: int
    end: int
    headings: tuple[str, ...] = ()
    page: int | None = None


@dataclass(frozen=True)
class Passage:
    """What is found and cited. Each line of `text` is one block of the file; `digest` is the hash of the file."""

    source: str
    path: str
    title: str
    headings: tuple[str, ...]
    page: int | None
    start: int
    end: int
    text: str
    digest: str

    @property
    def document(self) -> str:
        return f"{self.source}/{self.path}"

    @property
    def heading(self) -> str:
        """The title of the document and the headings down to the passage."""
        return " › ".join(dict.fromkeys((self.title, *self.headings)))

    @property
    def lines(self) -> list[str]:
        return self.text.split("\n")


@dataclass(frozen=True)
class Found:
    """A passage that a search found; `score` is the cosine of its sense and the question's."""

    passage: Passage
    score: float
