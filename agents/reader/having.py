"""Bounds on a number of each group: of a period, of what is the same, or of a kind."""

from __future__ import annotations

import re
from dataclasses import replace

from agents.reader.frame import Bound, Frame, Group, Targets
from agents.reader.groups import group_of
from agents.reader.marked import MARK, Marked, cut, table_of
from agents.reader.measures import PIECE, measure
from agents.reader.nouns import NP, is_measure, noun, rows
from agents.reader.order import UNITS
from agents.reader.subject import by_subject, subject_of

_SAME = re.compile(
    rf"(?P<n><n\d+>) (?P<what>(?:<[vf]\d+> )*<t\d+>)(?: (?:<w\d+>|[a-z]+ed))? (?:of|with|on|in|at|for|from|to)"
    rf" (?:one and )?the"
    rf" (?:very )?same (?P<same>{NP}(?:(?:and|,) (?:the )?(?:same )?{NP})*)"
)


_DOING = re.compile(
    r"^(?P<a>.*?)(?:(?<!\w)(?:that|which|who|have|has|had|with|opened|made|got|own|owns|hold|holds"
    r"|[a-z]{3,}(?:ed|s)|<w\d+>)(?: |$))+$"
)
"""The words of a subject's doing, which stand before what it has."""


def of_the_same(text: str, frame: Frame, marked: Marked) -> str:
    """`users with more than one wallet of the same kind`: a number of each user and kind."""
    found = _SAME.search(text)
    number = measure(f"number of {found['what']}", marked) if found else None
    subject = subject_of(text, frame, marked)
    if found is None or number is None or not marked.compared(found["n"]) or subject == number.table:
        return text
    groups = [g for said in re.findall(NP, found["same"].replace("same ", "")) for g in group_of(said, marked)]
    apart = bool(groups) and all(group.column and not group.unit for group in groups)
    if not apart or marked.link(number.table, subject) is None:
        return text
    by_subject(subject, frame)
    frame.groups += [replace(group, column=_own(group.column, number.table)) for group in groups]
    frame.bounds.append(Bound(number, marked.compared(found["n"])))
    frame.subject = ""
    before = _DOING.sub(r"\g<a>", text[: found.start()].strip())
    return f"{before} {text[found.end() :]}"


def _own(column: Targets, table: str) -> Targets:
    """The column of a table, of several that a word names."""
    return tuple(target for target in column if target.rpartition(".")[0] == table) or column


_OVER = re.compile(
    rf"^(?:in )?(?:which|what) (?P<u>{UNITS})s?(?P<d> (?:of )?<d\d+>)? (?:did|had|saw|was|were|does|do)"
    rf"(?: we have)? (?:the )?(?P<np>{PIECE}|{NP}) ?"
    r"(?:exceed|go over|get over|above|drop|fall)? ?(?P<n><n\d+>)"
)


def periods_over(text: str, frame: Frame, marked: Marked) -> str:
    """`in which months did captured revenue exceed 100,000`."""
    found = _OVER.search(text)
    number = measure(found["np"], marked) if found else None
    said = marked.compared(found["n"]) if found else ""
    if found is None or number is None or not said:
        return text
    frame.groups.append(Group(unit=found["u"]))
    frame.numbers.append(number)
    frame.bounds.append(Bound(number, said))
    return cut(text, found, found["d"] or "")


_COUNTED = re.compile(
    rf"[,;]? ?(?:(?:but |and |only |for |the |those |keep |keeping )*(?:{NP}|(?:{UNITS})s?|rows|groups|ones"
    rf"|pairs) ?)?(?:(?:with|having|where|whose|if) )(?:an? |the )?"
    r"(?:count|number(?: of rows)?)(?: is| are)? (?P<n><n\d+>)"
    rf"|[,;(] ?(?:but |and )?(?:only|just|keep(?: only)?|for|show only) (?:the |those )?(?:{NP}|"
    rf"(?:{UNITS})s?|rows|groups|ones|pairs) ?"
    r"(?:with|that have|having|where there (?:are|were)) (?P<n2><n\d+>) (?:of (?:them|those|these)|such <t\d+>"
    r"|rows|in all|or more)\)?"
)


_OF_GROUP = re.compile(
    rf"[,;.] ?(?:and |but |for |only |keep |show )*(?:the )?(?P<g>{NP}) ?(?:with|having|that have) (?P<n><n\d+>)"
    r"(?: or more| of them| only| rows| in all)*(?= ?(?:[,.;)]|$))"
)


def of_groups(text: str, frame: Frame, marked: Marked) -> str:
    """`per category the number of disputes, categories with at least 5 only`."""
    found = _OF_GROUP.search(text)
    column = noun(found["g"], marked).column if found else ()
    first = re.search(
        r"(?:number of|count of|how many|count|numbers?)\b[^<]*(?:<[vf]\d+> )*<t(\d+)>|<t(\d+)> (?:per|by)\b", text
    )
    said = marked.compared(found["n"]) if found else ""
    if found is None or not column or is_measure(column, marked) or first is None or not said:
        return text
    rest = text[: found.start()]
    if not any(set(marked.hint(m.group()).targets) & set(column) for m in MARK.finditer(rest) if m[1] == "c"):
        return text
    table = table_of(marked.hints[int(first[1] or first[2])])
    before = re.search(rf"((?:<[vf]\d+> )*)<t{first[1] or first[2]}>", text)
    tests = noun(before[1], marked).tests if before and before[1] else ()
    frame.bounds.append(Bound(rows(table, tests), said))
    return cut(text, found)


def counts(text: str, frame: Frame, marked: Marked) -> str:
    """`only hours with a count above 300`."""
    found = _COUNTED.search(text)
    first = re.search(r"(?:number of|count of|how many|count) (?:<[vf]\d+> )*<t(\d+)>", text)
    said = marked.compared(found["n"] or found["n2"]) if found else ""
    table = table_of(marked.hints[int(first[1])]) if first else _only_table(text, marked)
    if found is None or not table or not said:
        return text
    frame.bounds.append(Bound(rows(table), said))
    return cut(text, found)


def _only_table(text: str, marked: Marked) -> str:
    """The table of all the columns that a text names, where that is one."""
    owners = {
        target.rpartition(".")[0]
        for m in MARK.finditer(text)
        if m[1] in "cw"
        for target in marked.hints[int(m[2])].targets
    }
    return owners.pop() if len(owners) == 1 else ""
