"""An answer as Markdown, in which what comes from data stays text: no link, no picture, no markup of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MOST_ROWS = 50
ACTIVE = re.compile(r"([\\`*_\[\]<>|!#~$])")


def inert(value: Any) -> str:
    """Text from data in one line that no renderer acts upon."""
    said = "" if value is None else str(value)
    return ACTIVE.sub(r"\\\1", " ".join(said.split()))


def of_answer(answer: Any) -> str:
    """What was found, the rows, the SQL and the sources of an `Answer`."""
    return of_document(answer.as_json())


def of_document(shown: Mapping[str, Any]) -> str:
    """The same of an answer as JSON has it."""
    parts = [inert(shown["answer"])]
    if shown["rows"] and (len(shown["rows"]) > 1 or len(shown["columns"]) > 1):
        parts.append(_table(shown["columns"], shown["rows"]))
    if shown["sql"]:
        parts.append(f"```sql\n{shown['sql'].replace('```', '')}\n```")
    if sources := ", ".join(_source(source) for source in shown["sources"]):
        parts.append(f"Sources: {sources}.")
    return "\n\n".join(parts)


def _table(columns: list[str], rows: list[list[Any]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows[:MOST_ROWS]]
    told = [f"| {' | '.join(cell if cell == '---' else inert(cell) for cell in line)} |" for line in lines]
    left = len(rows) - MOST_ROWS
    return "\n".join(told) + (f"\n\n{left:,} more rows are not shown." if left > 0 else "")


def _source(source: dict[str, Any]) -> str:
    name = source.get("table") or source.get("document") or ""
    return f"{inert(name)} (version {inert(source.get('version', ''))})"
