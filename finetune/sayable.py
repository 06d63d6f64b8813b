"""Whether the grammar holds all constants of a drawn query: texts at their columns, days, numbers."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator

from agents.grammar import Literals, quote
from retrieval import Context

_TEXT = r"'(?:[^']|'')*'"
_CONSTANT = re.compile(_TEXT)
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")
_TABLE = re.compile(r"\b(FROM|JOIN) (\w+\.(\w+))(?: AS (\w+))?")
_COMPARED = re.compile(rf"([\w.]+) (?:!?= |(?:NOT )?IN \()({_TEXT}(?:, {_TEXT})*)")
_SEARCHED = re.compile(r"ILIKE '%?((?:[^'%]|'')+)%?'")
_CALENDAR = re.compile(r"(month|dayname)\([\w.]+\) = (?:'(\w+)'|(\d+))")
_UNITS = frozenset(("'year'", "'quarter'", "'month'", "'week'", "'day'", "'hour'", "'minute'"))
_ALWAYS = frozenset(("1", "100.0", "60.0", "3600.0", "1000.0"))
"""LIMIT 1, percentages and what units are converted by."""


def sayable(sql: str, context: Context) -> bool:
    """True when the question and its hints give all constants of the SQL."""
    literals = Literals.of(context)
    question = context.question.lower()
    if not all(part[1].replace("''", "'").lower() in question for part in _SEARCHED.finditer(sql)):
        return False
    if not all(_named(match, question) for match in _CALENDAR.finditer(sql)):
        return False
    sql = _CALENDAR.sub("true", _SEARCHED.sub("IS NULL", sql))
    compared = set(_compared(sql))
    days = {quote(day) for period in literals.periods for day in period}
    rest = set(_CONSTANT.findall(sql)) - _UNITS - {text for _, text in compared}
    numbers = set(_NUMBER.findall(" ".join((*literals.numbers, *literals.comparisons))))
    return (
        all(text in map(quote, literals.values.get(column, ())) for column, text in compared)
        and rest <= days
        and set(_NUMBER.findall(_CONSTANT.sub("", sql))) <= _ALWAYS | numbers
    )


def _named(match: re.Match[str], question: str) -> bool:
    """Whether the question names the month or the weekday."""
    name = match[2] or calendar.month_name[int(match[3])]
    return name[:3].lower() in question


def _compared(sql: str) -> Iterator[tuple[str, str]]:
    """(full name of a column, constant) for all texts that the SQL compares columns with."""
    tables = list(_TABLE.finditer(sql))
    by_alias = {table[4] or table[3]: table[2] for table in tables}
    for match in _COMPARED.finditer(sql):
        alias, _, name = match[1].rpartition(".")
        base = [table[2] for table in tables if table[1] == "FROM" and table.start() < match.start()][-1]
        for text in _CONSTANT.findall(match[2]):
            yield f"{by_alias.get(alias, base)}.{name}", text
