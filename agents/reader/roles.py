"""Two parts of one thing in a row, held against each other: sender and receiver who live in different countries."""

from __future__ import annotations

import re

from agents.reader.frame import Frame, Test
from agents.reader.marked import MARK, Marked, cut, table_of
from data.catalog import Relationship
from data.naming import words

_LIVE = (
    r"(?:who |that |which |both |each )*(?:(?:lives?|living|are|is|were|was|come|comes|reside|based|located"
    r"|have|has|had|with) )*"
)
_OTHER = r"(?:different|distinct|two different|separate|differing|not the same|unequal)"
_SAME = r"(?:the same|one and the same|one|a single|identical|equal|matching)"
_ROWS = r"(?:<[vf]\d+> )*<t\d+>"
_BOTH = re.compile(
    rf"(?:(?:where|whose|in which|with|between|when|only if|if|and) )*(?:the |their )?(?P<a><c\d+>) (?:and|&)"
    rf" (?:the |their )?(?P<b><c\d+>)"
    rf"(?:['’]s)? {_LIVE}(?:in |from |of )?(?:(?P<not>{_OTHER})|{_SAME}) (?P<x><c\d+>)"
)
_EACH = re.compile(
    r"(?:(?:where|whose|in which|with|when|if|and) )*(?:the |their )?(?P<a><c\d+>)(?: ['’] ?s)? (?P<x><c\d+>)"
    r" (?:(?P<not>(?:is |are )?(?:not the same as"
    r"|different from|differs? from|unlike|other than|not equal to|not|! ?=))|(?:is |are )?(?:the same as"
    r"|equals?|equal to|=)) (?:that of )?(?:the |their )?"
    r"(?P<b><c\d+>)(?: ?['’] ?s)?(?: <c\d+>)?"
)
_BETWEEN = re.compile(
    rf"(?:(?:that (?:go|went|are|were)|going|sent|made|which are|only) )*(?:(?:between|across|into|to|within"
    rf"|inside|in) (?:people |users |<t\d+> )?"
    rf"(?:(?:of|in|from|living in) )?(?:two )?(?P<not>{_OTHER}|another|other|{_SAME}) (?P<x><c\d+>)|from one"
    rf" (?P<x2><c\d+>) to (?:another|a different|an other)"
    r"(?: one)?|(?P<cross>cross ?- ?border)(?= <t| ?:))"
)
_WITHIN = re.compile(
    rf"[,;(.]? ?(?:and |but )?(?:leave out|leaving out|exclud\w+|ignor\w+|without|skip\w*|drop\w*|omit\w*|not"
    rf" counting|no) (?:the |any |all )?"
    rf"(?:{_ROWS} |those |domestic )*(?:(?:that (?:stay|stayed|are|were) )?(?:within|inside|in|staying in)"
    rf" {_SAME} (?P<x><c\d+>)|where both (?:sides )?"
    r"(?:are|live) in the same (?P<x2><c\d+>)|domestic (?:ones|<t\d+>))\)?"
)


def roles(text: str, frame: Frame, marked: Marked) -> str:
    """`where sender and receiver live in different countries`, `leave out transfers within one country`."""
    for pattern in (_BOTH, _EACH, _WITHIN, _BETWEEN):
        found = pattern.search(text)
        if found is None:
            continue
        pair = _pair(found, text, marked)
        column = _column(found, pair, marked) if pair else ""
        if not pair or not column:
            continue
        sign = "<>" if _differ(found, pattern) else "="
        names = tuple(words(link.column)[0] for link in pair)
        test = Test((column,), sign, roles=(names[0], names[1]))
        frame.tests += [test] if test not in frame.tests else []
        frame.roles |= frozenset(names)
        return roles(cut(text, found), frame, marked)
    return text


def _differ(found: re.Match[str], pattern: re.Pattern[str]) -> bool:
    parts = found.groupdict()
    if pattern is _WITHIN:
        return True
    if pattern is _BETWEEN:
        return not re.fullmatch(_SAME, parts["not"] or "")
    return bool(parts["not"])


def _pair(found: re.Match[str], text: str, marked: Marked) -> tuple[Relationship, Relationship] | None:
    """The two keys of a table that point at the same: those that are named, or the only two of a named table."""
    links, parts = marked.catalog.relationships, found.groupdict()
    if parts.get("a"):
        ends = [{f"{one}" for one in marked.hint(parts[end]).targets} for end in "ab"]
        own = [[link for link in links if f"{link.table}.{link.column}" in end] for end in ends]
        pairs = [(a, b) for a in own[0] for b in own[1] if a != b and (a.table, a.to_table) == (b.table, b.to_table)]
        return pairs[0] if len(pairs) == 1 else None
    tables = {table_of(marked.hint(m.group())) for m in MARK.finditer(text) if m[1] == "t"}
    pairs = [
        (a, b)
        for at, a in enumerate(links)
        for b in links[at + 1 :]
        if a.table in tables and (a.table, a.to_table) == (b.table, b.to_table)
    ]
    return pairs[0] if len(pairs) == 1 else None


def _column(found: re.Match[str], pair: tuple[Relationship, Relationship], marked: Marked) -> str:
    """The column of the thing that both point at."""
    table, parts = pair[0].to_table, found.groupdict()
    said = parts.get("x") or parts.get("x2")
    if said:
        return next((target for target in marked.hint(said).targets if target.rpartition(".")[0] == table), "")
    return next((f"{table}.{column.name}" for column in marked.table(table).columns if column.name == "country"), "")
