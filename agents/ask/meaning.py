"""What stored values mean, beside rows that hold them as they are stored: for people, who read the meaning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlglot import exp

from agents.semantic.kept import Kept, of_meaning
from agents.semantic.outputs import ways
from data.catalog import Catalog

Meaning = dict[str, Any]
"""{"format": "%Y%m%d"} of a day, {"format": "Y/N"} of yes and no, or {"labels": {"E": "Emergency"}} of codes."""


def meanings(query: exp.Query, catalog: Catalog, columns: Sequence[str]) -> list[Meaning | None]:
    """One for each column, None where the values say it themselves; empty where all do."""
    found = ways(query, catalog)
    return [way.told if way else None for way in found] if len(found) == len(columns) else []


def meant(rows: Iterable[Sequence[Any]], meanings: Sequence[Mapping[str, Any] | None]) -> list[list[Any]]:
    """The rows as people read them: days as dates, marks as yes or no, codes with what they stand for."""
    ways = [of_meaning(meaning) if meaning else None for meaning in meanings]
    return [_meant(row, ways) for row in rows] if ways else [list(row) for row in rows]


def _meant(row: Sequence[Any], ways: Sequence[Kept | None]) -> list[Any]:
    return [way.said(value) if way else value for value, way in zip(row, ways, strict=True)]
