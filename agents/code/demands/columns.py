"""The columns that a task lists, by name or described one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

MOST_WORDS = 4
"""Words of a listed column; a longer stretch is a sentence."""
KEYS = 2
"""Columns that rows are told apart by, which a task that says `per …` need not list."""
_PIECE = re.compile(r"[.?!](?=\s|$)|[;:()]|\s(?:-|–|—|->|=>|→)\s|\n")
_LEAD = re.compile(
    r"^(?P<lead>.*\b(?:columns?|fields|outputs?|return(?:s|ing)?|show|give|list|keep|with|report|deliver|select)"
    r"(?: me| us)?(?: the)?)\s+(?=[\w|, ]+$)",
    re.I,
)
_COLUMNS = re.compile(r"\b(?:columns?|outputs?|fields)\b\W*$", re.I)
_BETWEEN = re.compile(r"\s*,\s*(?:and\s+|plus\s+)?|\s+(?:and|plus)\s+|\s*\|\s*")
_SNAKE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+", re.I)
_ORDER = re.compile(
    r"(?:,|\s)+(?:(?:and )?(?:sort|order)(?:ed)?\b.*|(?:in )?(?:descending|ascending|chronological(?:ly)?|desc|asc)\b.*"
    r"|in (?:date|time|calendar|that|this) order\b.*|by \w+$|just the .*|in (?:spark|pyspark|pandas|polars|python|sql)"
    r"|(?:\w+ )*\w+ (?:first|last|breaks? ties|on top)|(?:each|every) \w+ once|then \w+|please|once per \w+"
    r"|(?:no|without) duplicates|as an? .*)$",
    re.I,
)
_ARRANGED = re.compile(
    r"(?:alphabetical(?:ly)?|a ?[-–] ?z|top down|time|chronological(?:ly)?|calendar)\b"
    r"|(?:worst|best|largest|smallest|highest|lowest|newest|oldest) (?:at|on) (?:the )?top"
    r"|\w+ (?:falling|rising|descending|ascending|desc|asc|order)$|in (?:\w+ )*order\b",
    re.I,
)
"""How rows are arranged, where a list ends with it as if it were one more column."""
_ARTICLE = re.compile(r"^(?:the|its|their|an?|each)\s+", re.I)
_SENTENCE = re.compile(
    r"\b(?:per|by|but|where|whose|who|which|that|is|are|was|were|has|have|had|with|without|for|in|on|than|only|not|no|never"
    r"|from|to|if|when|join\w*|use|rows?|columns?|divided|minus|both|first|last|least|more|less|fewer|over|between|or|how)\b|[<>=/*+]|^\d",
    re.I,
)
_WHERE = re.compile(r",? where \w+_\w+ (?:is|=|means)\b.*$", re.I)
_SPREAD = re.compile(r"\b(?:per|each|every|by|pivot\w*|matrix|for|across|down)\b", re.I)
_HEAD = (
    r"(?:(?:number|count|total|sum|average|mean|median|share|percentage|fraction|rate|ratio|minimum|maximum|min|max|shortest"
    r"|longest|smallest|largest)\b|how (?:many|much)\b|\w+ (?:rate|share|percentage|volume|average|amount)\b)"
)
_BESIDE = re.compile(rf"\([^()]*\w+_\w+[^()]*\) [^.;()]*\bwith (?:the |their |its )?{_HEAD}", re.I)
"""Columns in brackets, and others behind them in the same sentence."""
_KEY = re.compile(r"\b(?:per|each|every|by|for) (?:\w+ ){0,2}\w+", re.I)


@dataclass(frozen=True)
class Columns:
    """Columns that a task lists, in its words; a result has `least` to `most` of them."""

    names: tuple[str, ...]
    least: int
    most: int


def columns(text: str) -> Columns | None:
    """The columns that a task lists by name, None where it lists none in so many words."""
    held: list[str] = []
    bare = re.sub(r"(?<=\w) ?\([^()]*\)(?=\s*(?:,|\band\b|\.?\s*$))", lambda m: _held(m.group(), held), text.strip())
    for said, before in _pieces(bare, held):
        names = _names(_WHERE.sub("", said), before)
        if names:
            before = f"{before} {lead['lead']}" if (lead := _LEAD.match(said)) else before
            exact = _keyed(names[0], before.rpartition(". ")[2]) and not _BESIDE.search(text)
            return Columns(names, len(names), len(names) if exact else len(names) + KEYS)
    return None


def _keyed(name: str, before: str) -> bool:
    """Whether a list begins with what its rows are told apart by, or nothing tells them apart."""
    known = {word.lower().removesuffix("s") for found in _KEY.finditer(before) for word in found[0].split()}
    said = {word.removesuffix("s") for word in re.findall(r"[a-z]+", name.lower())}
    return not _SPREAD.search(before) or name.lower().endswith("_id") or bool(said & known)


def _held(said: str, held: list[str]) -> str:
    """What stands in brackets behind a column explains it; a bracket that lists columns stays."""
    inside = said.strip(" ()")
    if len(_BETWEEN.split(inside)) > 2 and _SNAKE.search(inside):
        return said
    held.append(inside)
    return ""


def _pieces(text: str, held: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The stretches of a text, the last first, each with what stands before it."""
    ends = [0, *(found.end() for found in _PIECE.finditer(text)), len(text)]
    for start, end in reversed(list(pairwise(ends))):
        yield text[start:end].strip(" .;:?!()\n-–—"), text[:start]
    for said in held:
        if _BETWEEN.search(said):
            yield said, text


def _names(said: str, before: str) -> tuple[str, ...]:
    """The columns of a stretch that is a list of them."""
    led = bool(_COLUMNS.search(before))
    while (bare := _ORDER.sub("", said)) != said:
        said = bare.strip(" ,")
    if lead := _LEAD.match(said):
        led = led or bool(_COLUMNS.search(lead["lead"]))
        said = said[lead.end() :]
    items = [_ARTICLE.sub("", item.strip()) for item in _BETWEEN.split(said) if item.strip()]
    items = list(dict.fromkeys(item for item in items if not _ARRANGED.match(item)))
    listed = led or "|" in said or any(_SNAKE.fullmatch(item) for item in items)
    fit = all(len(item.split()) <= MOST_WORDS and not _SENTENCE.search(item) for item in items)
    return tuple(items) if listed and fit and len(items) > 1 else ()


_NUMBER = re.compile(rf"^(?:(?:the|its|their|an?|and|plus|with|give|show|together|what|me) )*{_HEAD}", re.I)


def numbers(text: str) -> int:
    """How many numbers a task describes one after the other, `the number of plays, the hours listened and the share`; 0
    where it describes no such row of them."""
    bare = re.sub(r"\([^()]*\)", "", text)
    return max((_described(piece) for piece in _PIECE.split(bare) if piece), default=0)


def _described(said: str) -> int:
    """The numbers of one stretch: each begins with what it reckons."""
    parts = re.split(r"\s*,\s*(?:and |plus )?|\s+(?:and|plus|together with|with)\s+", said.strip())
    found = [bool(_NUMBER.match(part)) for part in parts]
    if sum(found) < 2:
        return 0
    first, last = found.index(True), len(found) - 1 - found[::-1].index(True)
    return sum(found) + sum(
        not one and _short(part) for one, part in zip(found[first:last], parts[first:last], strict=True)
    )


def _short(said: str) -> bool:
    """Whether what stands between two numbers is one: `the hours listened`."""
    return bool(re.match(r"(?:(?:the|its|their) )?\w+s \w+(?:ed|d|t|n)$", said))
