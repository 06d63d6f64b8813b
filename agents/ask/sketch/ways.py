"""The ways to read the conditions of a question over one ground."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from agents.ask.sketch.calendar import closes, is_day, lasts, stands
from agents.ask.sketch.ground import Ground, Place
from agents.ask.sketch.where import Test, Where, measured
from agents.columns import WHOLE, dated, flags, measures

MOST_STANDING = 2
"""Tables whose rows may be what still goes on, or has come to its end."""
MOST_BOUNDED = 3
"""Measures that a number may bound which no column is said with."""


_AWAITED = re.compile(
    r"\b(?:wait\w*|await\w*|pending|un(?:known|decided)|not (?:yet )?(?:known|decided)|no (?:result|decision)"
    r"|outstanding)\b",
    re.IGNORECASE,
)


def wheres(ground: Ground) -> Iterator[Where]:
    """The conditions for each way to read a number that is said with no column, and words for what still goes on."""
    for where in _bounded(ground):
        yield where
        standing = [test for test in _standing(ground) if test.place.name not in where.fixed]
        yield from (replace(where, standing=test) for test in standing[:MOST_STANDING])
        if ended := _ended(ground):
            yield replace(where, ended=ended)
        yield from (replace(where, standing=test) for test in (*_awaited(ground), *_some(ground)))
        if _denied(ground):
            yield replace(where, zero=True)


def _awaited(ground: Ground) -> Iterator[Test]:
    """That it is not known yet whether something is so, where the question says that one waits for it."""
    base = ground.path.base
    for flag in flags(base) if _AWAITED.search(ground.brief.context.question) else ():
        place = Place(base.name, base, flag)
        yield Test(place, f"{ground.sql(place)} IS NULL")


def _some(ground: Ground) -> Iterator[Test]:
    """That there is some of what a measure counts, where it is asked how many of its rows there are: 'on how many jobs
    was somebody trapped'."""
    brief = ground.brief
    asked = any(brief.counting(hint) and ground.path.base.full_name in hint.targets for hint in brief.hints("table"))
    places = (place for _, place in measured(ground) if asked and place.table is ground.path.base)
    for place in places:
        if place.column.type.upper().startswith(WHOLE):
            yield Test(place, f"{ground.sql(place)} > 0")


def _denied(ground: Ground) -> bool:
    """Whether there is to be none of a measure."""
    return any(ground.brief.negated(hint) for hint, _ in measured(ground))


def _ended(ground: Ground) -> Place | None:
    """The day on which the base's rows end, where the question names one day."""
    base = ground.path.base
    single = any(map(is_day, ground.brief.hints("time")))
    days = [Place(base.name, base, column) for column in dated(base)]
    ends = (day for day in days if closes(day.column))
    return next(ends, None) if single and len(days) > 1 else None


def _standing(ground: Ground) -> Iterator[Test]:
    """That what is asked for, the base's rows or the others go on, or have come to their end, where it is said."""
    brief, path = ground.brief, ground.path
    aliases = dict.fromkeys((ground.tables.get(brief.asked, path.base.name), path.base.name, *path.scope))
    for on in stands(brief.context.question):
        yield from (test for alias in aliases if (test := _stands(ground, alias, on=on)))


def _stands(ground: Ground, alias: str, *, on: bool) -> Test | None:
    """The same of one table: by a flag that tells it, else by the day of the end."""
    table = ground.path.scope[alias]
    if (telling := lasts(table)) is None:
        return None
    place = Place(alias, table, telling)
    if telling in flags(table):
        return Test(place, f"{ground.sql(place)} = {'true' if on else 'false'}")
    return Test(place, f"{ground.sql(place)} IS {'' if on else 'NOT '}NULL")


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
