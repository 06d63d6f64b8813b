"""Rows that are told from those of the same thing: `more than twice the average amount of their merchant`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agents.reader.frame import Frame, Targets, Test
from agents.reader.marked import Marked, cut, table_of
from agents.reader.nouns import amount, is_measure, noun, owner
from agents.reader.subject import subject_of

_MARKS = r"(?:<[tcv]\d+> ?)+"
_MORE = r"above|over|higher than|greater than|larger than|bigger than|more than|longer than|exceed(?:s|ed|ing)?"
_LESS = r"below|under|less than|lower than|smaller than|shorter than"
_THAN = rf"(?P<sign>{_MORE}|{_LESS}|<n\d+> times|twice|double|half)(?: as (?:large|big|high|much|long) as)?"
_MEAN = r"(?:usual |own |typical )?(?:average|mean|avg)"
_OWN = (
    r"(?:(?:of|for|in|within|at|by|on|from|among|across) )(?:(?:their|its|the same|the|that|each|every|own"
    r"|respective) )+"
)
_PEERS = tuple(
    re.compile(
        rf"(?:(?:whose|with|where|that|which|an?|the) )*(?:(?P<what>{_MARKS}) ?)?(?:(?:is|are|was|were"
        rf"|lies?) )*{_THAN} {tail}"
    )
    for tail in (
        rf"(?:the |their |its )?{_MEAN} (?P<num>{_MARKS})?{_OWN}(?P<by><[tc]\d+>)(?! <)",
        rf"(?:their |its |the )(?:own )?(?P<by><[tc]\d+>) {_MEAN}(?: (?P<num>{_MARKS}))?",
    )
)
_FACTORS = {"twice": "2 * ", "double": "2 * ", "half": "0.5 * "}


@dataclass(frozen=True)
class Peers:
    """A column of each row compared with its mean over the rows of one `by`; `said` stands between them."""

    column: Targets
    said: str
    by: Targets


def peers(text: str, frame: Frame, marked: Marked) -> str:
    """`captured payments above the average of their merchant`: among the rows that are asked for."""
    found = next((match for form in _PEERS if (match := form.search(text))), None)
    if found is None or frame.groups or frame.numbers:
        return text
    what, num = noun(found["what"] or "", marked), noun(found["num"] or "", marked)
    table = subject_of(text, frame, marked)
    by = _by(found["by"], table, marked)
    column = _column(what.column or num.column, table, marked)
    said = _said(found["sign"], marked)
    rows = (*what.tests, *noun(text[: found.start()], marked).tests)
    if not by or not column or not said or any(test not in rows for test in num.tests) or _two(what.column, num.column):
        return text
    frame.subject, frame.peers = frame.subject or table, [*frame.peers, Peers(column, said, by)]
    frame.tests += [test for test in what.tests if test not in frame.tests]
    kept = " ".join(mark for mark in re.findall(r"<t\d+>", found["what"] or ""))
    return cut(text, found, kept)


def _two(first: Targets, second: Targets) -> bool:
    return bool(first and second) and not set(first) & set(second)


def _column(named: Targets, table: str, marked: Marked) -> Targets:
    own = tuple(target for target in named if owner((target,)) == table)
    if named and not (own and is_measure(own, marked)):
        return ()
    return own or (amount(marked, marked.table(table)) if table else ())


def _by(mark: str, table: str, marked: Marked) -> Targets:
    """The column of the rows that tells which of them are compared."""
    if not table or mark[1] == "c":
        own = tuple(one for one in marked.hint(mark).targets if owner((one,)) == table)
        return () if own and is_measure(own, marked) else own
    link = marked.link(table, table_of(marked.hint(mark)))
    return (f"{table}.{link.column}",) if link else ()


def _said(sign: str, marked: Marked) -> str:
    """What stands between the row's own and the mean; "" where the task does not say which is more."""
    if sign in _FACTORS:
        return f" > {_FACTORS[sign]}" if sign != "half" else f" < {_FACTORS[sign]}"
    if sign.startswith("<"):
        hint = marked.hint(sign.split()[0])
        return f" {hint.operator} {hint.literals[0]} * " if hint.operator and len(hint.literals) == 1 else ""
    return " < " if re.fullmatch(_LESS, sign) else " > "


def tests_of(frame: Frame) -> list[Test]:
    """The comparisons, as conditions of which `{other}` is what the mean is over."""
    name = "{0}"
    return [
        Test(one.column, f"{name}{one.said}avg({name}) OVER (PARTITION BY {{other}})", one.by) for one in frame.peers
    ]
