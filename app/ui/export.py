"""The rows of an answer as files to keep: links that hold the file themselves, so that nothing lies on the server."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

MOST_BYTES = 200_000
"""Of one file; larger ones are for the API."""
FORMULAS = ("=", "+", "-", "@", "\t", "\r")

Columns = Sequence[str]
Rows = Sequence[Sequence[Any]]


def links(columns: Columns, rows: Rows, name: str = "answer") -> str:
    """Links for CSV, JSON and Markdown; empty without rows."""
    if not rows:
        return ""
    written = {ending: (kind, write(columns, rows).encode()) for ending, (kind, write) in FORMATS.items()}
    if max(len(data) for _, data in written.values()) > MOST_BYTES:
        return '<p class="lw-about">Too many rows for a download here: ask by the API.</p>'
    shown = "".join(_link(f"{name}.{ending}", kind, data) for ending, (kind, data) in written.items())
    return f'<p class="lw-tools" role="group" aria-label="Download the rows">{shown}</p>'


def _link(name: str, kind: str, data: bytes) -> str:
    held = base64.b64encode(data).decode()
    return f'<a download="{name}" href="data:{kind};base64,{held}">{name.rpartition(".")[2].upper()}</a>'


def as_csv(columns: Columns, rows: Rows) -> str:
    """Text that a spreadsheet would take for a formula gets an apostrophe before it."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([_tame(column) for column in columns])
    writer.writerows([_tame(value) for value in row] for row in rows)
    return file.getvalue()


def as_json(columns: Columns, rows: Rows) -> str:
    found: list[Mapping[str, Any]] = [dict(zip(columns, row, strict=True)) for row in rows]
    return json.dumps(found, ensure_ascii=False, default=str, indent=1)


def as_markdown(columns: Columns, rows: Rows) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _tame(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULAS) else value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    shown = " ".join(str(value).splitlines())
    return shown.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


FORMATS: Mapping[str, tuple[str, Callable[[Columns, Rows], str]]] = {
    "csv": ("text/csv", as_csv),
    "json": ("application/json", as_json),
    "md": ("text/markdown", as_markdown),
}
