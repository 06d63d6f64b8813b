"""Both parts of a whole beside each other, and one part against the other: `how many have a note and how many do not`,
`that lost more disputes than they won`."""

from __future__ import annotations

import re

from agents.reader.conditions import denied
from agents.reader.frame import Among, Bound, Frame, Measure, Noun, Ratio, Test
from agents.reader.marked import Marked, cut
from agents.reader.nouns import noun, owner, rows
from agents.reader.subject import by_subject, subject_of

_ROWS = r"(?:<[vf]\d+> )*<t\d+>"
_NOT = (
    r"(?:do not|do n[’']t|don ?[’']?t|does not|did not|didn ?[’']?t|have not|haven ?[’']?t|has not|are not|aren ?[’']?t"
    r"|were not|weren ?[’']?t|is not|was not|have none|had none|lack (?:one|it|any)|without(?: (?:one|it|any))?"
    r"|have no <c\d+>|with no <c\d+>|without (?:an? )?<c\d+>|not)"
)
_HALVES = re.compile(
    rf"(?:how many|(?:the )?(?:number|count) of) (?P<t>{_ROWS}) (?:(?:that|which|who) )?(?P<do>have|has|had|carry"
    rf"|carried"
    r"|contain|include|bear|with|come with|came with|are|is|were|was|got)(?: been)? (?:an? |any )?(?P<c><[ctwvf]\d+>)"
    r"(?: on (?:it|them|file|record))?,?(?: and| versus| vs|,)+ (?:how many (?:of (?:them|these|those) )?|(?:the"
    r" )?number (?:of"
    rf" (?:those|them) )?|the rest |those |(?:the )?(?:number|count) )?(?:(?:that|which|who) )?{_NOT}(?: have(?:"
    rf" one| any)?| one| any)?(?= ?[,.;:?)]|$| per| by| for| in each)"
)
_THAN = re.compile(
    r"(?:(?:that|which|who|whose|with|where|having|had|have|has) )+(?P<a1><v\d+> )?(?P<how>more|fewer|less) "
    r"(?P<a2><v\d+> )?"
    r"(?P<t><t\d+> )?than (?:(?:they|it|have|has|had|were|was) )*(?P<b><v\d+>)(?: (?:ones|<t\d+>))?"
)


_MANY = re.compile(
    rf"(?:(?:that|which|who|with|having|had|have|has|own|owns|hold|holds|got|,|and|only) )+"
    rf"(?P<how>more|fewer|less|at least as many|(?:exactly )?as many) (?P<a>{_ROWS}) (?:than|as) "
    rf"(?:(?:they|it|have|has|had|own) )*(?P<b>{_ROWS})"
)
_SIGNS = {"more": " > 0", "fewer": " < 0", "less": " < 0", "at least as many": " >= 0"}
_NONE = re.compile(
    r"[,;(]? ?(?:<t\d+> )?(?:with no|with none|without(?: any| an?)?|having no|no|missing) (?:<t\d+> )?"
    r"(?:(?:counts?|counted|counting|treat|treated|are|is|being|taken) )+as (?:<n\d+>|zero|0)(?: <t\d+>)?(?: ?\))?"
)


def halves(text: str, frame: Frame, marked: Marked) -> str:
    """`how many transfers have a note and how many do not`: a number of each."""
    found = _HALVES.search(text)
    if found is None:
        return text
    said, table = noun(found["t"], marked), noun(found["t"], marked).table
    both = _both(noun(found["c"], marked), table) if table else None
    if both is None:
        return text
    frame.numbers += [Measure("count", table, (), (*said.tests, *tests), among=among) for tests, among in both]
    return cut(text, found)


Part = tuple[tuple[Test, ...], tuple[Among, ...]]


def _both(one: Noun, table: str) -> tuple[Part, Part] | None:
    """What is asked of the one part and of the other."""
    if one.tests and not one.column:
        return (one.tests, ()), (tuple(denied(test) for test in one.tests), ())
    column = one.column or (one.verbs[0] if one.verbs else ())
    if column and owner(column, (table,)) == table:
        return ((Test(column, " IS NOT NULL"),), ()), ((Test(column, " IS NULL"),), ())
    if one.table and one.table != table and not column:
        return ((), (Among(one.table, True),)), ((), (Among(one.table, False),))
    return None


_OF_THEM = re.compile(
    r"(?:,| and|;)* (?:how many|(?:the )?(?:number|count)) of (?:them|these|those|which|whom)(?: (?:have|had|has"
    r"|ever|also|then"
    rf"|later|went on to|own|hold|made|got|took out|with|<w\d+>|[a-z]+ed))+ (?:an? |any |at least one |one )(?:of"
    rf" )?(?P<b>{_ROWS})"
    r"(?= ?[,.;?)]|$| per| by)"
)


def of_them(text: str, frame: Frame, marked: Marked) -> str:
    """`how many users joined, and how many of them opened a wallet`: those that rows of another table point at."""
    found = _OF_THEM.search(text)
    table = noun(found["b"], marked).table if found else ""
    subject = subject_of(text, frame, marked)
    if found is None or not table or not subject or table == subject or marked.link(table, subject) is None:
        return text
    tests = noun(found["b"], marked).tests
    frame.numbers += [rows(subject), Measure("count", subject, among=(Among(table, True, tests),))]
    first = re.compile(r"(?:how many|(?:the )?(?:number|count) of) (?=(?:<[vf]\d+> )*<t\d+>)")
    return first.sub("", cut(text, found), count=1)


def against(text: str, frame: Frame, marked: Marked) -> str:
    """`merchants that lost more disputes than they won`, `with more failed than settled swaps`."""
    found = _THAN.search(text)
    if found is None:
        return _outnumbered(text, frame, marked)
    first = found["a1"] or found["a2"]
    named = re.search(r"<t\d+>", found.group())
    if first is None or named is None:
        return text
    table = noun(named.group(), marked).table
    subject = subject_of(text, frame, marked)
    if not subject or subject == table:
        return text
    parts = [rows(table, noun(said, marked).tests) for said in (first, found["b"])]
    if any(owner(test.column, (table,)) != table for part in parts for test in part.tests):
        return text
    more, less = parts if found["how"] == "more" else reversed(parts)
    frame.bounds.append(Bound(Ratio(more, less, percent=False, minus=True), " > 0"))
    frame.subject = frame.subject or subject
    by_subject(subject, frame)
    return cut(text, found)


def _outnumbered(text: str, frame: Frame, marked: Marked) -> str:
    """`users that have more cards than devices`: of two tables, none counting as 0."""
    found = _MANY.search(text)
    if found is None:
        return text
    a, b = (noun(found[end], marked) for end in "ab")
    subject = subject_of(text, frame, marked)
    if (
        not subject
        or len({subject, a.table, b.table}) < 3
        or not all(marked.link(t, subject) for t in (a.table, b.table))
    ):
        return text
    parts = [rows(one.table, one.tests) for one in (a, b)]
    said = _SIGNS.get(found["how"], " = 0")
    frame.bounds.append(Bound(Ratio(parts[0], parts[1], percent=False, minus=True), said))
    frame.subject = frame.subject or subject
    by_subject(subject, frame)
    return _NONE.sub(" ", cut(text, found))
