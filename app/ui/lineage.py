"""What a table hangs together with, as a picture in inline SVG: tables that point at it, and those that it is of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.ui.render import text
from data.catalog import Catalog, Table

WIDTH, BOX, HIGH, GAP, TOP = 760, 200, 40, 14, 10
MOST = 12
"""Tables on one side."""
LONGEST = 29

ARROW = (
    '<defs><marker id="lw-arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0L8 4L0 8z"/></marker></defs>'
)


@dataclass(frozen=True)
class Link:
    """Another table, and by which columns."""

    table: str
    way: str


def sides(catalog: Catalog, table: Table) -> tuple[list[Link], list[Link]]:
    """(what points at the table or reads it, what the table points at or is made of), in what the caller sees."""
    name, links = table.full_name, catalog.relationships
    into = [Link(link.table, f"{link.column} = {link.to_column}") for link in links if link.to_table == name]
    out = [Link(link.to_table, f"{link.column} = {link.to_column}") for link in links if link.table == name]
    into += [Link(one.full_name, "reads it") for one in catalog.tables if one.view and name in one.view.reads]
    out += [Link(one, "made of it") for one in (table.view.reads if table.view else ()) if one in catalog]
    return into, out


def picture(catalog: Catalog, table: Table) -> str:
    """The figure; empty for a table that stands alone."""
    into, out = sides(catalog, table)
    if not into and not out:
        return ""
    left, right = into[:MOST], out[:MOST]
    rows = max(len(left), len(right), 1)
    height = 2 * TOP + rows * (HIGH + GAP) - GAP
    middle = height / 2 - HIGH / 2
    marks = ARROW + _side(left, 0, middle, height, into=True) + _side(right, WIDTH - BOX, middle, height, into=False)
    marks += f'<g class="lw-middle">{_box((WIDTH - BOX) / 2, middle, table.full_name, "this table")}</g>'
    label = f"{table.full_name}: {len(into)} point at it, it points at {len(out)}"
    left_out = len(into) + len(out) - len(left) - len(right)
    more = f'<figcaption class="lw-about">and {left_out:,} more</figcaption>' if left_out else ""
    svg = f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{text(label)}">{marks}</svg>'
    return f'<figure class="lw-lineage" tabindex="0">{svg}{more}</figure>'


def _side(links: Sequence[Link], x: float, middle: float, height: float, *, into: bool) -> str:
    tall = len(links) * (HIGH + GAP) - GAP
    first = (height - tall) / 2
    return "".join(_linked(link, x, first + i * (HIGH + GAP), middle, into=into) for i, link in enumerate(links))


def _linked(link: Link, x: float, y: float, middle: float, *, into: bool) -> str:
    """A table with its arrow; arrows go from left to right."""
    start, end = (BOX, (WIDTH - BOX) / 2) if into else ((WIDTH + BOX) / 2, WIDTH - BOX)
    from_y, to_y = (y, middle) if into else (middle, y)
    half, bend = HIGH / 2, (start + end) / 2
    way = f"M{start} {from_y + half:.1f}C{bend} {from_y + half:.1f} {bend} {to_y + half:.1f} {end} {to_y + half:.1f}"
    return f'<path d="{way}" marker-end="url(#lw-arrow)"/>{_box(x, y, link.table, link.way)}'


def _box(x: float, y: float, name: str, way: str) -> str:
    title = f"<title>{text(name)}: {text(way)}</title>"
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{BOX}" height="{HIGH}" rx="6">{title}</rect>'
        f'<text x="{x + 10:.1f}" y="{y + 17:.1f}">{text(_short(name))}</text>'
        f'<text class="lw-way" x="{x + 10:.1f}" y="{y + 32:.1f}">{text(_short(way))}</text>'
    )


def _short(words: str) -> str:
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"
