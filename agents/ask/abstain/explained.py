"""Words that name what is told of things, such as a cost or a length: a query that tells it explains them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.ask.rerank.shape import LASTING
from agents.ask.rerank.units import factors
from data.units import MONEY
from retrieval.names import UNITS
from retrieval.spans import normal

if TYPE_CHECKING:
    from agents.ask.rerank.shape import Shape
    from data.catalog import Column
    from retrieval.unread import Unread

CURRENCIES = frozenset({"cents", "pence", "USD", "EUR", "GBP", "CHF", "JPY", "CAD", "AUD", "SEK", "NOK", "DKK", "PLN"})
_COUNTED = frozenset({*CURRENCIES, *LASTING, "%"})
"""Units of what is not measured of a thing itself."""
_WORDS = {
    "money": """revenue turnover income sales takings proceeds spend spending expenditure expense cost price value worth
        balance owed owe owing debt outstanding earn earnings money bill charge profit margin fee tariff invest
        billing pay paid payment wage""",
    "measure": """volume quantity load capacity size output weight weigh mass throughput heavy big large tall high deep
        wide speed""",
    "lasting": "length duration long longest shortest wait period delay age old late early",
    "share": "rate ratio quota odds",
    "count": "traffic activity population frequency common popular busy tie figures times",
}
_KINDS = {normal(word): kind for kind, words in _WORDS.items() for word in words.split()}


def of_a_kind(word: Unread) -> bool:
    """Whether the word asks for numbers of some kind, such as 'earn' for money."""
    return normal(word.text) in _KINDS


def explains(shape: Shape, word: Unread) -> bool:
    """Whether the query tells what the word asks for."""
    columns = [shape.column(name) for name in shape.used if name]
    if any(counts(column, word.text) for column in columns):
        return True
    match _KINDS.get(normal(word.text)):
        case "money":
            return any(map(is_money, columns))
        case "measure":
            return any(column.unit and column.unit not in _COUNTED for column in columns)
        case "lasting":
            return "duration" in shape.does or any(column.unit in LASTING for column in columns)
        case "share":
            return bool({"share", "each"} & shape.does)
        case "count":
            return bool({"count", "negation", "extreme"} & shape.does) and not shape.columns["ordered"]
    return False


def counts(column: Column, said: str) -> bool:
    """Whether a column is counted in the unit that is said, or in one that is converted to it."""
    parts = column.name.lower().split("_")
    units = {column.unit, *(unit for unit in UNITS if unit.lower() in parts)} - {None}
    known = {normal(word) for unit in units if unit for word in (unit, *UNITS.get(unit, ()))}
    return normal(said) in known or any(factors(unit, said) for unit in units)


def is_money(column: Column) -> bool:
    """Whether a column keeps amounts of money."""
    return column.unit in CURRENCIES or bool({*column.name.lower().split("_")} & MONEY)
