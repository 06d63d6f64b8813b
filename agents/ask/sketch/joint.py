"""Things that have rows with one value and rows with another one, or none with that."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.ask.sketch.draft import Draft
from agents.ask.sketch.where import Test, joined
from agents.grammar.rules import quote
from agents.paths import pruned, written

_BUT_NOT = re.compile(r"\b(?:but|and|yet)\b.{0,20}\b(?:not|never|no|without)\b|\bwithout\b|\bnever\b", re.IGNORECASE)


def joint(draft: Draft) -> Iterator[str]:
    """'In both Cardiology and Neurology', 'as a film but not as a book'."""
    path = draft.ground.path
    link = next((j for j in path.joins if j.alias == draft.asked and j.child == path.base.name), None)
    title = draft.thing(draft.asked)[0]
    if link is None or not title or draft.groups or draft.asks("sum", "average", "extreme", "share"):
        return
    for tests in _pairs(draft):
        if tests[0].place.alias == link.alias:
            continue
        kept = pruned(path, {tests[0].place.alias})
        pointing, key = path.column(path.base.name, link.column), path.column(link.alias, link.key)
        others = [t.sql for t in draft.where.tests if t.place != tests[0].place and t.place.alias == link.alias]
        found = [f"{kept.clause} SELECT {pointing}{joined(iter((f'{pointing} IS NOT NULL', t.sql)))}" for t in tests]
        signs = ("IN", "NOT IN" if _split(draft, tests) else "IN")
        both = [f"{key} {sign} ({rows})" for sign, rows in zip(signs, found, strict=True)]
        shown = "count(*)" if draft.asks("count") else title
        yield f"FROM {written(link.parent)} SELECT {shown}{joined(iter([*others, *both]))}"


def _pairs(draft: Draft) -> Iterator[tuple[Test, Test]]:
    """Two values of one column, in the order in which they are said."""
    hints = [(hint, place) for hint in draft.brief.hints("value") if (place := draft.ground.place(hint))]
    for place in dict.fromkeys(place for _, place in hints):
        said = list(dict.fromkeys(hint.literals[0] for hint, own in hints if own == place))
        if len(said) == 2:
            first, last = (Test(place, f"{draft.ground.sql(place)} = {quote(text)}") for text in said)
            yield first, last


def _split(draft: Draft, tests: tuple[Test, Test]) -> bool:
    """Whether the second value is to be missing."""
    said = [hint for hint in draft.brief.hints("value") if draft.ground.place(hint) == tests[0].place]
    first, last = min(said, key=lambda hint: hint.start), max(said, key=lambda hint: hint.start)
    between = draft.brief.context.question[first.start + len(first.span) : last.start]
    return bool(_BUT_NOT.search(between))
