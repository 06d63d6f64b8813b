"""Whose features a task asks for, in whatever words it says so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agents.columns import keys
from data.catalog import Catalog, Table
from data.naming import single, words

_PER = (
    r"(?:\b(?:per|for|of|by|each|every|to|about)(?: an?| the| each| every| any| all| our| its)?(?: single"
    r"| individual| given)? {0}s?\b|"
    r"\b{0}s? features?\b|\b{0}[- ]level\b|\bkeyed (?:by|on) (?:the )?{0}|\b{0}['’]s\b|^{0}s? (?:risk"
    r"|activity|behaviou?r"
    r"|usage|velocity|engagement|stat\w*|profile|history|health|spend\w*)\b|\ba {0} (?:has|had|have"
    r"|did|does)\b)"
)
_PERSON = r"(?:person|people|users?|customers?|someone|whoever|accounts?|those|who(?:ever)?|anyone|they|he|she)"
_DOER = re.compile(r"\w{3,}(?:er|or)")
STEM = 6
"""Letters in which who does something and what they do agree: receiver, receiving."""


def entities_of(text: str, table: Table, catalog: Catalog, counted: Sequence[str]) -> list[str]:
    """The keys of the source that the features may be of: one, if the task says whose they are. What is `counted` by
    its different values is not whose they are, unless that is said."""
    scores: dict[str, float] = {}
    for column in sorted(keys(catalog, table)):
        score = max(_scores(text, column, table, catalog, loose=column not in counted), default=0)
        if score:
            scores[column] = score
    if table.key in scores and len(scores) > 1:
        scores.pop(table.key or "")
    best = max(scores.values(), default=0)
    found = [column for column, score in scores.items() if score == best]
    return found if len(found) < 2 else _doing(text, found, table) or found


def _doing(text: str, columns: list[str], table: Table) -> list[str]:
    """Of several keys, the one whose description has a word of the text that no other has: who sent, who got."""
    told = {name: set(words(table.column(name).description or "")) for name in columns}
    said = set(words(text))
    own = {name: told[name] - set().union(*(told[other] for other in columns if other != name)) for name in columns}
    able = [name for name in columns if own[name] & said]
    return able if len(able) == 1 else []


def _scores(text: str, column: str, table: Table, catalog: Catalog, *, loose: bool) -> Iterator[float]:
    """How surely each name of a key is whose the features are."""
    for name, weight in _names(column, table, catalog):
        stem = re.escape(single(name))
        said = r"\w*".join((stem[:STEM], "")) if _DOER.fullmatch(name) and len(name) > STEM else ""
        if re.search(_PER.format(stem), text, re.I) or (
            said and re.search(rf"\b{_PERSON} (?:who |that )?{said}\b", text, re.I)
        ):
            yield weight + 2
        elif loose and column != table.key and re.search(rf"\b{stem}s?\b", text, re.I):
            yield weight


def _names(column: str, table: Table, catalog: Catalog) -> Iterator[tuple[str, float]]:
    """What a key's thing is called, the surest first: by the key, the table that it points at, and who its description
    tells of."""
    own = " ".join(word for word in words(column) if word not in ("id", "key"))
    if own:
        yield own, 1.0
    to = next((r.to_table for r in catalog.relationships if (r.table, r.column) == (table.full_name, column)), "")
    if to:
        goal = catalog.table(to)
        yield from ((name, 0.9) for name in (single(goal.name), *map(single, goal.synonyms)))
    said = table.column(column).description or ""
    others = {name for other in table.columns if other.name != column for name in words(other.name)}
    yield from (
        (word, 0.8)
        for word in map(single, words(said))
        if _DOER.fullmatch(word) and word != "identifier" and word not in others
    )
