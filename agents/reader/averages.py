"""Numbers that are compared with the average."""

from __future__ import annotations

import re

from agents.reader.frame import Bound, Frame, Test
from agents.reader.marked import Marked, cut, things
from agents.reader.measures import PIECE, measure
from agents.reader.nouns import NP, amount, is_measure, noun
from agents.reader.subject import by_subject, subject_of

_TIMES = r"(?:the )?(?:overall |general |global |total )?(?:average|mean)(?: of all)?"
_MORE = (
    r"(?:is |are |was |were |lies )*(?P<sign>above|over|higher than|greater than|larger than|bigger"
    r" than|more than|exceed\w*|below|under|less than|lower than|smaller than|<n\d+> times)"
)


_OF_OWN = re.compile(
    r"\b(?:average|mean|median)\b[^,.:;]* (?:of|in|for|within) (?:their|its|the same|that) (?:own )?<[ct]\d+>"
)
"""A mean of one's own group is not that of all."""
_ABOVE = re.compile(rf"(?:whose |with |where |that have )?(?:an? )?(?P<what>{PIECE}|{NP}) ?{_MORE} {_TIMES}(?: {NP})?")


def averages(text: str, frame: Frame, marked: Marked) -> str:
    """`whose average payment is above the overall average`, `amount more than ten times the average amount`."""
    found = None if _OF_OWN.search(text) else _ABOVE.search(text)
    if found is None:
        return text
    if re.match(r"(?:the )?(?:average|mean|total|sum)", found["what"]):
        return _of_things(text, found, frame, marked)
    return _of_rows(text, found, frame, marked)


def _said(sign: str, marked: Marked) -> str:
    """How a number is compared: ` > `, ` > 10 * `."""
    hint = marked.hint(sign.split()[0]) if sign.endswith("times") else None
    down = (hint.operator if hint else "") in ("<", "<=") or re.match("below|under|less|lower|small", sign)
    return f" {'<' if down else '>'} {f'{hint.literals[0]} * ' if hint else ''}"


def _of_things(text: str, found: re.Match[str], frame: Frame, marked: Marked) -> str:
    """A number of each thing, compared with the average of these numbers."""
    if (number := measure(found["what"], marked)) is None:
        return text
    by_subject(subject_of(text, frame, marked), frame)
    frame.bounds.append(Bound(number, f"{_said(found['sign'], marked)}{{average}}"))
    return cut(text, found)


def _of_rows(text: str, found: re.Match[str], frame: Frame, marked: Marked) -> str:
    """A column of each row, compared with its average."""
    one = noun(found["what"], marked)
    column = one.column or (amount(marked, marked.table(one.table)) if one.table else ())
    if not column or not is_measure(column, marked):
        return text
    table, name = marked.column(column[0])
    average = f"(SELECT avg({name.name}) FROM {table.full_name})"
    frame.tests.append(Test(column, f"{_said(found['sign'], marked)}{average}"))
    frame.tables.add(table.full_name)
    return cut(text, found, found["what"] if not one.column else things(found["what"]))
