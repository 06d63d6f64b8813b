"""Numbers, days and quoted values that a task names: a program for it that lacks one has not read it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.numbers import spelt

_WORDS = (
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "fifteen", "twenty",
    "thirty", "fifty", "hundred",
)  # fmt: skip
NUMBER = rf"(?P<n>\d[\d,]*(?:\.\d+)?k?|{'|'.join(_WORDS)})(?![\w-]| ?- ?\d|\.\d)"
BOUNDS = tuple(
    re.compile(said, re.I)
    for said in (
        rf"\b(?:fewer|less|more|greater|larger|higher|longer|bigger|smaller|lower|over|later|earlier)"
        rf" than (?:[$€£] ?)?{NUMBER}",
        rf"\b(?:at least|at most|under|above|over|below|exactly|minimum of|maximum of|up to) (?:[$€£] ?)?{NUMBER}",
        rf"{NUMBER}(?: \w+)? or (?:more|fewer|less|above|over|older|higher)\b",
        rf"\b(?:top|first|last|bottom) {NUMBER} (?!months?|days?|weeks?|quarters?|years?|hours?)",
        rf"\bthe {NUMBER} (?:\w+ )?(?:most|least|best|worst|largest|biggest|highest|lowest|newest|oldest|latest"
        r"|longest)\b",
    )
)
_QUOTED = re.compile(r"(?<![\w'’])['\"‘“]([^'\"’”\n]{2,40})['\"’”](?![\w])(?! (?:if|when|means)\b)")
_DAY = re.compile(r"\b(20\d\d)-(\d\d)-(\d\d)\b")
YEAR = re.compile(r"(?<![\w-])(20\d\d)(?![\w-])")
_FACTORS = (1, 100, 24, 60, 3600, 86400, 7, 1440)


def missing(task: str, program: str) -> Iterator[str]:
    """What a task bounds by and its program nowhere has."""
    have = {float(found) for found in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", program.replace("_", ""))}
    for pattern in BOUNDS:
        for found in pattern.finditer(task):
            bound = number(found["n"])
            if bound > 1 and not _has(bound, have):
                yield f"'{found.group().strip()}'"
    low = program.lower()
    for quoted in _QUOTED.findall(task):
        if quoted.lower() not in low:
            yield f"'{quoted}'"
    for year in dict.fromkeys(YEAR.findall(task)):
        if year not in program and str(int(year) + 1) not in program:
            yield f"'{year}'"
    for year, month, day in _DAY.findall(task):
        if f"{year}-{month}" not in program and not re.search(rf"{year}, ?{int(month)}, ?{int(day)}", program):
            near = int(day) in (28, 29, 30, 31) and year in program
            if not near:
                yield f"'{year}-{month}-{day}'"


def number(said: str) -> float:
    """A number in figures or in words."""
    low = said.lower().replace(",", "").rstrip(".")
    if low in _WORDS:
        return float(spelt(low))
    return float(low[:-1]) * 1000 if low.endswith("k") else float(low)


def _has(bound: float, have: set[float]) -> bool:
    """Whether it is there, as it is or next to it, in another unit, or as a part of 1."""
    near = {bound, bound - 1, bound + 1}
    return any(abs(one * factor - other) < 1e-6 or abs(one / factor - other) < 1e-6
               for one in near for factor in _FACTORS for other in have)  # fmt: skip
