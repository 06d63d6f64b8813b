"""Prose for a result, by fixed templates: every number in it stands in the rows or in the question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlglot import exp

from agents.ask.wording import PERIODS, Wording
from data.units import YEAR

SHOWN_ROWS, SHOWN_COLUMNS, LONGEST_TEXT = 5, 4, 80


@dataclass(frozen=True)
class Output:
    """A column of the result: what it is called in prose and how its values are written."""

    label: str
    unit: str | None
    counted: bool

    def value(self, value: Any) -> str:
        """One value as people write it."""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, (int, float, Decimal)):
            return measured(value, self.unit) if self.counted else str(value)
        return _text(value)


def explain(wording: Wording, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, truncated: bool) -> str:
    """What the rows say, in a sentence or two."""
    if is_empty(rows):
        return _nothing(wording)
    outputs = _outputs(wording, columns)
    conditions = wording.where()
    where = f" where {conditions}" if conditions else ""
    said = _single(outputs, rows[0], where) if len(rows) == 1 else _several(outputs, rows, where)
    return f"{said} There are more rows than are shown." if truncated else said


def titles(wording: Wording, columns: Sequence[str]) -> list[str]:
    """The columns by name, and in words where the engine made the name up: `count_star()`."""
    outputs = _outputs(wording, columns)
    return [c if c.isidentifier() else o.label for c, o in zip(columns, outputs, strict=True)]


def is_empty(rows: Sequence[Sequence[Any]]) -> bool:
    """No row, or the one row of nulls that an aggregate over no rows gives."""
    return not rows or (len(rows) == 1 and all(value is None for value in rows[0]))


def measured(number: float | Decimal, unit: str | None = None) -> str:
    """1234.5 USD is "$1,234.50"; small fractions keep four significant digits."""
    if unit == "USD":
        return f"-${_digits(-number, 2)}" if number < 0 else f"${_digits(number, 2)}"
    if unit == YEAR:
        return str(int(number))
    text = _digits(number)
    return f"{text}%" if unit == "%" else f"{text} {unit}" if unit else text


def _digits(number: float | Decimal, places: int | None = None) -> str:
    if isinstance(number, int) and places is None:
        return f"{number:,}"
    value = float(number)
    if value in (float("inf"), float("-inf")) or value != value:
        return str(value)
    if places is None and 0 < abs(value) < 1:
        return f"{value:.4g}"
    text = f"{number:,.2f}"
    return text if places else text.rstrip("0").rstrip(".")


def _single(outputs: Sequence[Output], row: Sequence[Any], where: str) -> str:
    said = "; ".join(f"{o.label}: {o.value(v)}" for o, v in _shown(outputs, row))
    if len(row) == 1:
        return f"{_capital(outputs[0].label)}{where}: {outputs[0].value(row[0])}."
    return f"{_capital(said)}{f' ({where.strip()})' if where else ''}."


def _several(outputs: Sequence[Output], rows: Sequence[Sequence[Any]], where: str) -> str:
    labels = _listed([output.label for output in outputs[:SHOWN_COLUMNS]])
    lines = "; ".join(", ".join(o.value(v) for o, v in _shown(outputs, row)) for row in rows[:SHOWN_ROWS])
    more = "; and more" if len(rows) > SHOWN_ROWS else ""
    return f"{_capital(labels)}{where}: {lines}{more}."


def _nothing(wording: Wording) -> str:
    conditions = wording.where()
    subject = wording.subject or "rows"
    return f"No {subject} match: {conditions}." if conditions else f"There are no {subject} for this."


def _shown(outputs: Sequence[Output], row: Sequence[Any]) -> Iterator[tuple[Output, Any]]:
    return iter(list(zip(outputs, row, strict=False))[:SHOWN_COLUMNS])


def _outputs(wording: Wording, columns: Sequence[str]) -> list[Output]:
    """The query's words for each column, or the column's own name where the query is beyond these words."""
    found: list[exp.Expr | None] = list(wording.outputs())
    if len(found) != len(columns):
        found = [None] * len(columns)
    return [_output(wording, node, name) for node, name in zip(found, columns, strict=True)]


def _output(wording: Wording, node: exp.Expr | None, name: str) -> Output:
    if node is None:
        return Output(_label(name), None, not _is_identifier(name))
    counted = type(node) not in PERIODS and not (isinstance(node, exp.Column) and _is_identifier(node.name))
    return Output(wording.said(node) or _label(name), wording.unit(node), counted)


def _is_identifier(name: str) -> bool:
    return name.lower().endswith("_id") or name.lower() in ("id", "year", "last4")


def _label(name: str) -> str:
    """A result's column name without signs and digits: whoever wrote the SQL chose it."""
    return " ".join(re.sub(r"[\W\d_]+", " ", name).split()) or "result"


def _text(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if value.time() == datetime.min.time() else "%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"


def _listed(labels: Sequence[str]) -> str:
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
