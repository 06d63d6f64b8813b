"""What no clause took: whether any of it means something that was not understood."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.reader.frame import Frame, Ratio, Targets, Test, measures_of
from agents.reader.marked import IDLE, MARK, ROLE, Marked, table_of
from agents.reader.nouns import is_measure, noun, owner
from data.naming import single, words

_DOING = re.compile(r"[a-z]{3,}(?:ed|ing)")
_PLAIN_WORDS = """
sorted ordered ordering sorting grouped grouping listed listing counted counting summed computed calculated named
called including included showing giving using based needed wanted regarding following according corresponding
existing joined joining added combined resulting broken split listing averaged reading doing being having going
measured expressed earned earning spent charged collected considering given involving involved performed happening
looking wanting keeping ranked ranking
"""
_PLAIN = frozenset(_PLAIN_WORDS.split())
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
    told = {word[:STEM] for word in _words(frame, marked)} - role_words(marked)
    return [word for word in open_ if not (_DOING.fullmatch(word) and word[:STEM] in told)]


def role_words(marked: Marked) -> set[str]:
    """Verbs that tell one of several roles apart where a text has more of them than one: sent and received."""
    found: set[str] = set()
    said = re.findall(r"[a-z]+", f"{marked.text} {' '.join(hint.span.lower() for hint in marked.hints)}")
    for link in marked.catalog.relationships:
        alike = [r.column for r in marked.catalog.relationships if (r.table, r.to_table) == (link.table, link.to_table)]
        named = {column for column in alike if any(word[:ROLE] == column[:ROLE] for word in said)}
        if len(named) > 1:
            found |= {column[:STEM] for column in named}
    return found


def _words(frame: Frame, marked: Marked) -> Iterator[str]:
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


def rest(left: str, frame: Frame, marked: Marked) -> None:
    """What no clause took: adjectives ask for rows, tables are named, columns are shown."""
    first = re.search(r"<t(\d+)>", left)
    if not frame.subject and first and not frame.numbers:
        frame.subject = table_of(marked.hints[int(first[1])])
    said = noun(left.replace(" of ", " "), marked)
    frame.tests += [test for test in said.tests if test not in frame.tests]
    frame.tables |= _named_tables(frame.text, marked) | {owner(verb) for verb in said.verbs}
    frame.tests += [Test(verb, " IS NOT NULL") for verb in _done(left, marked) if not _told_when(verb, frame, marked)]
    shown = [_of(m, left, marked) for m in MARK.finditer(left) if m[1] == "c"]
    frame.columns += shown
    if not frame.subject and not frame.numbers:
        named = [*(test.column for test in frame.tests if test.column), *shown]
        frame.subject = owner(named[0]) if named else ""


def _of(mark: re.Match[str], left: str, marked: Marked) -> Targets:
    """The column of the thing that is named behind it: `the amount of the payment`."""
    targets = marked.hints[int(mark[2])].targets
    whose = re.match(r" of (?:the |its |their |that )?(?:<[vf]\d+> )*<t(\d+)>", left[mark.end() :])
    table = table_of(marked.hints[int(whose[1])]) if whose else ""
    name = targets[0].rpartition(".")[2]
    if table and any(column.name == name for column in marked.table(table).columns):
        return (f"{table}.{name}",)
    return targets


def _done(left: str, marked: Marked) -> list[Targets]:
    """The moments of what has happened to the rows: `offers that were accepted`, `accepted offers`."""
    found = re.findall(r"(?:that|which|who) (?:were|was|have been|has been|are|is|had) (<w\d+>)|^(<w\d+>) <t", left)
    return [marked.hint(mark).targets for pair in found for mark in pair if mark]


def _told_when(verb: Targets, frame: Frame, marked: Marked) -> bool:
    """Whether every row has such a moment: it is when the row came to be; or something else is asked of it."""
    table, column = marked.column(verb[0])
    return column.name == table.time or any(test.column == verb for test in frame.tests)


def told(left: str, frame: Frame, marked: Marked) -> bool:
    """Whether what is left over says nothing else: neither a column beside numbers, nor a part of a share."""
    if not (frame.numbers or frame.bounds):
        return frame.within or not frame.groups or not any(is_measure(one, marked) for one in frame.columns)
    taken = {test.column for test in frame.tests} | {group.column for group in frame.groups}
    taken |= {m.column for bound in frame.bounds for m in measures_of(bound.number)}
    things = {group.table for group in frame.groups if group.table and not group.column and not group.unit}
    over = [
        one
        for one in frame.columns
        if not any(set(one) & set(other) for other in taken) and owner(one, things) not in things
    ]
    parts = any(isinstance(one, Ratio) and one.bottom is None for one in frame.numbers)
    return not over and not (parts and re.search(r"<[vf]\d+>", left))


def _named_tables(text: str, marked: Marked) -> set[str]:
    """The tables that a text names."""
    return {table_of(marked.hints[int(m[2])]) for m in MARK.finditer(text) if m[1] == "t"}
