"""What no clause took: whether any of it means something that was not understood."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.reader.frame import Frame, measures_of
from agents.reader.joins import ROLE
from agents.reader.marked import IDLE, MARK, Marked
from data.naming import single, words

_DOING = re.compile(r"[a-z]{3,}(?:ed|ing)")
_PLAIN = frozenset(
    """
    sorted ordered ordering sorting grouped grouping listed listing counted counting summed computed calculated named
    called including included showing giving using based needed wanted regarding following according corresponding
    existing joined joining added combined resulting broken split listing averaged reading doing being having going
    measured expressed earned earning spent charged collected considering given involving involved performed happening looking wanting keeping ranked ranking
    """.split()
)
"""Verbs that say how an answer is to look, or that something is there."""
STEM = 4
"""Letters in which the forms of a verb agree: traded, trading, trade."""


def unread(left: str, frame: Frame, marked: Marked) -> list[str]:
    """The words that mean something and were not understood: also a number that is left over. A verb says nothing else
    where it only tells what rows of the named tables are: the wallet that traded."""
    said = re.findall(r"<[nd]\d+>|\w[\w'’-]*", MARK.sub(lambda m: m.group() if m[1] in "nd" else " ", left))
    open_ = [word for word in said if word not in IDLE and word not in _PLAIN]
    if not any(_DOING.fullmatch(word) for word in open_):
        return open_
    told = {word[:STEM] for word in _told(frame, marked)} - _roles(marked)
    return [word for word in open_ if not (_DOING.fullmatch(word) and word[:STEM] in told)]


def _roles(marked: Marked) -> set[str]:
    """Verbs that tell one of several roles apart where a text has more of them than one: sent and received."""
    found: set[str] = set()
    said = re.findall(r"[a-z]+", f"{marked.text} {' '.join(hint.span.lower() for hint in marked.hints)}")
    for link in marked.catalog.relationships:
        alike = [r.column for r in marked.catalog.relationships if (r.table, r.to_table) == (link.table, link.to_table)]
        named = {column for column in alike if any(word[:ROLE] == column[:ROLE] for word in said)}
        if len(named) > 1:
            found |= {column[:STEM] for column in named}
    return found


def _told(frame: Frame, marked: Marked) -> Iterator[str]:
    """The words by which the catalogue tells what a row of the named tables is."""
    numbers = (*frame.numbers, *(bound.number for bound in frame.bounds))
    named = {frame.subject, *frame.tables, *(m.table for number in numbers for m in measures_of(number))}
    for table in marked.catalog.tables:
        if table.full_name not in named:
            continue
        links = {link.column for link in marked.catalog.relationships if link.table == table.full_name}
        shown = {name.rpartition(".")[2] for number in numbers for m in measures_of(number) for name in m.column}
        own = [column for column in table.columns if column.name in {table.key, table.time, *links, *shown}]
        texts = (table.name, table.description, *table.synonyms, *(column.description for column in own), *links)
        yield from (single(word) for text in texts for word in words(text or ""))
