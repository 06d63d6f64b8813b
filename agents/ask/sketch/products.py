"""Numbers that no column keeps: how many there are times what one costs, twelve months of what is due each month."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from agents.ask.rerank.units import factors
from agents.ask.sketch.ground import Place
from agents.columns import measures

if TYPE_CHECKING:
    from agents.ask.sketch.draft import Draft

MONEY = re.compile(
    r"\b(?:costs?|worth|valued?|spen[dt]|pays?|paid|priced?|revenue|turnover|money|bill(?:s|ed)?|takings|earn\w*|income"
    r"|br(?:ings?|ought) in|owe[sd]?|owing|debts?|amounts?|expens\w+|wages?|sales)\b|[€$£]",
    re.IGNORECASE,
)
"""What is said of money."""
_OF_ONE = re.compile(
    r"(?:^|_)(?:unit|hourly|daily|per|each)(?:_|$)|(?:^|_)(?:price|rate|cost|fare|tariff)(?:_(?!total)|$)",
    re.IGNORECASE,
)
"""What one of something costs."""
_MANY = re.compile(
    r"(?:^|_)(?:qty|quantity|pieces|units|hours?|hrs|minutes|mins?|nights?|days|copies|seats|tickets|on_hand|stock|litres"
    r"|kg|number_of|no_of|count)(?:_|$)",
    re.IGNORECASE,
)
_HOURLY = re.compile(r"hour|(?:^|_)(?:h|hr)(?:_|$)", re.IGNORECASE)
_MONTHLY = re.compile(r"(?:^|_)(?:month|monthly|pm|p_m)(?:_|$)", re.IGNORECASE)
_YEARLY = re.compile(r"\b(?:per|a|each|every|whole|full) year\b|\b(?:annual|year)(?:ly|ised|ized)?\b", re.IGNORECASE)
_IN_HOUR = {"min": " / 60.0", "s": " / 3600.0"}


def is_of_one(name: str) -> bool:
    """Whether a measure of this name is what one of something costs."""
    return bool(_OF_ONE.search(name.rpartition(".")[2]))


def counts_of(name: str) -> bool:
    """Whether a measure of this name tells how many there are of something that has a price."""
    own = name.rpartition(".")[2]
    return bool(_MANY.search(own)) and not _OF_ONE.search(own)


def due_monthly(name: str) -> bool:
    """Whether a measure of this name is told for each month."""
    return bool(_MONTHLY.search(name.rpartition(".")[2]))


def is_yearly(question: str) -> bool:
    """Whether a question asks for what comes together in a year."""
    return bool(_YEARLY.search(question))


def products(draft: Draft) -> Iterator[str]:
    """The sum of all that there is of things at what one of each costs, where money is asked for."""
    if not MONEY.search(draft.brief.context.question):
        return
    places = list(_places(draft))
    for one in places:
        for many in places if is_of_one(one.column.name) else ():
            if many != one and counts_of(many.column.name):
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
