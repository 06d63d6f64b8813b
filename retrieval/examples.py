"""Values that are named as examples of their kind, as in 'by style: red, white, rosé and so on'."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from retrieval.hints import Hint

_ON = re.compile(
    r"(?:(?<![\s,])[\s,]++)?(?:(?:\band\b|\bor\b|&)\s*+(?:\bso (?:on|forth)\b|\bthe like\b)"
    r"|(?:\band\b|\bor\b|&)?\s*(?:\betc(?:\.|\b)|\bet cetera\b)|(?P<dots>\.\.\.|…))",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"(?:[\s,/]*+[^\W_]++){0,4}[\s,/]*+")
"""What may stand between two of them: commas, and words that nothing was found for."""


def exampled(question: str, hints: Sequence[Hint]) -> list[Hint]:
    """The hints, in order, with such a list as one that means the column of its values: it limits nothing."""
    kept = list(hints)
    for end in _ON.finditer(question):
        listed = _listed(question, [hint for hint in kept if hint.start < end.start()], end)
        if len(listed) > bool(end["dots"]):
            first = listed[0]
            span = question[first.start : end.end()]
            column = Hint(span, "column", _shared(listed), start=first.start)
            kept = [hint for hint in kept if not first.start <= hint.start < end.end()]
            kept = sorted((*kept, column), key=lambda hint: hint.start)
    return kept


def lists(hint: Hint) -> bool:
    """Whether a hint is such a list."""
    return hint.kind == "column" and any(said.end() == len(hint.span) for said in _ON.finditer(hint.span))


def _listed(question: str, before: Sequence[Hint], end: re.Match[str]) -> list[Hint]:
    """The values of one column that the list ends with, in order."""
    last = [hint for hint in before[-1:] if hint.kind == "value" and _apart(question, hint, end.start())]
    for one, after in reversed([*pairwise(before)]) if last else ():
        if one.kind != "value" or not _shared([one, *last]) or not _apart(question, one, after.start):
            break
        last = [one, *last]
    return last


def _shared(values: Sequence[Hint]) -> tuple[str, ...]:
    """The columns that hold all of them."""
    return tuple(name for name in values[-1].targets if all(name in value.targets for value in values))


def _apart(question: str, hint: Hint, start: int) -> bool:
    return bool(_BETWEEN.fullmatch(question, hint.start + len(hint.span), start))
