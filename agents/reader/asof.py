"""What runs at a moment: what had begun before a day and had not ended by then."""

from __future__ import annotations

import re

from agents.columns import times
from agents.reader.frame import Frame, Test
from agents.reader.marked import MARK, Marked, cut, table_of

_HAD = r"(?:(?:that|which|who|have|has|had|were|was|are|is|been|already|and|but) )*"
_THEN = (
    r"(?:by then|yet|at that (?:time|point|moment|date)|then|by that (?:day|date|time|moment)|before that|until"
    r" then|on that"
    r" (?:day|date)|at the time)"
)
_BEGUN = re.compile(
    rf"{_HAD}(?P<a><[wc]\d+>) (?P<d><d\d+>),? {_HAD}(?:not|n't|never) (?:yet )?(?:been )?(?P<b><[wc]\d+>) {_THEN}"
    r"(?P<again> ?\([^()]*\))?"
)
_RUNNING = re.compile(
    r"(?:(?:that|which|who|were|was|are|is|still) )*(?P<how>active|running|live|open|in force|ongoing|valid|in"
    r" effect|existing) "
    r"(?:as of|at|by) (?:the )?(?:very )?end (?P<d><d\d+>)"
)
_AT_END = re.compile(r"(?:snapshot |as of |state |status )*(?:at|by|as of) the (?:very )?end (?P<d><d\d+>)")


def asof(text: str, frame: Frame, marked: Marked) -> str:
    """`subscriptions that had started before July 2025 and had not ended by then`."""
    found = _BEGUN.search(text)
    if found is not None:
        first, last = (marked.hint(found[end]).targets for end in "ab")
        since, day = marked.hint(found["d"]).literals
        if since or not day or first == last or _others(found["again"] or "", last, day, marked):
            return text
        _ask(first, last, day, frame)
        return _twice(cut(text, found), day, marked)
    found = _RUNNING.search(text)
    ends = _ends(text, marked) if found else None
    if found is None or ends is None or not (day := marked.hint(found["d"]).literals[1]):
        return text
    _ask(*ends, day, frame)
    return cut(text, found)


def _ask(first: tuple[str, ...], last: tuple[str, ...], day: str, frame: Frame) -> None:
    frame.tests += [Test(first, f" < '{day}'"), Test(last, f"({{}} IS NULL OR {{}} >= '{day}')")]


def _others(said: str, last: tuple[str, ...], day: str, marked: Marked) -> bool:
    """Whether brackets say anything else than what they explain."""
    for mark in MARK.finditer(said):
        hint = marked.hint(mark.group())
        same = hint.literals == (day, "") if mark[1] == "d" else bool(set(hint.targets) & set(last))
        if not same:
            return True
    return bool(re.search(r"\bonly\b|\bexcept\b", said))


def _twice(text: str, day: str, marked: Marked) -> str:
    """Without the same moment told again: `snapshot at the end of June`, before the first of July."""
    found = _AT_END.search(text)
    return cut(text, found) if found and marked.hint(found["d"]).literals[1] == day else text


def _ends(text: str, marked: Marked) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The beginning and the end of the one named thing that has just these two moments."""
    tables = list(dict.fromkeys(table_of(marked.hint(m.group())) for m in MARK.finditer(text) if m[1] == "t"))
    able = [(name, [column.name for column in times(marked.table(name))]) for name in tables]
    fit = [(name, named) for name, named in able if len(named) == 2 and marked.table(name).time in named]
    if len(fit) != 1:
        return None
    name, named = fit[0]
    begin = marked.table(name).time or ""
    return (f"{name}.{begin}",), (f"{name}.{next(one for one in named if one != begin)}",)
