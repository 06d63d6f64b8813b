"""How many there are of each thing, those without any among them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.ask.sketch.draft import Draft
from agents.ask.sketch.where import joined
from agents.paths import Join, written

_TOO = re.compile(
    r"\b(?:incl(?:ud\w+|\.)?|count\w*|also|even|plus|as well as|and)\b.{0,40}"
    r"\b(?:none|without|zero|no|nobody|nothing)\b"
    r"|\b(?:without|none|zero|no)\b.{0,30}\b(?:too|as well|included|incl|also)\b|\beven if\b",
    re.IGNORECASE,
)


def complete(draft: Draft) -> Iterator[str]:
    """Counts by an outer join, where the question says that nothing is left out."""
    if not draft.asks("count") or not _TOO.search(draft.brief.context.question):
        return
    for join in draft.ground.path.joins:
        if join.child == draft.base.name and draft.grouped_by(join.alias):
            yield _counted(draft, join)


def _counted(draft: Draft, join: Join) -> str:
    path = draft.ground.path
    shown, by = draft.thing(join.alias)
    link, key = path.column(draft.base.name, join.column), path.column(join.alias, join.key)
    own = (test.sql for test in draft.where.tests if test.place.alias == join.alias)
    on = [f"{link} = {key}", *(t.sql for t in draft.where.tests if t.place.alias == draft.base.name)]
    named = "" if join.alias == join.parent.name else f" AS {join.alias}"
    tables = f"FROM {written(join.parent)}{named} LEFT JOIN {written(draft.base)} ON {' AND '.join(on)}"
    return f"{tables} SELECT {shown}, count({link}){joined(own)} GROUP BY {by}"
