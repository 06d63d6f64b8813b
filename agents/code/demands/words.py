"""Words of a task that a program for it has to answer to, whatever the data: each with what it may not lack."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Word:
    """`said` finds the word in a task, `done` what answers to it in a program, `unless` what makes it mean nothing."""

    said: re.Pattern[str]
    done: re.Pattern[str]
    unless: re.Pattern[str] | None = None


def _word(said: str, done: str, unless: str = "") -> Word:
    return Word(re.compile(said, re.I), re.compile(done, re.I), re.compile(unless, re.I) if unless else None)


WORDS = (
    _word(r"\b(?:average|averages|mean|avg)\b", r"\bavg\b|\bmean\b|/|average|\.div"),
    _word(r"\bmedian\b", r"median|quantile|percentile"),
    _word(r"\bfirst and (?:the )?(?:last|latest|most recent) \w+",
          r"(?s)\bmin\b.*\bmax\b|\bmax\b.*\bmin\b|\bfirst\b.*\blast\b|sort|order"),
    _word(r"\bfirst_\w+_at\b", r"\bmin\b|first|order|sort|row_number"),
    _word(r"\b\d{1,2}(?:th|st|nd|rd) percentile|\bp\d\d\b", r"quantile|percentile"),
    _word(r"\b(?:minimum|shortest)\b|\bmin\b(?= and)", r"\bmin\b|order|sort|row_number|rank"),
    _word(r"\b(?:maximum|longest)\b|\bmax\b(?= and)", r"\bmax\b|order|sort|row_number|rank"),
    _word(
        r"\b(?:different|distinct) \w+",
        r"distinct|n_unique|nunique|group|over|<>|!=|drop_duplicates|unique|intersect|exists",
    ),
    _word(r"(?<![\d ])%(?!\w)|(?<!\d )\bpercent(?:age)?s?\b|\b\w*_(?:pct|percent)\b",
          r"\b100\b|100\.", r"percent(?:age)? points|\bor more of\b"),
    _word(r"\bmoving average\b|\brunning (?:total|sum|count|balance)\b|\bcumulative\b",
          r"\bover\b|rolling|cum_|cumsum"),
    _word(r"\b(?:includ\w+|even|also) (?:the |those )?\w+ (?:with(?:out)?|that have|who have) (?:none|no|any)\b",
          r"left|outer|union|how=|coalesce|not in|exists"),
    _word(r"\bwithout (?:any )?\w+ (?:have to|must|should) be (?:counted|included|listed|shown)",
          r"left|outer|union"),
)  # fmt: skip
PERCENT = re.compile(r"%|\bpercent|pct\b|\b100\b|\bhundred|\bbps\b|basis point", re.I)
TIMES_100 = re.compile(r"\b100(?:\.0*)?\s*\*|\*\s*\(?100(?:\.0*)?\b")
PART = re.compile(
    r"\bfractions?\b(?! of (?:an? )?(?:day|hour|minute|week))|\b0 ?(?:-|–|to|\.\.) ?1\b|\bbetween 0 and 1\b"
    r"|\bdivided by\b",
    re.I,
)
WHOLE_UNITS = re.compile(r"date_?diff\(|\.dt\.days|floor\(", re.I)
FINER = re.compile(r"second|epoch|milli|micro|hour|minute|total_|/\s*(?:24|60|3600|86400|1440)", re.I)
FRACTIONAL = re.compile(
    r"\bfractional\b|\bfractions? of (?:an? )?(?:day|hour)s?"
    r"|\bas (?:an? )?(?:fraction|decimal)s? (?:of )?(?:a )?(?:day|hour)s?"
    r"|\bdays? as decimals?\b",
    re.I,
)


def unanswered(task: str, program: str) -> Iterator[str]:
    """What a task says that nothing in the program answers to."""
    for word in WORDS:
        found = word.said.search(task)
        if found and not word.done.search(program) and not (word.unless and word.unless.search(task)):
            yield f"'{found.group().strip()}'"
    if (part := PART.search(task)) and TIMES_100.search(program) and not PERCENT.search(task):
        yield f"'{part.group()}', which is no percentage"
    if (unit := FRACTIONAL.search(task)) and WHOLE_UNITS.search(program) and not FINER.search(program):
        yield f"'{unit.group()}'"
