"""Markdown: headings of both kinds, paragraphs, items of lists, rows of tables and code, without their marks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.documents.cleaning import clean
from retrieval.documents.parsed import Parsed, decoded
from retrieval.documents.passage import Block

_FRONT = re.compile(r"\A---[ \t]*\n.*?\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TITLE = re.compile(r"^title:[ \t]*[\"']?(.+?)[\"']?[ \t]*$", re.MULTILINE)
_ATX = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")
_SETEXT = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")
_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|(\d{1,3}[.)]))[ \t]+")
_ROW = re.compile(r"[ \t]*\|.*\|[ \t]*$")
_RULER = re.compile(r"[ \t|:-]+$")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,300}>")
_LINK = re.compile(r"!?\[([^\]\n]*)\](?:\([^)\n]*\)|\[[^\]\n]*\])")
_MARKS = re.compile(r"(\*\*\*|\*\*|\*|___|__|(?<!\w)_|_(?!\w)|~~|`+)(?=\S)(.+?)(?<=\S)\1")


def parse(content: bytes) -> Parsed:
    """The blocks of a Markdown file, whose places are those in its text."""
    text = decoded(content).replace("\r\n", "\n").replace("\r", "\n")
    front = _FRONT.match(text)
    begin = front.end() if front else 0
    named = _TITLE.search(front[0]) if front else None
    body = _COMMENT.sub(lambda hidden: " " * len(hidden[0]), text)
    found = tuple(_Reader(body, begin).blocks())
    first = next((block.headings[0] for block in found if block.headings), "")
    return Parsed(clean(named[1]) if named else first, found)


def spoken(text: str) -> str:
    """Text without the marks of emphasis, links, code and tags."""
    text = _LINK.sub(r"\1", _TAG.sub("", text))
    for _ in range(3):
        text = _MARKS.sub(r"\2", text)
    return clean(re.sub(r"\\([\\`*_{}\[\]()#+.!|>~-])", r"\1", text))


class _Reader:
    """Reads line by line; the paragraph so far waits until it ends."""

    def __init__(self, text: str, at: int) -> None:
        self._text, self._at = text, at
        self._waiting: list[str] = []
        self._start = at
        self._path: list[tuple[int, str]] = []
        self._fence = ""

    def blocks(self) -> Iterator[Block]:
        for line in self._text[self._at :].splitlines(keepends=True):
            yield from self._line(line.rstrip("\n"))
            self._at += len(line)
        yield from self._ended()

    def _line(self, line: str) -> Iterator[Block]:
        fence = _FENCE.match(line)
        if self._fence or fence:
            yield from self._code(line, fence)
        elif heading := _ATX.match(line):
            yield from self._ended()
            self._under(len(heading[1]), heading[2])
        elif (under := _SETEXT.match(line)) and len(self._waiting) == 1 and not _ITEM.match(self._waiting[0]):
            self._under(1 if under[1][0] == "=" else 2, self._waiting.pop())
        elif not line.strip() or _SETEXT.match(line):
            yield from self._ended()
        elif _ROW.match(line):
            yield from self._ended()
            if not _RULER.match(line):
                self._add(" | ".join(cell.strip() for cell in line.strip().strip("|").split("|")))
                yield from self._ended(self._at + len(line))
        else:
            if _ITEM.match(line):
                yield from self._ended()
            self._add(line)

    def _code(self, line: str, fence: re.Match[str] | None) -> Iterator[Block]:
        """Lines of code are blocks as they stand."""
        if fence and not self._fence:
            yield from self._ended()
            self._fence = fence[1]
        elif fence and line.strip().startswith(self._fence):
            self._fence = ""
        elif said := clean(line):
            yield Block(said, self._at, self._at + len(line), self._headings())

    def _add(self, line: str) -> None:
        if not self._waiting:
            self._start = self._at
        self._waiting.append(re.sub(r"^[ \t]*(?:>[ \t]?)+", "", line))

    def _under(self, level: int, heading: str) -> None:
        self._path = [step for step in self._path if step[0] < level]
        if said := spoken(heading):
            self._path.append((level, said))

    def _ended(self, end: int | None = None) -> Iterator[Block]:
        if not self._waiting:
            return
        lines = "\n".join(self._waiting)
        self._waiting = []
        item = _ITEM.match(lines)
        said = spoken(lines[item.end() :] if item else lines)
        number = f"{item[1]} " if item and item[1] else ""
        if said:
            yield Block(f"{number}{said}", self._start, end or self._at, self._headings())

    def _headings(self) -> tuple[str, ...]:
        return tuple(said for _, said in self._path)
