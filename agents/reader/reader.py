"""A task's text to the query that it asks for, where every word of it is understood; None where one is not."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from agents.reader import (
    asof,
    averages,
    bounds,
    conditions,
    groups,
    halves,
    having,
    never,
    order,
    others,
    pairs,
    parts,
    peers,
    periods,
    pivot,
    places,
    portions,
    previous,
    roles,
)
from agents.reader import within as within_
from agents.reader.frame import Classes, Frame, Group, Measure, Ratio
from agents.reader.heading import untitled
from agents.reader.marked import Marked
from agents.reader.measures import SHARE
from agents.reader.nouns import NP
from agents.reader.numbers import numbers
from agents.reader.opening import opened
from agents.reader.outputs import by_outputs
from agents.reader.query import query
from agents.reader.rest import rest, told, unread
from agents.reader.settled import beside, classed, in_their_units, of_things, parted, settle
from agents.semantic import Semantic
from retrieval import Context

_OF_PART = (
    conditions.like, periods.weekdays, others.without, others.having, bounds.bounded, within_.within, parts.part_of
)  # fmt: skip
"""The clauses that tell what a share is of, behind `percentage of users that`."""
_PART = re.compile(
    rf"{SHARE} {NP}(?:,? ?(?:per|by|in each|for each) {NP})?"
    r"(?:<n\d+>|(?:that|which|who|whose|where|with|without|included?|had|have|ha[sd]|were|was|are|is|do|does|did|we|never"
    r"|carr(?:y|ied)|contain(?:s|ed)?|got|get|gets|use[sd]?|owns?|holds?|made|done|issued|opened|within|on the|no"
    r"|at most|in which)\b)"
)
_RATIO_LISTED = re.compile(r"^(?:per|by|for each|for every) [^:.]*: [^.]*,[^.,]*<[tc]\d+> per <[tc]\d+>")
"""A ratio in a list of what each group has: no other group."""
_EACH_ITS_OWN = re.compile(
    r"\bnumber (?:of )?(?:<t\d+> )?(?:that )?<w\d+> <d\d+>.*\bnumber (?:of )?(?:<t\d+> )?(?:that )?<w\d+> <d\d+>"
)
"""Numbers that are each of other rows: of those that began, and of those that ended."""
_COUNTS_APART = re.compile(
    r"\bhow many\b.*\bhow many (?:of (?:them|these) )?(?:do |did )?(?:have|has|had|carry)\b"
    r"|\bfor (?:the |all )?<v\d+> and for (?:the |all )?<v\d+>"
    r"|\b(?:total|number|count|how many|all)\b[^.]*[,;] ?(?:and )?how many (?:of (?:them|these|those) )?(?:were"
    r"|was|are|is|got"
    r"|have been|had been)[^,;.]*<d\d+>"
)
"""Counts of which each has something else asked of its own rows."""
OF_WHICH = re.compile(
    r"\bof (?:which|whom) (?:any|at least|at most|exactly|no more|more|fewer|<n|none|all)\b|\bof (?:which|whom) <n"
)
"""How many of the rows of each thing something is asked of: more than that one of them is there."""
_NUMBERED = re.compile(r"\b(?:quarter|month) \( ?<n\d+> ?(?:-|–|to) ?<n\d+> ?\)")
Clause = Callable[[str, Frame, Marked], str]
CLAUSES: tuple[Clause, ...] = (
    asof.asof, peers.peers, never.never, portions.portions, places.ties, places.seen, parts.part_of,
    conditions.whenever, previous.previous, halves.halves, halves.of_them, halves.against, within_.within,
    having.periods_over, having.of_the_same, having.of_groups, having.counts, groups.ranks, order.ordering,
    conditions.rounded,
    conditions.fraction, conditions.as_zero, conditions.only, others.zero, roles.roles,
    conditions.beyond, conditions.excluding, conditions.like,
    averages.averages, periods.weekdays, pairs.later, pairs.delays, pairs.compared, pairs.repeated,
    pivot.columns, others.without,
    periods.periods, groups.groups, groups.leaders, order.limits, others.having, bounds.bounded, bounds.shown,
    places.nth, order.firsts,
)  # fmt: skip


def read(text: str, context: Context, outputs: tuple[str, ...] = (), classes: Classes | None = None) -> str | None:
    """The query, in DuckDB's SQL, for a text in which the context's hints stand; `outputs` are the columns that it is
    to have, as far as they are known by name, and `classes` are grouped by. It is over what is stored, but made over
    what that means: a day that is stored as a number or a text is compared as such."""
    semantic = Semantic.of(context.catalog)
    made = meant(text, semantic.context(context), outputs, classes)
    return semantic.stored(made) if made else None


def clauses(left: str, frame: Frame, marked: Marked) -> str:
    """What no clause takes of a text; the rest of it is in the frame."""
    part = bool(_PART.search(left))
    for clause in CLAUSES:
        before = len(frame.tests)
        left = clause(left, frame, marked)
        if part and clause in _OF_PART:
            frame.parts += frame.tests[before:]
            del frame.tests[before:]
    conditions.timed(frame, marked)
    if part:
        frame.part_among, frame.among = frame.among, []
    return left


def meant(text: str, context: Context, outputs: tuple[str, ...] = (), classes: Classes | None = None) -> str | None:
    """The query over the names of a semantic layer, in which the context is told."""
    strange = [name for name in context.unknown if not periods.is_day(name)]
    if strange or any(hint.brief for hint in context.hints):
        return None
    marked = Marked.of(text, context)
    if _RATIO_LISTED.search(marked.text) or each_its_own(marked.text):
        return None
    frame = Frame(outputs=outputs)
    marked = replace(marked, text=untitled(marked.text, marked))
    left = opened(marked, frame)
    many = len(re.findall(r"\bhow many\b(?! times)", left))
    if _beyond(left, marked):
        return None
    left = clauses(left, frame, marked)
    if frame.before:
        rest(left, frame, marked)
        return query(frame, marked) if not unread(left, frame, marked) else None
    asks = bool(re.search(groups.ASKS, left))
    over = _numbered(left, frame, marked)
    if over is None or not _settled(over, frame, marked):
        return None
    if many > 1 and many > len([n for n in frame.numbers if isinstance(n, Measure) and n.function != "sum"]):
        return None
    if unread(over, frame, marked) or (asks and not frame.numbers) or not told(over, frame, marked):
        return None
    return query(frame, marked) if _laid_out(frame, marked, outputs, classes) else None


def _beyond(left: str, marked: Marked) -> bool:
    """Whether something is asked that no clause reads, though each of its words may be known."""
    return bool(
        OF_WHICH.search(left)
        or _NUMBERED.search(marked.text)
        or re.search(r"<d\d+> (?:of )?<d\d+>", left)
        or _COUNTS_APART.search(left)
    )


def _numbered(left: str, frame: Frame, marked: Marked) -> str | None:
    """The text without the numbers that it asks for, which are in the frame; None where it asks for a sum twice."""
    if not counts(left, frame):
        return left
    bounded = [bound.number for bound in frame.bounds]
    found, left = numbers(left, marked, frame.subject, [*frame.numbers, *bounded])
    sums = [one for one in found if isinstance(one, Measure) and one.column]
    frame.numbers = list(dict.fromkeys((*frame.numbers, *found)))
    return left if len(set(sums)) == len(sums) else None


def _settled(left: str, frame: Frame, marked: Marked) -> bool:
    """Whose the numbers are, in which unit, and what no clause took; False where a part has no whole."""
    within = {
        number.within
        for number in frame.numbers
        if isinstance(number, Ratio) and number.within and not number.within[0].startswith("~")
    }
    frame.groups += [Group(one) for one in within if not any(set(one) & set(group.column) for group in frame.groups)]
    in_their_units(frame, marked)
    if not parted(frame) or (not frame.groups and any(isinstance(n, Ratio) and not n.bottom for n in frame.numbers)):
        return False
    places.enough(frame)
    rest(left, frame, marked)
    settle(frame)
    beside(frame, marked)
    return True


def _laid_out(frame: Frame, marked: Marked, outputs: tuple[str, ...], classes: Classes | None) -> bool:
    """What the numbers stand beside: classes, periods, values and things; False where one of them can't be had."""
    if classes and not classed(classes, frame, marked):
        return False
    if frame.beside and not frame.groups and periods.of_week(frame.beside[0]):
        return False
    periods.set_beside(frame)
    if frame.pivot and not pivot.spread(frame, marked):
        return False
    by_outputs(frame, marked, outputs)
    if frame.bounds and not frame.numbers and len(outputs) > 1:
        frame.numbers = [frame.bounds[0].number]
    of_things(frame, marked)
    return not frame.bounds or bool(frame.groups)


def each_its_own(text: str) -> bool:
    """Whether numbers are asked for that are each of other rows."""
    return bool(_EACH_ITS_OWN.search(text))


def counts(left: str, frame: Frame) -> bool:
    """Whether numbers are asked for, not rows."""
    asks = re.search(
        r"\b(?:numbers?|counts?|how (?:many|much|often)|totals?|sums?"
        r"|averages?|mean|avg|median|deviation|std\w*|min|max|minimum|maximum|"
        r"shares?|percent\w*|proportion|fraction|ratio|rate|distinct|divided|smallest|largest|highest|lowest|earliest|"
        r"latest|first|last)\b|%",
        left,
    )
    listed = frame.order and frame.order not in ("number", "period")
    return not (listed and frame.within) and bool(
        asks or (frame.groups and not (frame.numbers or frame.bounds)) or frame.beside
    )
