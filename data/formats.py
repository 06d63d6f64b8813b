"""Dates that a store keeps as text or as numbers: how they are written there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from data.catalog import Column
from data.policy import is_text
from data.sample import Sample
from data.sources.base import literal, quoted

TEXTS: Mapping[str, str] = {
    "%Y-%m-%d": r"\d{4}-\d{2}-\d{2}",
    "%Y-%m-%d %H:%M:%S": r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}",
    "%Y-%m-%d %H:%M": r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}",
    "%Y-%m-%dT%H:%M:%S": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}",
    "%Y-%m-%dT%H:%M:%SZ": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z",
    "%Y%m%d": r"(19|20)\d{6}",
    "%Y/%m/%d": r"\d{4}/\d{2}/\d{2}",
    "%d/%m/%Y": r"\d{2}/\d{2}/\d{4}",
    "%m/%d/%Y": r"\d{2}/\d{2}/\d{4}",
    "%d.%m.%Y": r"\d{2}\.\d{2}\.\d{4}",
    "%d-%m-%Y": r"\d{2}-\d{2}-\d{4}",
    "%d-%b-%Y": r"\d{2}-[A-Za-z]{3}-\d{4}",
    "%Y-%m": r"\d{4}-(0[1-9]|1[0-2])",
    "%Y%m": r"(19|20)\d{2}(0[1-9]|1[0-2])",
}
"""Formats of text, each with the shape of what is written so."""
NUMBERS: Mapping[str, str] = {key: TEXTS[key] for key in ("%Y%m%d", "%Y%m")}
DAYS = "%days"
"""Days as whole numbers, counted from 1970-01-01."""
COUNTED = (3_650, 25_567)
"""From 1979 to 2039: what such a number is taken for a day within."""
_SAID = frozenset(["date", "day", "dates", "days", "on", "since", "until", "from", "datum", "tag"])
_MONTHS = re.compile(r"month|period|(?:^|_)(?:mth|mon|ym|yyyymm|monat)(?:_|$)", re.IGNORECASE)
"""What a column of whole months is called: else six digits are a number."""
WHOLE = ("INTEGER", "BIGINT", "UINTEGER", "UBIGINT", "HUGEINT")


def dated(sample: Sample, place: str, columns: Sequence[Column]) -> dict[str, str]:
    """The format, by the column's name, of the columns whose every value in the sampled rows is a date in it. Where
    two fit, days before months."""
    tried = [(column, format) for column in columns for format in _formats(column)]
    if not tried:
        return {}
    rows = sample.ask(f"SELECT {', '.join(_fits(column, format) for column, format in tried)} FROM {place}")
    found: dict[str, str] = {}
    for (column, format), fits in zip(tried, rows[0] if rows else (), strict=False):
        if fits:
            found.setdefault(column.name, format)
    return found


def is_counted(column: Column, low: str | None, high: str | None) -> bool:
    """Whether all values of a column of whole numbers may be days since 1970-01-01."""
    if column.type.upper() not in WHOLE or column.unit or column.format or low is None or high is None:
        return False
    return COUNTED[0] <= int(low) < int(high) <= COUNTED[1]


def says_day(name: Sequence[str]) -> bool:
    """Whether a name, in words, is that of a day."""
    return bool(_SAID & {*name[-1:]})


def written(format: str) -> str:
    """A format as people write it: `%Y%m%d` is yyyymmdd."""
    if format == DAYS:
        return "as days since 1970-01-01"
    for code, letters in (("Y", "yyyy"), ("m", "mm"), ("d", "dd"), ("H", "hh"), ("M", "mm"), ("S", "ss"), ("b", "mon")):
        format = format.replace(f"%{code}", letters)
    return format


def _formats(column: Column) -> Iterator[str]:
    kind = column.type.upper()
    formats = TEXTS if is_text(column) and "[" not in kind else NUMBERS if kind in WHOLE else ()
    yield from (format for format in formats if format != "%Y%m" or _MONTHS.search(column.name))


def _fits(column: Column, format: str) -> str:
    text = f"CAST({quoted(column.name)} AS VARCHAR)"
    shape = literal(TEXTS[format])
    # The shape is looked at first: most columns of text have none, and parsing is slow.
    good = f"CASE WHEN regexp_full_match({text}, {shape}) THEN try_strptime({text}, {literal(format)}) END"
    return f"count({quoted(column.name)}) > 0 AND count({good}) = count({quoted(column.name)})"
