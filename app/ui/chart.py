"""A chart as inline SVG, from the chart's specification {kind, x, y, title} and the rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Escape = Callable[[object], str]
Point = tuple[str, float]

WIDTH, BAR, LABEL, HEIGHT, MARGIN = 480, 22, 140, 180, 30
LONGEST_LABEL = 20


def svg(spec: Mapping[str, Any], columns: Sequence[str], rows: Sequence[Sequence[Any]], escape: Escape) -> str:
    """Bars for categories, a line over time; empty when the rows don't fit the specification."""
    if spec["x"] not in columns or spec["y"] not in columns:
        return ""
    x, y = columns.index(spec["x"]), columns.index(spec["y"])
    points = [(_said(row[x]), float(row[y])) for row in rows if isinstance(row[y], int | float)]
    if len(points) < 2:
        return ""
    height, marks = DRAWN[spec["kind"]](points, escape)
    title = escape(spec["title"])
    return (
        f'<figure class="lw-chart"><figcaption>{title}</figcaption>'
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{title}">{marks}</svg></figure>'
    )


def _bars(points: Sequence[Point], escape: Escape) -> tuple[int, str]:
    low, high = min(0.0, *(value for _, value in points)), max(0.0, *(value for _, value in points))
    scale = (WIDTH - LABEL - 90) / ((high - low) or 1)
    zero = LABEL - low * scale
    marks = "".join(_bar(i, name, value, zero, scale, escape) for i, (name, value) in enumerate(points))
    return BAR * len(points) + 4, marks


def _bar(i: int, name: str, value: float, zero: float, scale: float, escape: Escape) -> str:
    top, width = i * BAR + 2, abs(value) * scale
    left = zero if value >= 0 else zero - width
    return (
        f'<text x="{LABEL - 8}" y="{top + 14}" text-anchor="end">{escape(_short(name))}</text>'
        f'<rect x="{left:.1f}" y="{top}" width="{max(width, 1):.1f}" height="{BAR - 5}" rx="2"/>'
        f'<text x="{left + width + 6:.1f}" y="{top + 14}">{_figure(value)}</text>'
    )


def _line(points: Sequence[Point], escape: Escape) -> tuple[int, str]:
    ordered = sorted(points)
    values = [value for _, value in ordered]
    low, high = min(values), max(values)
    across, up = (WIDTH - 2 * MARGIN) / (len(ordered) - 1), (HEIGHT - 2 * MARGIN) / ((high - low) or 1)
    path = " ".join(f"{MARGIN + i * across:.1f},{HEIGHT - MARGIN - (v - low) * up:.1f}" for i, v in enumerate(values))
    first, last = escape(_short(ordered[0][0])), escape(_short(ordered[-1][0]))
    return HEIGHT, (
        f'<polyline points="{path}"/>'
        f'<text x="{MARGIN}" y="{HEIGHT - 8}">{first}</text>'
        f'<text x="{WIDTH - MARGIN}" y="{HEIGHT - 8}" text-anchor="end">{last}</text>'
        f'<text x="{MARGIN}" y="16">{_figure(high)}</text>'
        f'<text x="{MARGIN}" y="{HEIGHT - MARGIN + 14}">{_figure(low)}</text>'
    )


DRAWN: Mapping[str, Callable[[Sequence[Point], Escape], tuple[int, str]]] = {"bar": _bars, "line": _line}


def _said(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _short(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1] + "…"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
