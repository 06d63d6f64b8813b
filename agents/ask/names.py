"""The catalogue's names as people say them."""

from __future__ import annotations

import re

from data.catalog import Column
from data.naming import many

_NUMBER = re.compile(r"\d[\d,.]*")
UNCOUNTED = frozenset(("data", "equipment", "history", "inventory", "personnel", "staff", "stock"))
"""Names of tables that have no plural."""


def numbers(text: str) -> frozenset[str]:
    """The numbers that a text spells, without thousands separators."""
    return frozenset(found.replace(",", "").rstrip(".") for found in _NUMBER.findall(text))


def words(name: str) -> str:
    """A name of the catalogue as people would say it."""
    return name.replace("_", " ").strip()


def one(plural: str) -> str:
    """The singular of a table's name."""
    for ending, singular in (("ies", "y"), ("sses", "ss"), ("s", "")):
        if plural.endswith(ending) and not plural.endswith("ss"):
            return plural[: -len(ending)] + singular
    return plural


def things(stored: str, meant: str) -> str:
    """A table's rows as people would call them: of `PT`, which means 'patient', they are 'patients'."""
    said = words(meant)
    return said if said == words(stored) or said in UNCOUNTED else many(one(said))


def called(column: Column) -> str:
    """A column's name without its unit, which stands at the values."""
    said = words(column.name)
    for unit, ending in (("USD", " usd"), ("s", " seconds")):
        if column.unit == unit:
            said = said.removesuffix(ending)
    return said
