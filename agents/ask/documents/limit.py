"""The limit that a document sets for what a question compares, and the column of the tables that it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.ask.documents.comparison import Comparison
from agents.ask.documents.quantity import Quantity, in_unit, quantities
from agents.ask.documents.quotation import NEAR, Quotation, Sentence

if TYPE_CHECKING:
    from data.catalog import Catalog, Column, Table
    from retrieval import Context

TIED = 0.03
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


def limits(comparison: Comparison, sentences: Sequence[Sentence], context: Context) -> list[Limit]:
    """What sets the limit, nearest first; several where documents set different ones that are about as near."""
    found = list(_limits(comparison, sentences, context))
    if not found:
        return []
    best, score = found[0]
    marked = [limit for limit, other in found if score - other <= TIED and limit.quantity.bound]
    tied = [limit for limit in marked if limit.unit == best.unit and limit.value != (marked or [best])[0].value]
    return [marked[0], *tied] if marked else [best]


def _limits(comparison: Comparison, sentences: Sequence[Sentence], context: Context) -> Iterator[tuple[Limit, float]]:
    for sentence in sentences:
        if sentence.score < LEAST:
            return
        for quantity in quantities(sentence.text):
            for unit, name in _measures(comparison, quantity, sentence, context)[:1]:
                value = in_unit(quantity, unit)
                assert value is not None
                quotation = Quotation(sentence.passage, (sentence.text,))
                yield Limit(comparison, quantity, value, unit or "", name, quotation), sentence.score


def _measures(
    comparison: Comparison, quantity: Quantity, sentence: Sentence, context: Context
) -> list[tuple[str | None, str]]:
    """(unit, what the column is called) of what the quantity can be compared with, the likeliest first."""
    if quantity.kind == "share":
        return [("%", "")] if re.search(r"\b(?:share|percentage|rate|proportion)\b", comparison.subject, re.I) else []
    if quantity.kind == "count":
        counted = re.search(rf"\b{re.escape(quantity.unit)}s?\b", comparison.subject, re.I)
        return [(None, "")] if counted and not comparison.head else []
    fitting = [column for column in _columns(context) if in_unit(quantity, column.unit) is not None]
    said = f"{sentence.text} {comparison.subject}".lower()
    ordered = sorted(fitting, key=lambda column: _spoken(column) not in said)
    return [(column.unit, _spoken(column)) for column in ordered]


def _columns(context: Context) -> Iterator[Column]:
    """The columns of the tables that the question means."""
    for table in _tables(context):
        yield from table.columns


def _tables(context: Context) -> list[Table]:
    catalog: Catalog = context.catalog
    named = [t for hint in context.hints if hint.kind == "table" for t in hint.targets]
    owners = [t.rsplit(".", 1)[0] for hint in context.hints if hint.kind in ("column", "value") for t in hint.targets]
    return [catalog.table(name) for name in dict.fromkeys(named or owners) if name in catalog]


def _spoken(column: Column) -> str:
    return column.name.replace("_", " ").lower()


def number_of(rows: Sequence[Sequence[Any]]) -> float | None:
    """The one number that rows are; None for anything else."""
    from decimal import Decimal

    if len(rows) != 1 or len(rows[0]) != 1:
        return None
    value = rows[0][0]
    return float(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None
