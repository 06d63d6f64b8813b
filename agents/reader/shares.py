"""What part of a number others are: shares, percentages, and the rates of states."""

from __future__ import annotations

import re
from dataclasses import replace

from agents.grammar import quote
from agents.reader.frame import Measure, Number, Ratio, Test, measures_of
from agents.reader.marked import Marked
from agents.reader.measures import SHARE, measure, without
from agents.reader.nouns import NP, is_measure, noun, owner, rows
from agents.reader.ratios import Made

LINK = (
    r"(?:(?:that|which|who) )?(?:(?:were|was|are|is|have|has|had|ended|being"
    r"|got|been|up|as|in|used|use|using|the|by|via|went|through|on|came|come|comes|coming|from|either|still"
    r"|currently|now) )*"
)


FEW, STEM = 12, 4
"""Values of a column that are states, and the letters in which a state and its noun agree: failed, failure."""


_SHARE_ALONE = re.compile(
    rf"(?:its |their |the |a )*{SHARE.removesuffix('?')}?(?: of (?:the |its |their )?(?:total|whole|all|overall"
    rf"|sum|grand total))?"
)


_OF_PERIOD = re.compile(
    rf"(?:what )?{SHARE.removesuffix('?')}?(?: of)? (?:that|the|its|their|the same|each) (?P<u>year|month|quarter"
    rf"|week|day)['’]?s?['’]? ?"
    rf"(?:total )?(?P<np>{NP})?(?:total )?(?:(?:each|every|the|that) <[ct]\d+> (?:makes? up|is|has|represents"
    rf"|accounts for|had|have))?"
)


def of_period(piece: str, marked: Marked, before: list[Number], subject: str) -> Made:
    """`and what percent of that year's wallets each kind makes up`: of the number before it, within its period."""
    last = next((one for one in reversed(before) if isinstance(one, Measure)), None)
    found = _OF_PERIOD.fullmatch(piece.strip(" .?"))
    if last is None or found is None or not re.search(SHARE, piece):
        return None
    return [Ratio(last, within=(f"~{found['u']}",))], ""


def of_total(piece: str, marked: Marked, before: list[Number], subject: str) -> Made:
    """`and its share of the total`: of the number before it."""
    last = next((one for one in reversed(before) if isinstance(one, Measure)), None)
    if last is None or not _SHARE_ALONE.fullmatch(piece.strip(" .?")):
        return None
    return [Ratio(last)], ""


def _within(piece: str, marked: Marked) -> Made:
    """`share of its country's revenue`."""
    found = re.search(rf"{SHARE} (?:its|their|the) (?:own )?(?P<of><c\d+>) (?:total )?(?P<all>{NP})", piece)
    if found is None or not marked.hint(found["of"]).span.endswith(("'s", "’s", "s'")):
        return None
    number = measure(found["all"], marked)
    return ([Ratio(number, within=marked.hint(found["of"]).targets)], without(piece, found)) if number else None


_DONE = re.compile(r"\b(?:was|were|is|are|got|has been|have been) (?P<w><w\d+>)(?= ?[?.,]|$)")


def share(piece: str, marked: Marked, before: list[Number], subject: str) -> Made:
    """`share of payments that failed`, `percentage of failed payments`."""
    if made := _within(piece, marked):
        return made
    found = re.search(rf"{SHARE} (?P<all>{NP}) ?{LINK}(?P<some>(?:<[vf]\d+>(?: or | ?, )?)+)", piece) or re.search(
        rf"{SHARE} (?P<all>{NP})", piece
    )
    if found is None:
        return None
    whole = noun(found["all"], marked)
    some = noun(found["some"], marked).tests if "some" in found.groupdict() else whole.tests
    table = whole.table or (owner(whole.column) if whole.column else "")
    if table and not whole.column and (done := _DONE.search(piece, found.end())):
        when = marked.hint(done["w"]).targets
        if owner(when, (table,)) == table and marked.column(when[0])[1].name != marked.table(table).time:
            top = Measure("count", table, when, whole.tests)
            left = f"{piece[: found.start()]} {piece[found.end() : done.start()]} {piece[done.end() :]}"
            return [Ratio(top, rows(table, whole.tests))], left.strip()
    if not table and whole.tests and before:
        table = owner(whole.tests[0].column, {m.table for number in before for m in measures_of(number)})
    if not table:
        return None
    total = re.match(rf"{SHARE} ", piece[found.start() :]) and re.search(
        r"\b(?:total|overall|all)\b", piece[found.start() : found.start("all")]
    )
    some = () if total and "some" not in found.groupdict() else some
    kept = whole.tests if "some" in found.groupdict() or total else ()
    if whole.column and is_measure(whole.column, marked):
        top = Measure("sum", table, whole.column, (*kept, *some))
        return [Ratio(top, Measure("sum", table, whole.column, kept) if some else None)], without(piece, found)
    if not some:
        return [Ratio(rows(table, kept))], without(piece, found)
    return [Ratio(rows(table, (*kept, *some)), rows(table, kept))], without(piece, found)


def rate(piece: str, marked: Marked, before: list[Number], subject: str) -> Made:
    """`failure rate of payments`: of those that failed, by the beginning of the word."""
    found = re.search(rf"(?:the )?(?P<how>[a-z]{{4,}}) rates? (?:of|for|among|in) (?P<all>{NP})", piece) or re.search(
        rf"(?P<all>{NP})(?P<how>[a-z]{{4,}}) rates?\b", piece
    )
    whole = noun(found["all"], marked) if found else None
    if found is None or whole is None or not whole.table:
        return _done(piece, marked)
    ratio = _of_states(found["how"], rows(whole.table, whole.tests), marked)
    return (ratio, without(piece, found)) if ratio else None


_RATE_ALONE = re.compile(
    r"(?:the |its |their |an? )*(?:(?P<w><w\d+>)|(?P<how>[a-z]{4,})) rates?(?: \(?(?:in|as a) (?:percent\w*|%)\)?)?"
)


def rate_of(piece: str, marked: Marked, before: list[Number], subject: str) -> Made:
    """`and the acceptance rate`, of what is counted before."""
    found = _RATE_ALONE.fullmatch(piece.strip(" .?"))
    counted = [m.table for number in before for m in measures_of(number) if m.function == "count"]
    table = subject or next(iter(counted), "")
    if found is None or not table:
        return None
    if found["w"]:
        when = marked.hint(found["w"]).targets
        return ([Ratio(Measure("count", table, when), rows(table))], "") if owner(when) == table else None
    return (ratio, "") if (ratio := _of_states(found["how"], rows(table), marked)) else None


def _of_states(how: str, whole: Measure, marked: Marked) -> list[Number]:
    """The share of the rows in the state that a word begins as: failure, failed."""
    for column, texts in marked.values.get(whole.table, {}).items():
        for text in texts:
            if len(texts) <= FEW and text[:STEM].lower() == how[:STEM]:
                test = Test((f"{whole.table}.{column}",), f" = {quote(text)}")
                return [Ratio(replace(whole, tests=(*whole.tests, test)), whole)]
    return []


def _done(piece: str, marked: Marked) -> Made:
    """`acceptance rate of offers`: of those that have a time of it."""
    found = re.search(rf"(?:the )?(?P<w><w\d+>) rates? (?:of|for|among|in) (?P<all>{NP})", piece)
    whole = noun(found["all"], marked) if found else None
    when = marked.hint(found["w"]).targets if found else ()
    if found is None or whole is None or owner(when) != whole.table:
        return None
    return [Ratio(Measure("count", whole.table, when, whole.tests), rows(whole.table, whole.tests))], without(
        piece, found
    )
