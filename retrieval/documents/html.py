"""HTML: what a reader of the page sees, by headings, paragraphs, items and rows of tables."""

from __future__ import annotations

from html.parser import HTMLParser

from retrieval.documents.cleaning import clean
from retrieval.documents.parsed import Parsed, decoded
from retrieval.documents.passage import Block

_UNSEEN = frozenset(["script", "style", "template", "noscript", "svg", "math", "iframe", "object", "head", "nav"])
_TEXT = "address article aside blockquote body details div figcaption figure footer form header main p pre section"
_LISTS = "br dd dl dt fieldset h1 h2 h3 h4 h5 h6 hr html li ol summary table tbody tfoot thead tr ul"
_BREAKS = frozenset(f"{_TEXT} {_LISTS}".split())
_EMPTY = "area base br col embed hr img input link meta source track wbr"
_VOID = frozenset(_EMPTY.split())
_CELLS = ("td", "th")
_OPEN = ("p", "li", "dt", "dd", "tr", "td", "th")
"""Elements whose end tags may be left out."""


def parse(content: bytes) -> Parsed:
    """The blocks of a page, whose places are those in the text that is seen."""
    reader = _Reader()
    reader.feed(decoded(content))
    reader.close()
    reader.end()
    first = next((block.headings[0] for block in reader.blocks if block.headings), "")
    return Parsed(clean(reader.title) or first, tuple(reader.blocks))


class _Reader(HTMLParser):
    """Collects what is seen until a tag ends the block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.blocks: list[Block] = []
        self._said: list[str] = []
        self._at = 0
        self._hidden: list[str] = []
        self._path: list[tuple[int, str]] = []
        self._level = 0
        self._titling = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._implied(tag)
        if tag == "title" and self._hidden in ([], ["head"]):
            self._titling = True
        if tag in _VOID:
            if tag in _BREAKS:
                self.end()
        elif self._hidden or tag in _UNSEEN or _is_hidden(dict(attrs)):
            self._hidden.append(tag)
        elif tag in _BREAKS:
            self.end()
            self._level = int(tag[1]) if len(tag) == 2 and tag[0] == "h" and tag[1].isdecimal() else 0
        elif tag in _CELLS and clean("".join(self._said)):
            self._said.append(" | ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._titling = False
        if tag in self._hidden:
            while self._hidden.pop() != tag:
                continue
            return
        while self._hidden and self._hidden[-1] in _OPEN and tag in _BREAKS:
            self._hidden.pop()
        if not self._hidden and tag in _BREAKS:
            self.end()

    def handle_data(self, data: str) -> None:
        if self._titling:
            self.title += data
        elif not self._hidden:
            self._said.append(data)

    def _implied(self, tag: str) -> None:
        """What is hidden ends where its end tag was left out."""
        last = self._hidden[-1] if self._hidden else ""
        again = last in _OPEN and tag == last
        if again or (last == "p" and tag in _BREAKS) or (last == "head" and tag == "body"):
            self._hidden.pop()

    def end(self) -> None:
        """The block is over: it is a heading, or stands under those that were."""
        said, level = clean("".join(self._said)), self._level
        self._said, self._level = [], 0
        if not said:
            return
        if level:
            self._path = [*(step for step in self._path if step[0] < level), (level, said)]
        else:
            headings = tuple(step[1] for step in self._path)
            self.blocks.append(Block(said, self._at, self._at + len(said), headings))
        self._at += len(said) + 1


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    style = (attributes.get("style") or "").replace(" ", "").lower()
    hidden = "display:none" in style or "visibility:hidden" in style or "font-size:0" in style
    return hidden or "hidden" in attributes or attributes.get("aria-hidden") == "true"
