"""The ways to read the conditions of a question over one ground."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from agents.ask.sketch.calendar import CLOSING, DUE, is_day
from agents.ask.sketch.ground import Ground, Place
from agents.ask.sketch.where import Where, measured
from agents.columns import dated, measures
from data.catalog import Column

MOST_LASTING = 2
"""Tables whose rows may be what still goes on."""
MOST_BOUNDED = 3
"""Measures that a number may bound which no column is said with."""
_LASTING = re.compile(
    r"\b(?:still|current(?:ly)?|active|open(?:-ended)?|ongoing|running|outstanding|pending|live|alive|employed|yet"
    r"|in progress|at the moment|right now|nowadays|no (?:known )?end(?: date)?|work(?:s|ing)? (?:for us|here)|with us"
    r"|un(?:finished|resolved|settled|closed|fixed|returned))\b|\bnot (?:been )?(?:\w+ed|fixed)\b",
    re.IGNORECASE,
)
"""What goes on, and has no day on which it came to its end."""


def wheres(ground: Ground) -> Iterator[Where]:
    """The conditions for each way to read a number that is said with no column, and words for what still goes on."""
    for where in _bounded(ground):
        yield where
        ongoing = [day for day in _lasting(ground) if day.name not in where.fixed]
        yield from (replace(where, lasting=day) for day in ongoing[:MOST_LASTING])
        if ended := _ended(ground):
            yield replace(where, ended=ended)
        if _denied(ground):
            yield replace(where, zero=True)


def _denied(ground: Ground) -> bool:
    """Whether there is to be none of a measure."""
    return any(ground.brief.negated(hint) for hint, _ in measured(ground))


def _ended(ground: Ground) -> Place | None:
    """The day on which the base's rows end, where the question names one day."""
    base = ground.path.base
    single = any(map(is_day, ground.brief.hints("time")))
    days = [Place(base.name, base, column) for column in dated(base)]
    ends = (day for day in days if _ends(day.column))
    return next(ends, None) if single and len(days) > 1 else None


def _lasting(ground: Ground) -> Iterator[Place]:
    """The days of the end of what is asked for, of the base's rows and of the others, where it says that they go on."""
    brief, path = ground.brief, ground.path
    if not _LASTING.search(brief.context.question):
        return
    aliases = dict.fromkeys((ground.tables.get(brief.asked, path.base.name), path.base.name, *path.scope))
    for alias in aliases:
        days = (Place(alias, path.scope[alias], column) for column in dated(path.scope[alias]))
        if day := next((day for day in days if _ends(day.column)), None):
            yield day


def _ends(column: Column) -> bool:
    """Whether a day is that on which something comes to its end, by its name, or by what a person says of it."""
    said = f"{column.name} {'' if column.draft else column.description}"
    return bool(CLOSING.search(said)) and not DUE.search(said)


def _bounded(ground: Ground) -> Iterator[Where]:
    """The conditions for each way to read a number that is said with no column."""
    brief = ground.brief
    loose = [hint for hint in brief.hints("number") if hint.operator and not hint.targets]
    if not loose:
        yield Where(ground)
        return
    said = [(abs(hint.start - loose[0].start), place) for hint, place in measured(ground)]
    if said:
        yield Where(ground, min(said, key=lambda pair: pair[0])[1])
    if brief.counted:
        yield Where(ground)
    if not said:
        base = ground.path.base
        own = (Place(base.name, base, column) for column in measures(brief.catalog, base)[:MOST_BOUNDED])
        yield from (Where(ground, place) for place in own)
