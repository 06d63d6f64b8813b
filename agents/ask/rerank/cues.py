"""What form of answer a question asks for, by the words that say so in any business."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

import yaml

if TYPE_CHECKING:
    from retrieval import Context
    from retrieval.hints import Hint

_NUMBER = r"(?:\d+|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty)"
_GREATEST = re.compile(
    r"\b(?:most|highest|largest|biggest|longest|greatest|heaviest|tallest|top|max\w*|busiest|priciest|dearest|oldest"
    r"|strongest|richest|fastest|oftenest|latest|best)\b",
    re.IGNORECASE,
)
_LEAST = re.compile(
    r"\b(?:least|lowest|smallest|shortest|fewest|lightest|min\w*|cheapest|bottom|weakest|slowest|poorest|youngest"
    r"|earliest)\b",
    re.IGNORECASE,
)
_JUDGED = re.compile(r"\b(?:worst|harshest|toughest|strictest|roughest|gravest)\b", re.IGNORECASE)
"""What may be the greatest as well as the least: the worst outage is the longest."""
_MARKED = re.compile(r"\b(?:rat(?:ed|ings?)|scor(?:es?|ed)|grades?|marks?|stars?|review(?:s|ed)?)\b", re.IGNORECASE)
"""Of what the worst is the least."""
_SINGLE = re.compile(r"\bsingle (?:most|\w+est)\b|\b\w+est single\b|\bin one go\b|\bat once\b", re.IGNORECASE)
_CODE = re.compile(r"[A-Z]{1,3}")
_STILL = re.compile(r"\b(?:still|currently|current)\s+$", re.IGNORECASE)
_NEWEST = re.compile(r"\b(?:latest|newest|last|recent\w*|youngest|shortest)\b", re.IGNORECASE)
_OLDEST = re.compile(r"\b(?:oldest|first|earliest|longest)\b", re.IGNORECASE)


_FIRST = re.compile(
    r"\b(?:(?P<new>newest|latest|youngest|most recent(?:ly)?)|(?P<old>oldest|earliest)"
    r"|(?P<great>biggest|largest|highest|best|busiest|longest|heaviest|dearest|priciest|most (?!recent)\w+)"
    r"|(?P<least>smallest|lowest|cheapest|worst|shortest|fewest|lightest|least \w+))(?: \w+){0,2} first"
    r"(?=\W*$|\s*[,;:.)?!]|\s+(?:and|then|please)\b)",
    re.IGNORECASE,
)
"""At the end of what is asked: 'the cheapest first class ticket' is no order."""


class Sorting(NamedTuple):
    """In which order rows are told: by their time, or by an amount, the greatest first or the least."""

    of_time: bool
    descending: bool


def sorting(question: str) -> Sorting | None:
    """What a question says of the order of what it asks for, as 'newest first': that asks for no ranking."""
    found = _FIRST.search(question)
    return Sorting(bool(found["new"] or found["old"]), bool(found["new"] or found["great"])) if found else None


@lru_cache(maxsize=1)
def said() -> dict[str, re.Pattern[str]]:
    """What asks for each form."""
    listed = yaml.safe_load(files("agents.ask.rerank").joinpath("cues.yaml").read_text(encoding="utf-8"))
    return {
        form: re.compile("|".join(parts).replace("NUMBER", _NUMBER), re.IGNORECASE) for form, parts in listed.items()
    }


@lru_cache(maxsize=64)
def cues(question: str) -> frozenset[str]:
    """The forms that the words of a question ask for."""
    asked = _FIRST.sub(" ", question)
    return frozenset(form for form, words in said().items() if words.search(asked))


def called(hint: Hint) -> bool:
    """Whether a value is said by its own name, or by what its code stands for."""
    named = hint.span.casefold() in {text.casefold() for text in hint.literals}
    return hint.kind == "value" and (named or any(map(_CODE.fullmatch, hint.literals)))


def demanded(context: Context) -> frozenset[str]:
    """The forms that a query has to have: words that are names of values ask for none, nor does 'still' before one."""
    said = context.question
    for hint in context.hints:
        if called(hint):
            before = _STILL.sub(lambda still: " " * len(still.group()), said[: hint.start])
            said = before + " " * len(hint.span) + said[hint.start + len(hint.span) :]
    return cues(said)


def direction(question: str, *, of_time: bool) -> bool | None:
    """Whether a question asks for the greatest (True) or the least, `of_time` for the newest or the oldest; None where
    it asks for neither, or both."""
    up, down = (_NEWEST, _OLDEST) if of_time else (_GREATEST, _LEAST)
    greatest, least = bool(up.search(question)), bool(down.search(question))
    least = least or (not of_time and bool(_JUDGED.search(question)) and is_marked(question))
    return None if greatest == least else greatest


def is_single(question: str) -> bool:
    """Whether a question asks for one of many rows rather than for what comes together: 'the single biggest order'."""
    return bool(_SINGLE.search(question))


def is_marked(question: str) -> bool:
    """Whether a question is about marks, of which the worst is the least."""
    return bool(_MARKED.search(question))


def is_judged(question: str) -> bool:
    """Whether a question asks for one end of a ranking by a word that does not tell which."""
    return bool(_JUDGED.search(question)) and direction(question, of_time=False) is None
