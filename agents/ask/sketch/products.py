"""Numbers that no column keeps: how many there are times what one costs, twelve months of what is due each month."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from agents.ask.rerank.units import factors
from agents.ask.sketch.amounts import due_monthly, is_monthly, is_of_money, is_of_one, is_yearly, multiplies, quantities
from agents.ask.sketch.ground import Place
from agents.columns import measures

if TYPE_CHECKING:
    from agents.ask.sketch.draft import Draft

_HOURLY = re.compile(r"hour|(?:^|_)(?:h|hr)(?:_|$)", re.IGNORECASE)
_IN_HOUR = {"min": " / 60.0", "s": " / 3600.0"}


def products(draft: Draft) -> Iterator[str]:
    """The sum of all that there is of things at what one of each costs, where money is asked for."""
    if not is_of_money(draft.brief.context.question):
        return
    places = list(_places(draft))
    several = [place for place in places if place.column in quantities(draft.brief.catalog, place.table)]
    own = [place for place in several if place.table is draft.base]
    depth = {alias: steps for steps, alias in enumerate(draft.ground.path.scope)}
    for one in places:
        for many in own or several if is_of_one(one.column.name) else ():
            # A price is what one costs of what a row has, or its parts: not of what its parents have.
            if depth[many.alias] <= depth[one.alias] and multiplies(one.column.name, many.column.name):
                yield _times(draft, many, one)


def _places(draft: Draft) -> Iterator[Place]:
    """The measures of the base and of what it leads to."""
    for alias, table in draft.ground.path.scope.items():
        yield from (Place(alias, table, column) for column in measures(draft.brief.catalog, table))


def _times(draft: Draft, many: Place, one: Place) -> str:
    """Minutes at an hourly rate are counted in hours; money is told in the unit that the question names."""
    hours = _IN_HOUR.get(many.column.unit or "", "") if _HOURLY.search(one.column.name) else ""
    by = factors(one.column.unit, draft.brief.context.question)
    unit = f" / {min(by)}" if by else ""
    return f"sum({draft.ground.sql(many)}{hours} * {draft.ground.sql(one)}){unit}"


def yearly(draft: Draft) -> Iterator[str]:
    """What is due each month, over a year."""
    if is_yearly(draft.brief.context.question):
        said = [place for place in draft.measures if due_monthly(place.column.name)]
        yield from (f"12 * {draft.aggregate('sum', place)}" for place in said)


def monthly(draft: Draft) -> Iterator[str]:
    """What is due each month as it is, where it is asked for by the month."""
    if is_monthly(draft.brief.context.question):
        said = [place for place in draft.measures if due_monthly(place.column.name)]
        yield from (draft.aggregate("sum", place) for place in said)
