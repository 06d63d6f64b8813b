"""A table of the catalogue as HTML, as the caller sees it. All words are escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.ui.lineage import picture
from app.ui.render import table as grid
from app.ui.render import text
from data.catalog import Catalog, Table

COLUMNS = ("Column", "Type", "What it means", "Shown")

EMPTY = (
    '<section class="lw-card lw-empty lw-page"><h2>No tables yet</h2>'
    "<p>There is none that you may see. The administrator adds a source with "
    "<code>lakewright source add</code>, and grants it in <code>policy.yaml</code>.</p></section>"
)
NONE_CHOSEN = '<p class="lw-about">Choose a table to see its columns and what it hangs together with.</p>'


def nothing(words: str) -> str:
    """What a search that found nothing shows."""
    return f'<p class="lw-about" role="status">No table fits “{text(words)}”. Try fewer or other words.</p>'


def page(described: Mapping[str, Any], table: Table, catalog: Catalog, why: Iterable[str] = ()) -> str:
    """The table: figures, columns, measures, lineage, and for the administrator which rules decide."""
    parts = (
        f"<h2>{text(table.full_name)}</h2>",
        f"<p>{text(table.description)}</p>" if table.description else "",
        _figures(described),
        _columns(described),
        _measures(table),
        _lineage(catalog, table),
        _why(list(why)),
    )
    return f'<article class="lw-card lw-page lw-wide">{"".join(parts)}</article>'


def _figures(described: Mapping[str, Any]) -> str:
    rows = described["rows"]
    facts = (
        ("Rows that you see", "–" if rows is None else f"{rows:,}"),
        ("Columns", f"{len(described['columns']):,}"),
        ("Store", described["kind"]),
        ("Version", described["version"] or "–"),
    )
    shown = (f'<div class="lw-figure"><dt>{name}</dt><dd>{text(value)}</dd></div>' for name, value in facts)
    return f'<dl class="lw-figures">{"".join(shown)}</dl>'


def _columns(described: Mapping[str, Any]) -> str:
    rows = [
        (one["name"], one["type"], one["description"], f"masked: {one['mask']}" if one["mask"] else "as it is")
        for one in described["columns"]
    ]
    return f'<div class="lw-scroll" tabindex="0">{grid(COLUMNS, rows)}</div>'


def _measures(table: Table) -> str:
    if not table.measures:
        return ""
    rows = [(one.name, one.description, one.unit or "", one.owner) for one in table.measures]
    shown = grid(("Measure", "What it means", "Unit", "Owner"), rows)
    return f'<h3>Approved measures</h3><div class="lw-scroll" tabindex="0">{shown}</div>'


def _lineage(catalog: Catalog, table: Table) -> str:
    found = picture(catalog, table) or '<p class="lw-about">No table that you see points at it or is pointed at.</p>'
    return f"<h3>What it hangs together with</h3>{found}"


def _why(lines: list[str]) -> str:
    if not lines:
        return ""
    items = "".join(f"<li>{text(line)}</li>" for line in lines)
    return f'<details><summary>Why you see what you see</summary><ul class="lw-plain">{items}</ul></details>'
