"""What is said of money and its columns: what one of something costs, how many there are, what is due each month."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agents.columns import WHOLE, measures

if TYPE_CHECKING:
    from data.catalog import Catalog, Column, Table

_MONEY = re.compile(
    r"\b(?:costs?|worth|valued?|spen[dt]|pays?|paid|priced?|revenue|turnover|money|bill(?:s|ed)?|takings|earn\w*|income"
    r"|br(?:ings?|ought) in|owe[sd]?|owing|debts?|amounts?|expens\w+|wages?|sales|invoiced"
    r"|what (?:does|do|did) (?:\w+ ){1,3}(?:go|sell|retail) for"
    r"|dear(?:er|est)|cheap\w*|pric(?:ey|ier|iest)|costl\w+)\b|[€$£]",
    re.IGNORECASE,
)
SIDE = frozenset({"vat", "tax", "taxes", "discount", "rebate", "curtailed", "returned", "returns", "refund", "refunded",
    "deposit", "penalty", "tip", "lost", "cancelled", "deducted", "surcharge", "shipping", "postage", "handling",
    "freight"})  # fmt: skip
"""What the columns are called that keep a part of an amount, what is taken off it or comes beside it."""
_BESIDE = frozenset({"vat", "tax", "taxes", "tip", "tips", "surcharge", "shipping", "postage", "handling", "freight"})
"""Those that come beside an amount: who asks for it without them wants the amount, and not the rows that have none."""
_TIME_SPENT = re.compile(r"\b(?:hours?|minutes?|days?|time|long)\b.*\bspen[dt]\b", re.IGNORECASE)
"""What is said of money, and of time in the same words."""
_SURELY = re.compile(
    r"\b(?:dollars?|euros?|bucks|revenue|turnover|money|takings|earn(?:s|ed|ings?)?|income|br(?:ings?|ought) in"
    r"|spen[dt]|what (?:do|did|does) (?:(?:\w+ ){1,2}pay|(?:\w+ ){1,3}(?:go|sell|retail) for))\b|[€$£]",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"\b(?:how many|number of|count of)\b|\btime\b", re.IGNORECASE)
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
_SIZES = re.compile(r"(?:^|_)(?:litres|kg)(?:_|$)", re.IGNORECASE)
_PER_UNIT = frozenset({"unit", "per", "each", "rate", "kg", "litre", "ltr", "l"})
_PIECES = re.compile(r"(?:^|_)(?:qty|quantity|pieces|units|copies|count)(?:_|$)", re.IGNORECASE)
_MONTHLY = re.compile(r"(?:^|_)(?:month|monthly|pm|p_m)(?:_|$)", re.IGNORECASE)
_PER_MONTH = re.compile(r"\b(?:per|a|each|every) month\b|\bmonthly\b", re.IGNORECASE)
_YEARLY = re.compile(r"\b(?:per|a|each|every|whole|full) year\b|\b(?:annual|year)(?:ly|ised|ized)?\b", re.IGNORECASE)


def is_of_money(question: str) -> bool:
    """Whether a question asks for money, and not for how time was spent."""
    return bool(_MONEY.search(_TIME_SPENT.sub(" ", question)))


def asks_money(question: str) -> bool:
    """Whether it surely does: 'sales' may be counted, what is earned may not."""
    said = _TIME_SPENT.sub(" ", question)
    return bool(_SURELY.search(said)) and not _COUNTED.search(said)


def multiplies(price: str, many: str) -> bool:
    """Whether what a measure tells is of one of those that the other counts: a bare cost is that of one piece at most,
    and that of all its hours and litres; a price is of the litres that a pot holds only where it says so."""
    own, counted = price.rpartition(".")[2].lower().split("_"), many.rpartition(".")[2]
    if _SIZES.search(counted) and not _PER_UNIT & {*own}:
        return False
    return own[0] != "cost" or bool(_PIECES.search(counted))


def is_beside(name: str) -> bool:
    """Whether a measure of this name comes beside an amount, such as a tax."""
    return bool(_BESIDE & {*name.lower().split("_")})


def is_of_one(name: str) -> bool:
    """Whether a measure of this name is what one of something costs."""
    return bool(_OF_ONE.search(name.rpartition(".")[2]))


def counts_of(name: str) -> bool:
    """Whether a measure of this name tells how many there are of something that has a price."""
    own = name.rpartition(".")[2]
    return bool(_MANY.search(own)) and not _OF_ONE.search(own)


def prices(catalog: Catalog, table: Table) -> list[str]:
    """The measures that tell what one of something costs, but no share and no part of it."""
    own = (column for column in measures(catalog, table) if is_of_one(column.name) and column.unit != "%")
    return [column.name for column in own if not SIDE & {*column.name.lower().split("_")}]


def quantities(catalog: Catalog, table: Table) -> tuple[Column, ...]:
    """The measures that tell how many of something with a price a row is about: by their names, else the only whole
    number that is beside a price, in a row that joins two things such as an order and a product."""
    own = measures(catalog, table)
    if named := tuple(column for column in own if counts_of(column.name)):
        return named
    links = {link.column for link in catalog.relationships if link.table == table.full_name}
    whole = tuple(c for c in own if c.type.upper().startswith(WHOLE) and not is_of_one(c.name))
    priced = any(is_of_one(column.name) for column in own)
    return whole if priced and len(whole) == 1 and len(links) > 1 else ()


def due_monthly(name: str) -> bool:
    """Whether a measure of this name is told for each month."""
    return bool(_MONTHLY.search(name.rpartition(".")[2]))


def is_monthly(question: str) -> bool:
    """Whether a question asks for what comes together in a month."""
    return bool(_PER_MONTH.search(question))


def is_yearly(question: str) -> bool:
    """Whether a question asks for what comes together in a year."""
    return bool(_YEARLY.search(question))
