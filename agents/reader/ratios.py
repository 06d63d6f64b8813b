"""One number over or less another: `refunds divided by payments`, `the highest minus the lowest`."""

from __future__ import annotations

import re
from dataclasses import replace

from agents.reader.frame import Measure, Noun, Number, Ratio
from agents.reader.marked import Marked
from agents.reader.measures import EXTREME, PIECE, measure, without
from agents.reader.nouns import NP, is_measure, is_time, noun, owner

_OVER = r"(?:divided by|over|as (?:a )?(?:percent(?:age)?|share|fraction|%) of|relative to|per total)"


Made = tuple[list[Number], str] | None


_LESS = (
    re.compile(
        rf"(?:the )?(?:difference|spread|range|gap|span|time|number of (?=day|hour|minute|week))(?:s? )?"
        rf"(?: ?in (?P<u>day|hour|minute|week|month)s?)?"
        rf" ?(?P<u2>day|hour|minute|week|month)?s? ?(?:between|from) (?:the |its |their )?(?P<a>{EXTREME}) ?(?:{NP})?"
        rf"(?:and|to|until) (?:the |its |their )?(?P<b>{EXTREME}) (?P<of>{NP})"
    ),
    re.compile(rf"(?P<a>{EXTREME} {NP})(?:minus|less) (?:the )?(?P<b>{EXTREME} {NP})"),
)


def less(piece: str, marked: Marked, before: list[Number], subject: str) -> Made:
    """`the difference between the highest and the lowest payment`, `days between the first and the last play`."""
    for pattern in _LESS:
        found = pattern.search(piece)
        if found is None:
            continue
        parts = found.groupdict()
        a, b = (measure(f"{found[end]} {parts.get('of') or ''}".strip(), marked, subject) for end in "ab")
        if a is None or b is None or a.column != b.column:
            continue
        timed = is_time(a.column, marked)
        unit = parts.get("u") or parts.get("u2") or ""
        if timed is not bool(unit):
            continue
        top, bottom = (a, b) if a.function == "max" else (b, a)
        return [Ratio(top, bottom, percent=False, minus=True, unit=unit)], without(piece, found)
    return None


def ratio(piece: str, marked: Marked, before: list[Number], subject: str) -> Made:
    """`refunded amount divided by captured amount`, `the ratio of completed to failed transfers`."""
    if (made := _part(piece, marked)) is not None:
        return made
    found = re.search(rf"(?P<top>{PIECE}|{NP}) ?{_OVER} (?P<bottom>{PIECE}|{NP}(?:plus {NP})*)", piece) or re.search(
        rf"(?:the )?ratio (?:of|between) (?P<top>{PIECE}|{NP}) ?(?:to|and|over) (?P<bottom>{PIECE}|{NP})", piece
    )
    if found is None:
        return None
    top, bottom = measure(found["top"], marked, subject), measure(found["bottom"], marked, subject)
    if bottom and " plus " in found["bottom"]:
        tests = tuple(test for part in found["bottom"].split(" plus ") for test in noun(part, marked).tests)
        bottom = replace(bottom, tests=tuple(dict.fromkeys(tests)))
    if (
        top
        and bottom
        and not top.tests
        and top.table == bottom.table
        and (re.search(r"\b(?:for|among|over)\b", found["bottom"]) or _both(found, top, bottom))
    ):
        top = replace(top, tests=bottom.tests)
    if top is None and bottom is not None and bottom.function == "count":
        top = _like(noun(found["top"], marked), bottom)
    if top is None or bottom is None:
        return None
    percent = bool(re.search("percent|%", found.group()))
    plain = all(
        re.fullmatch(NP, found[part].strip() + " ") or re.fullmatch(NP, found[part].strip())
        for part in ("top", "bottom")
    )
    meant = re.search(r"\baverag|\bmean\b|\bon average\b", piece)
    each = bool(plain and top.function == bottom.function == "sum" and meant)
    if top.function == "avg" and bottom.function == "sum" and top.table == bottom.table and top.column:
        if not re.fullmatch(NP, f"{found['bottom'].strip()} ") and not re.fullmatch(NP, found["bottom"].strip()):
            return None
        top, each = replace(top, function="sum"), True
    left = (
        re.sub(r"\b(?:on average|averaged|the average|average|mean)\b", " ", without(piece, found))
        if each
        else without(piece, found)
    )
    return [Ratio(top, bottom, percent, each=each)], left


def _both(found: re.Match[str], top: Measure, bottom: Measure) -> bool:
    """Whether what stands behind both amounts tells what they are of: `fees divided by amount of settled swaps`."""
    apart = top.function == bottom.function == "sum" and top.column != bottom.column
    return apart and bool(re.search(r"<c\d+> of ", found["bottom"])) and not re.search(r" of ", found["top"])


_PARTS = re.compile(
    rf"(?:what |the |which )?(?:parts?|shares?|percentages?|percent|fractions?|proportions?|portions?|%) of "
    rf"(?:the |all |total )*"
    rf"(?P<bottom>{NP})(?:that )?(?:comes?|came|is|are|was|were|goes|went|consists?|stems?|made|due)(?: (?:from"
    rf"|of|by|as|to|in|up|due|made))*"
    r" (?:the |total )?(?P<top><c\d+>)(?= ?[,.?]|$)"
)


def _part(piece: str, marked: Marked) -> Made:
    """`what part of captured revenue comes from tips`: of two amounts of the same rows."""
    found = _PARTS.search(piece)
    if found is None:
        return None
    bottom, top = measure(f"total {found['bottom']}", marked), noun(found["top"], marked)
    if bottom is None or not top.column or not bottom.column or not is_measure(top.column, marked):
        return None
    own = tuple(one for one in top.column if owner((one,)) == bottom.table)
    if not own or own == bottom.column:
        return None
    return [Ratio(replace(bottom, column=own), bottom, True)], without(piece, found)


def _like(said: Noun, other: Measure) -> Measure | None:
    """`completed` beside `failed transfers`."""
    if said.tests and not said.table:
        return Measure(other.function, other.table, other.column, said.tests)
    return None
