"""Bounds on one number as a part of another: `that refunded more than 5 % of their captured revenue`."""

from __future__ import annotations

import re
from dataclasses import replace

from agents.reader.frame import Bound, Frame, Measure, Ratio
from agents.reader.marked import Marked, cut
from agents.reader.measures import COUNT, PIECE, measure
from agents.reader.nouns import NP, amount, noun, rows
from agents.reader.subject import by_subject, subject_of

_PORTION = re.compile(
    rf"(?:(?:that|which|who|whose|with|where|having|have|has|had|and|only|those) )+(?:their |the |its )?"
    rf"(?P<a>{PIECE}|{NP}) ?(?:(?:is|are|was|were|exceeds?|exceeded|exceeding|amounts?|amounted|amounting"
    rf"|makes?|make|made|up"
    rf"|sums?|comes?|came|totals?|totalled|accounts?|worth|to|at|of|for|reach(?:es|ed)?) )*"
    rf"(?P<n><n\d+>) ?(?:%|percent)? ?of (?:all )?(?:their |the |its )?(?P<b>{PIECE}|{NP})"
)


def portions(text: str, frame: Frame, marked: Marked) -> str:
    """`whose refunds exceed 5 % of their revenue`: of each of the things that are asked for."""
    found = _PORTION.search(text)
    if found is None:
        return text
    hint, subject = marked.hint(found["n"]), subject_of(text, frame, marked)
    limit = _part(found, marked)
    both = _both(found, subject, marked)
    if not hint.operator or limit is None or both is None or not subject:
        return text
    frame.bounds.append(Bound(Ratio(*both, percent=False), f" {hint.operator} {limit:g}"))
    frame.subject = frame.subject or subject
    by_subject(subject, frame)
    return cut(text, found)


def _part(found: re.Match[str], marked: Marked) -> float | None:
    """The bound as a part of 1; None where it is no percentage."""
    hint = marked.hint(found["n"])
    told = re.search(r"%|percent|per cent", f"{hint.span} {found.group()}", re.I)
    if not told or len(hint.literals) != 1:
        return None
    number = float(hint.literals[0])
    return number if "%" in hint.span and number <= 1 else number / 100


def _both(found: re.Match[str], subject: str, marked: Marked) -> tuple[Measure, Measure] | None:
    """The number that is a part, and the whole: two amounts, or two counts."""
    whole, part = measure(found["b"], marked), noun(found["a"], marked)
    if whole is None or subject in (whole.table, part.table):
        return None
    if part.column or not part.table:
        top = measure(found["a"], marked) or (replace(whole, tests=part.tests) if part.tests else None)
    elif whole.function == "count" or re.match(COUNT, found["a"]):
        top = rows(part.table, part.tests)
    else:
        column = amount(marked, marked.table(part.table))
        top = Measure("sum", part.table, column, part.tests) if column else None
    if top is None or top == whole or (top.function == "count") != (whole.function == "count"):
        return None
    return top, whole
