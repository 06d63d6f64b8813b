"""The numbers that a task asks for: counts, sums, means, extremes, shares and ratios."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agents.reader.frame import Measure, Number, measures_of
from agents.reader.lasting import lasting
from agents.reader.marked import IDLE, Marked
from agents.reader.measures import COUNT, PIECE, again, function_of, measure, without
from agents.reader.nouns import NP, is_measure, noun, owner, rows
from agents.reader.ratios import Made, less, ratio
from agents.reader.shares import LINK, of_period, of_total, rate, rate_of, share

_AND = re.compile(
    r"\s*(?:,|;|:|\band\b|\bplus\b|\bas well as\b|\balong with\b|\btogether with\b|\bwith\b|\bnext to\b|\&|\+)+\s*"
)


def numbers(text: str, marked: Marked, subject: str = "", before: Sequence[Number] = ()) -> tuple[list[Number], str]:
    """The numbers that stretches of a text name, one after the other, and what is left of the text. `before` are those
    that were found already."""
    text = _each_of(text)
    found: list[Number] = []
    left: list[str] = []
    waiting: list[str] = []
    for whole in (less, lasting, ratio):
        if (read := whole(text, marked, [], subject)) is not None:
            found, text = [*found, *read[0]], read[1]
    for piece in _AND.split(text):
        if _filters(piece, [*before, *found], marked):
            left.append(piece)
            continue
        said = _ONLY.sub("", piece.strip(" .?!-"))
        function = function_of(said)
        made, rest = _number(said, marked, [*before, *found], subject)
        if not made and function not in (None, "distinct"):
            waiting.append(said)
            continue
        if made and _THEIR.match(piece):
            made = [_theirs(one, found) for one in made]
        if made and isinstance(same := made[0], Measure):
            found += [one for earlier in waiting for one in again(earlier, same, marked)]
            waiting = []
        found += made
        left.append(rest)
    last = next((one for one in reversed(found) if isinstance(one, Measure)), None)
    if last is not None and waiting:
        found += [one for earlier in waiting for one in again(earlier, last, marked)]
        waiting = []
    return found, " ".join((*left, *waiting)).strip()


_THEIR = re.compile(r" ?(?:and )?(?:their|its)\b")


def _theirs(number: Number, before: Sequence[Number]) -> Number:
    """`the number of completed transfers and their total amount`: that of those which are counted."""
    last = before[-1] if before else None
    counts = isinstance(last, Measure) and last.function == "count" and not last.column
    if not counts or not isinstance(last, Measure) or not isinstance(number, Measure) or number.table != last.table:
        return number
    return number if number.tests or not number.column else replace(number, tests=last.tests)


def _filters(piece: str, before: Sequence[Number], marked: Marked) -> bool:
    """Whether a piece only says which rows the numbers before it are of: `only captured payments with a tip`."""
    bare = re.match(rf" ?(?:but |and )?(?:only|just|all) (?P<np>{NP})", piece)
    said = noun(bare["np"], marked) if bare else None
    return bool(said and said.tests and any(m.table == said.table for n in before for m in measures_of(n)))


_PAYS = re.compile(r"\b(?:earn|bring|take|make|spend|pay|how much|worth|cost)\b")
"""Whoever says so asks for an amount, not for how many."""
_ONLY = re.compile(r"^(?:(?:what (?:is|are)|just|only|also|then|give|show|return|add|get|its|their|me|us) )+")
_SEVERAL = re.compile(rf"(?P<f>(?:{COUNT})) (?P<all><v\d+>(?: ?(?:,|and)+ <v\d+>)+) (?P<of><t\d+>)")


def _each_of(text: str) -> str:
    """`columns for the number of settled, pending and failed swaps`: a number of each."""
    found = _SEVERAL.search(text)
    if found is None or not re.search("columns|pivot|separate|side by side|each of", text):
        return text
    each = " , ".join(f"number of {value} {found['of']}" for value in re.findall(r"<v\d+>", found["all"]))
    made = re.sub(
        r"\b(?:pivot|side by side|separate(?:ly)?|columns?(?: each)? (?:for|with))\b ?:?",
        " ",
        text.replace(found.group(), each),
    )
    return " ".join(made.split())


def _number(piece: str, marked: Marked, before: list[Number], subject: str) -> tuple[list[Number], str]:
    if before and not piece:
        return [], ""
    for read in (of_period, of_total, rate_of, share, rate, _several, _linked, _named, _conditional, _bare):
        if (made := read(piece, marked, before, subject)) is not None:
            return made
    return [], piece


def _several(piece: str, marked: Marked, before: list[Number], subject: str) -> Made:
    """`the count`, `max`, `the average` of what another number is of."""
    function = function_of(piece)
    other = next((one for one in reversed(before) if isinstance(one, Measure)), None)
    other = other or (Measure("count", subject) if subject else None)
    if function in (None, "distinct") or other is None or (not before and function != "count"):
        return None
    return (made, "") if (made := again(piece, other, marked)) else None


def _linked(piece: str, marked: Marked, before: list[Number], subject: str) -> Made:
    """`how many cards are blocked`."""
    found = re.search(
        rf"(?P<all>{PIECE})(?:(?:that|which|who) )?(?:were|was|are|is|got|have been) (?P<some><[vf]\d+>)", piece
    )
    made = measure(found["all"], marked, subject) if found else None
    if found is None or made is None:
        return None
    return [replace(made, tests=(*made.tests, *noun(found["some"], marked).tests))], without(piece, found)


def _named(piece: str, marked: Marked, before: list[Number], subject: str) -> Made:
    found = re.search(PIECE, piece)
    made = measure(found.group(), marked, subject) if found else None
    return ([made], without(piece, found)) if made and found else None


def _conditional(piece: str, marked: Marked, before: list[Number], subject: str) -> Made:
    """`how many are blocked`, and `active` behind it."""
    found = re.search(rf"(?:{COUNT})? ?(?:of (?:them|these|those) )?{LINK}(?P<some><[vfw]\d+>) ?$", piece)
    last = next((one for one in reversed(before) if isinstance(one, Measure) and one.function == "count"), None)
    counts = bool(found and re.search(COUNT, found.group()))
    if found is None or not (counts or last):
        return None
    said = noun(found["some"], marked)
    table = last.table if last else subject or (owner(said.tests[0].column) if said.tests else "")
    if said.verbs and last and owner(said.verbs[0]) == last.table:
        return [Measure("count", last.table, said.verbs[0])], without(piece, found)
    if not said.tests or not (counts or (last and last.tests)):
        return None
    return [rows(table, said.tests)], without(piece, found)


def _bare(piece: str, marked: Marked, before: list[Number], subject: str) -> Made:
    """`payments per method`: how many; `fees per coin`: their sum."""
    if re.match(r"(?:that|which|who|whose|where|both|if|when)\b", piece) or (
        before and re.match("[a-z]{3,}ed <", piece)
    ):
        return None
    found = re.search(rf"(?P<np>{NP})(?:(?:counts?|numbers?|volumes?)\b)?", piece)
    if found and before and re.fullmatch(r"(?:for|over|among|on|of) (?:the |all )?", piece[: found.start()]):
        said = noun(found["np"], marked)
        if said.tests and any(m.table == said.table for number in before for m in measures_of(number)):
            return [], piece
    some = _SOME.search(piece, found.end()) if found else None
    tests = noun(some["some"], marked).tests if some else ()
    rest = re.sub(r"<w\d+>", " ", without(piece, found)) if found else "?"
    rest = rest.replace(some.group().strip(), " ") if some else rest
    if found and re.search(r"\b(?:over|among|across) (?:the |all )?$", piece[: found.start()]):
        return None
    if found is None or any(
        word not in IDLE and not re.fullmatch(r"[a-z]{3,}(?:ed|ing)|[-?.]", word) for word in rest.split()
    ):
        return None
    done = " ".join(re.findall(r"\b[a-z]{3,}(?:ed|ing)\b", rest))
    said = noun(found["np"], marked)
    if said.column and is_measure(said.column, marked):
        return [Measure("sum", owner(said.column, said.tables), said.column, (*said.tests, *tests))], done
    if said.table and not said.column and not _PAYS.search(piece):
        known = any(m.table == said.table for m in before if isinstance(m, Measure)) and not said.tests
        return ([], done) if known else ([rows(said.table, (*said.tests, *tests))], done)
    return None


_SOME = re.compile(
    r"(?:that|which) (?:are|were|is|was|got|have been|has been) (?P<some>(?:<[vf]\d+> ?(?:or )?)+)(?:now|currently)?"
)
