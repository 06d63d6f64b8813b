"""The limit that a document sets for what a question compares, and the column of the tables that it is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.ask.documents.comparison import Comparison
from agents.ask.documents.quantity import Quantity, in_unit, quantities
from agents.ask.documents.quotation import NEAR, Quotation, Sentence

if TYPE_CHECKING:
    from data.catalog import Catalog, Column, Table
    from retrieval import Context

TIED = 0.03
GENERAL = frozenset(["amount", "value", "price", "sum", "duration", "length"])
"""Columns that a sentence means which names none."""

_SHARE = re.compile(r"\b(?:share|percentage|rate|proportion)\b", re.I)
LEAST = NEAR - 0.05
"""A question that compares names things of the tables too, so its limit is a little less near."""


@dataclass(frozen=True)
class Limit:
    """`value` is the limit in the unit of the column; `quotation` is the sentence that sets it."""

    comparison: Comparison
    quantity: Quantity
    value: float
    unit: str
    column: str
    quotation: Quotation

    @property
    def question(self) -> str:
        """What the tables are asked."""
        number = f"{self.value:f}".rstrip("0").rstrip(".")
        return self.comparison.question(self.column, number, self.quantity.bound)


def limits(
    comparison: Comparison, sentences: Sequence[Sentence], subject: Context, retrieve: Callable[[str], Context]
) -> list[Limit]:
    """What sets the limit, nearest first; several where documents set different ones that are about as near. `subject`
    is what the comparison's subject means in the tables, `retrieve` tells that of a sentence."""
    found = list(_limits(comparison, sentences, subject, retrieve))
    if not found:
        return []
    best, score = found[0]
    marked = [limit for limit, other in found if score - other <= TIED and limit.quantity.bound]
    tied = [limit for limit in marked if limit.unit == best.unit and limit.value != (marked or [best])[0].value]
    return [marked[0], *tied] if marked else [best]


def _limits(
    comparison: Comparison, sentences: Sequence[Sentence], subject: Context, retrieve: Callable[[str], Context]
) -> Iterator[tuple[Limit, float]]:
    for sentence in sentences:
        if sentence.score < LEAST:
            return
        for quantity in quantities(sentence.text):
            measure = _measure(comparison, quantity, subject, retrieve(sentence.text))
            if measure is not None:
                unit, name = measure
                value = in_unit(quantity, unit)
                assert value is not None
                quotation = Quotation(sentence.passage, (sentence.text,))
                yield Limit(comparison, quantity, value, unit or "", name, quotation), sentence.score


def _measure(
    comparison: Comparison, quantity: Quantity, subject: Context, said: Context
) -> tuple[str | None, str] | None:
    """(unit, what the column is called) of what the quantity can be compared with, where both are about one table."""
    if quantity.kind == "share":
        return ("%", "") if _SHARE.search(comparison.subject) else None
    if quantity.kind == "count":
        counted = re.search(rf"\b{re.escape(quantity.unit)}s?\b", comparison.subject, re.I)
        return (None, "") if counted and not comparison.head else None
    tables = [table for table in tables_of(subject) if table in tables_of(said)]
    fitting = [(t, c) for t in tables for c in t.columns if in_unit(quantity, c.unit) is not None]
    named = [found for found in fitting if _name(*found) in columns_of(subject)]
    about = [found for found in fitting if _name(*found) in columns_of(said)]
    general = [found for found in fitting if len(fitting) == 1 or set(_spoken(found[1]).split()) & GENERAL]
    likely = [found for found in named if found in about or found in general] if named else about or general
    return (likely[0][1].unit, _spoken(likely[0][1])) if likely else None


def tables_of(context: Context) -> list[Table]:
    """The tables that a text means, by their names or else by those of their columns and values."""
    catalog: Catalog = context.catalog
    named = [t for hint in context.hints if hint.kind == "table" for t in hint.targets]
    owners = [t.rsplit(".", 1)[0] for hint in context.hints if hint.kind in ("column", "value") for t in hint.targets]
    return [catalog.table(name) for name in dict.fromkeys(named or owners) if name in catalog]


def columns_of(context: Context) -> frozenset[str]:
    """The full names of the columns that a text names."""
    return frozenset(t for hint in context.hints if hint.kind == "column" for t in hint.targets)


def _name(table: Table, column: Column) -> str:
    return f"{table.full_name}.{column.name}"


def _spoken(column: Column) -> str:
    """What people call a column: without its unit."""
    words = column.name.lower().split("_")
    return " ".join(words[:-1] if len(words) > 1 and words[-1] == (column.unit or "").lower() else words)


def number_of(rows: Sequence[Sequence[Any]]) -> float | None:
    """The one number that rows are; None for anything else."""
    from decimal import Decimal

    if len(rows) != 1 or len(rows[0]) != 1:
        return None
    value = rows[0][0]
    return float(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None
